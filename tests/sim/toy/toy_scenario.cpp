#include "tests/sim/toy/toy_scenario.hpp"

#include "tests/sim/toy/toy.hpp"

#include <fmt/format.h>

namespace weft::sim {
namespace {

const toy_process* toy_on(const world& w, host_index host) { return static_cast<toy_process*>(w.process_of(host)); }

class raises final : public workload {
public:
  std::optional<microseconds> act(world& on, random_source& random) override {
    constexpr microseconds mean_gap{10'000};
    const host_index host{static_cast<std::uint32_t>(random.below(on.hosts()))};
    on.visit(host, [](process& p) { static_cast<toy_process&>(p).raise(); });
    return microseconds{static_cast<std::int64_t>(random.below(2 * static_cast<std::uint64_t>(mean_gap.count())))};
  }
};

/// What a host has told is true for ever.
class counts_never_go_back final : public checker {
public:
  explicit counts_never_go_back(world& on) : world_(on) {}
  std::string_view name() const override { return "counts_never_go_back"; }

  void on_step(host_index host) override {
    const auto* const toy = toy_on(world_, host);
    if (toy == nullptr || toy->unusable()) return;
    if (host.value() >= highest_.size()) highest_.resize(host.value() + 1);
    auto& highest = highest_[host.value()];
    if (toy->count() < highest)
      return world_.fail(name(), fmt::format("h{} says {} after {}", host.value(), toy->count(), highest));
    highest = toy->count();
  }

private:
  world& world_;
  std::vector<std::uint64_t> highest_; // by host
};

class everybody_knows_all final : public checker {
public:
  explicit everybody_knows_all(std::uint32_t hosts) : hosts_(hosts) {}
  std::string_view name() const override { return "everybody_knows_all"; }
  bool converged(world& on) override { return missing(on).empty(); }

  std::string missing(world& on) override {
    for (std::uint32_t i = 0; i < hosts_; ++i)
      for (std::uint32_t k = 0; k < hosts_; ++k)
        if (const auto *knows = toy_on(on, host_index{i}), *of = toy_on(on, host_index{k});
            knows->heard(k) != of->count())
          return fmt::format("h{} has heard {} of h{}, which is at {}", i, knows->heard(k), k, of->count());
    return {};
  }

private:
  std::uint32_t hosts_;
};

cast make(world& on, const run_options& options) {
  cast made;
  const auto hosts = options.world.hosts;
  made.processes = [hosts, bug = options.bug](environment& around) {
    return std::make_unique<toy_process>(around, hosts, bug);
  };
  made.workload = std::make_unique<raises>();
  made.checkers.push_back(std::make_unique<counts_never_go_back>(on));
  made.checkers.push_back(std::make_unique<everybody_knows_all>(hosts));
  return made;
}

} // namespace

scenario toy_scenario() {
  scenario toy;
  toy.name = "toy";
  toy.summary = "counts that never go back, told to everybody: proves the simulator itself";
  toy.share = 4;
  toy.defaults.world.hosts = 5;
  toy.defaults.world.network.loss_per_mille = 100;
  toy.defaults.world.network.duplicates_per_mille = 100;
  toy.defaults.world.network.reorders_per_mille = 200;
  toy.defaults.faults = fault_options::everything(150);
  // It has no defence against these.
  for (const auto kind : {fault_kind::disk_wiped, fault_kind::disk_old, fault_kind::readdressed})
    toy.defaults.faults.of(kind).per_hour = 0;
  toy.defaults.faults.hosts_at_once = 2;
  toy.make = make;
  toy.marks = {"toy.save_failed", "toy.silent_link"};
  return toy;
}

} // namespace weft::sim
