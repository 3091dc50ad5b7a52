#include "tests/sim/records/records_scenario.hpp"

#include "tests/sim/records/record_process.hpp"

#include <fmt/format.h>
#include <map>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;
using membership::topic_decision;

/// What operators were told: of each topic, by whom, the highest version that is kept.
struct told_versions {
  std::map<std::string, std::map<host_index, wire::item_version>> of;
};

record_process* process_on(const world& w, host_index host) { return static_cast<record_process*>(w.process_of(host)); }

topic_decision drawn_decision(random_source& random) {
  topic_decision wanted;
  wanted.topic = fmt::format("topic{}", random.below(40));
  switch (random.below(6)) {
  case 0: wanted.deleted = true; break;
  case 1: wanted.by_publish = true; [[fallthrough]];
  default:
    wanted.settings.replicas = static_cast<std::uint8_t>(random.below(limits::replicas_max + 1));
    wanted.settings.description = std::string(random.below(40), 'd');
  }
  return wanted;
}

/// Operators create, alter and delete at any node, often the same topic at once.
class decisions final : public workload {
public:
  explicit decisions(std::shared_ptr<told_versions> told) : told_(std::move(told)) {}

  std::optional<microseconds> act(world& on, random_source& random) override {
    const host_index host{static_cast<std::uint32_t>(random.below(on.hosts()))};
    const auto wanted = drawn_decision(random);
    std::optional<wire::item_version> version;
    on.visit(host, [&](process& p) { version = static_cast<record_process&>(p).decide(wanted); });
    if (version) told_->of[wanted.topic][host] = *version;
    return microseconds{static_cast<std::int64_t>(random.below(3) == 0 ? 0 : random.below(2'000'000))};
  }

private:
  std::shared_ptr<told_versions> told_;
};

/// While it runs, a node's record of a topic only becomes newer.
class only_newer final : public checker {
public:
  explicit only_newer(world& on) : world_(on) {}
  std::string_view name() const override { return "records_only_become_newer"; }

  void on_step(host_index host) override {
    const auto* process = process_on(world_, host);
    const auto* topics = process == nullptr ? nullptr : process->topics();
    if (topics == nullptr) return;
    for (const auto& [topic, held] : topics->all()) {
      const auto version = wire::version_of(held.record);
      auto& before = seen_[host][topic];
      if (version < before)
        return world_.fail(name(), fmt::format("h{} has an older record of {}", host.value(), topic));
      before = version;
    }
  }
  void on_host(host_index host, host_change) override { seen_.erase(host); }

private:
  world& world_;
  std::map<host_index, std::map<std::string, wire::item_version>> seen_;
};

/// In the end all have the same records, none older than what anybody was told is kept on a disk that lost nothing.
class same_everywhere final : public checker {
public:
  explicit same_everywhere(std::shared_ptr<told_versions> told) : told_(std::move(told)) {}
  std::string_view name() const override { return "records_are_the_same_everywhere"; }

  void on_host(host_index host, host_change change) override {
    if (change != host_change::wiped && change != host_change::restored) return;
    for (auto& [topic, by] : told_->of)
      by.erase(host);
  }
  bool converged(world& on) override { return missing(on).empty(); }
  std::string missing(world& on) override {
    const membership::topic_records* first = nullptr;
    for (std::uint32_t i = 0; i < on.hosts(); ++i) {
      const auto* process = process_on(on, host_index{i});
      const auto* topics = process == nullptr ? nullptr : process->topics();
      if (topics == nullptr) continue;
      if (first == nullptr) first = topics;
      if (auto what = differing(*first, *topics); !what.empty()) return fmt::format("h{}: {}", i, what);
      if (auto what = lost(*topics); !what.empty()) return fmt::format("h{}: {}", i, what);
    }
    return {};
  }

private:
  static std::string differing(const membership::topic_records& a, const membership::topic_records& b) {
    if (a.all().size() != b.all().size()) return fmt::format("{} topics instead of {}", b.all().size(), a.all().size());
    for (const auto& [topic, held] : a.all()) {
      const auto* other = b.find(topic);
      if (other == nullptr || other->item != held.item) return fmt::format("another record of {}", topic);
    }
    return {};
  }
  std::string lost(const membership::topic_records& topics) const {
    for (const auto& [topic, by] : told_->of)
      for (const auto& [host, version] : by) {
        const auto* held = topics.find(topic);
        if (held == nullptr || wire::version_of(held->record) < version)
          return fmt::format("what h{} decided on {} is lost", host.value(), topic);
      }
    return {};
  }

  std::shared_ptr<told_versions> told_;
};

} // namespace

scenario records_scenario() {
  scenario item;
  item.name = "records";
  item.share = 6;
  item.summary = "whoever decides on topics, in the end all nodes have the same decisions, and none is lost";
  item.defaults.world.hosts = 7;
  item.defaults.world.network.loss_per_mille = 100;
  item.defaults.world.network.duplicates_per_mille = 100;
  item.defaults.world.network.reorders_per_mille = 200;
  item.defaults.faults = fault_options::everything(60);
  item.defaults.faults.of(fault_kind::cloned) = {};          // two nodes with one key decide as one
  item.defaults.faults.of(fault_kind::power).per_hour = 600; // also just after a decision, with nobody in reach
  item.defaults.faults.of(fault_kind::split).per_hour = 240;
  item.defaults.faults.hosts_at_once = 3;
  item.defaults.safety = 60s;
  item.defaults.heal_within = 300s;
  item.make = [](world& on, const run_options& options) {
    const auto told = std::make_shared<told_versions>();
    cast made;
    made.processes = [bug = options.bug](environment& around) { return std::make_unique<record_process>(around, bug); };
    made.workload = std::make_unique<decisions>(told);
    made.checkers.push_back(std::make_unique<only_newer>(on));
    made.checkers.push_back(std::make_unique<same_everywhere>(told));
    return made;
  };
  item.marks = {"topic_records.dated_ahead"};
  return item;
}

} // namespace weft::sim
