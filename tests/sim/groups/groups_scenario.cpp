#include "tests/sim/groups/groups_scenario.hpp"

#include "tests/sim/groups/consumer_process.hpp"
#include "tests/sim/groups/holder_process.hpp"
#include "tests/sim/groups/source_process.hpp"

namespace weft::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t sources = 2;               // the first hosts
constexpr std::uint32_t owner = 0, its_holder = 1; // where a log has a copy

/// Any of the four, by the seed. What fails now and then is tried so often that it never counts as hopeless.
weft::delivery::failure_policy policy_of(std::uint64_t seed) {
  return {static_cast<weft::delivery::after_failing>(seed % 4), 12, 20ms, 300ms};
}

/// Events to all logs, some slots more than others; and now and then a member that comes or goes.
class publishing final : public workload {
public:
  /// @param logs  the hosts that publish
  publishing(unsigned hopeless, std::uint32_t logs) : hopeless_(hopeless), logs_(logs) {}

  std::optional<microseconds> act(world& on, random_source& random) override {
    const host_index source{static_cast<std::uint32_t>(random.below(logs_))};
    on.visit(source, [&](process& p) {
      for (auto events = 1 + random.below(40); events > 0; --events)
        publish(static_cast<source_process&>(p), random);
    });
    if (random.below(8) == 0) {
      const host_index host{sources + static_cast<std::uint32_t>(random.below(on.hosts() - sources))};
      on.visit(host, [&](process& p) {
        auto& consumer = static_cast<consumer_process&>(p);
        switch (random.below(5)) {
        case 0: return consumer.lose_member();
        case 1:
        case 2: return consumer.remove_member();
        default: return consumer.add_member();
        }
      });
    }
    return microseconds{static_cast<std::int64_t>(random.below(50'000))};
  }

private:
  /// Of what fails most, half is rejected by who tries it.
  void publish(source_process& at, random_source& random) const {
    const slot of{static_cast<std::uint16_t>(random.below(random.below(2) == 0 ? 8 : 300))};
    const auto kind = random.below(1000);
    if (kind < 4) return at.publish(of, hopeless_, kind < 2);
    at.publish(of, kind < 22 ? 1 + static_cast<unsigned>(random.below(2)) : 0, false);
  }

  unsigned hopeless_; // how often those are tried in vain that fail most
  std::uint32_t logs_;
};

/// The book fails the run when something is not as it must be; this asks it in the end.
class everything_once final : public checker {
public:
  explicit everything_once(std::shared_ptr<group_book> book) : book_(std::move(book)) {}
  std::string_view name() const override { return "everything_is_processed"; }
  bool converged(world&) override { return book_->missing().empty(); }
  std::string missing(world&) override { return book_->missing(); }
  void on_host(host_index host, host_change change) override {
    if (change != host_change::started) book_->gone(host);
  }

private:
  std::shared_ptr<group_book> book_;
};

/// @param held  the first host's log is the only one, and the second one has a copy
cast make(world& on, const run_options& options, bool held) {
  const auto policy = policy_of(options.seed);
  const auto book = std::make_shared<group_book>(on, held ? 1 : sources, policy);
  if (held) book->holders[owner] = host_index{its_holder};
  cast made;
  made.processes = [book, held](environment& around) -> std::unique_ptr<process> {
    if (held && around.host().value() == its_holder) return std::make_unique<holder_process>(around, *book, owner);
    if (around.host().value() < sources) return std::make_unique<source_process>(around, *book);
    return std::make_unique<consumer_process>(around, *book);
  };
  made.workload = std::make_unique<publishing>(
      policy.then == weft::delivery::after_failing::block ? 6 : group_log::always, held ? 1 : sources);
  made.checkers.push_back(std::make_unique<everything_once>(book));
  return made;
}

} // namespace

scenario groups_scenario() {
  scenario item;
  item.name = "groups";
  item.summary =
      "members come, go, are slow and vanish: each slot has one holder, in order, and nothing is passed over";
  item.share = 12;
  item.defaults.world.hosts = 6;
  item.defaults.safety = 30s;
  item.defaults.heal_within = 300s;
  item.defaults.faults = fault_options::everything(0);
  for (const auto kind : {fault_kind::kill, fault_kind::stop, fault_kind::cut_pair, fault_kind::cut_one_way,
                          fault_kind::split, fault_kind::clog})
    item.defaults.faults.of(kind).per_hour = 200;
  item.defaults.faults.of(fault_kind::link_break).per_hour = 600;
  item.defaults.faults.of(fault_kind::kill).per_hour = 600;
  item.defaults.faults.of(fault_kind::pause).per_hour = 200;
  for (const auto kind : {fault_kind::pause, fault_kind::cut_pair, fault_kind::clog, fault_kind::split})
    item.defaults.faults.of(kind).lasts_max = 20s; // beyond leases
  item.defaults.faults.hosts_at_once = 2;
  item.make = [](world& on, const run_options& options) { return make(on, options, false); };
  item.marks = {"group_source.member_came_anew", "group_source.zombie_commit", "group_source.lease_ended",
                "group_member.came_again",       "group_member.lease_ended",   "group_source.tried_alone",
                "group_source.rejected"};
  return item;
}

scenario takeups_scenario() {
  auto item = groups_scenario();
  item.name = "takeups";
  item.summary =
      "the log's node ends, and a holder of its copy shares the log out: each slot has one holder at each, and "
      "nothing is passed over";
  item.share = 3;
  item.defaults.world.hosts = 4;
  item.defaults.heal_within = 900s; // few members have all the work
  auto& faults = item.defaults.faults;
  for (const auto kind : {fault_kind::kill, fault_kind::stop})
    faults.of(kind).lasts_max = 20s; // long enough for a holder to take the group up
  item.make = [](world& on, const run_options& options) { return make(on, options, true); };
  item.marks = {"takeup.taken_up", "takeup.merged"};
  return item;
}

} // namespace weft::sim
