#include "tests/sim/mesh/mesh_scenarios.hpp"

#include "tests/sim/mesh/memory_checker.hpp"
#include "tests/sim/mesh/mesh_checkers.hpp"
#include "tests/sim/mesh/mesh_programs.hpp"
#include "tests/sim/seeds.hpp"

#include <fmt/format.h>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;

using setup_of = std::function<member_setup(host_index)>;

cast make_mesh(world& on, std::shared_ptr<mesh_state> state, setup_of setup, std::unique_ptr<workload> work) {
  cast made;
  made.processes = [state, setup = std::move(setup)](environment& around) {
    return std::make_unique<mesh_process>(around, setup(around.host()), *state);
  };
  made.workload = std::move(work);
  made.checkers.push_back(promises_are_kept(on, *state));
  made.checkers.push_back(starts_only_move_forward(on, *state));
  made.checkers.push_back(retention_stops_at_leases(on));
  made.checkers.push_back(no_flow_goes_round(on));
  made.checkers.push_back(no_flow_without_a_taker(on));
  made.checkers.push_back(memory_is_bounded(on, *state));
  made.checkers.push_back(everybody_gets_all(on, *state));
  return made;
}

scenario with_all_faults(std::string name, std::string summary) {
  scenario item;
  item.name = std::move(name);
  item.summary = std::move(summary);
  item.defaults.faults = fault_options::everything(40);
  item.defaults.faults.of(fault_kind::cloned) = {}; // two logs with one id: see replication
  item.defaults.faults.of(fault_kind::sloppy) = {}; // links are TCP's
  item.defaults.faults.hosts_at_once = 2;
  item.defaults.safety = 60s;
  item.defaults.heal_within = 300s;
  return item;
}

/// Hosts can't dial those that are farther than this along the chain.
void make_chain(world& on, std::uint32_t reach) {
  for (std::uint32_t i = 0; i < on.hosts(); ++i) {
    host_set far;
    for (std::uint32_t k = 0; k < on.hosts(); ++k)
      if (k + reach < i || i + reach < k) far.add(host_index{k});
    on.network().add_rule({path_effect::undialable, {host_index{i}}, far});
  }
}

} // namespace

scenario mesh_scenario() {
  auto item = with_all_faults("mesh", "whatever goes wrong, nothing that was promised is lost, and everybody has all");
  item.defaults.world.hosts = 6;
  item.share = 32;
  item.marks = {"relay.joined_ahead",           "relay.joined_shared",       "relay.moved_to_another_hop",
                "relay.served_from_the_buffer", "routing.demand_not_nearer", "routing.demander_no_longer_farther",
                "routing.direct_dial_failed",   "routing.hop_refused",       "routing.hop_kept_for_others"};
  item.make = [](world& on, const run_options&) {
    auto state = std::make_shared<mesh_state>();
    return make_mesh(
        on, state, [](host_index) { return member_setup{}; }, mesh_programs(*state, {}));
  };
  return item;
}

scenario chain_scenario() {
  auto item = with_all_faults("chain", "each node can dial only the next ones: flows pass relays");
  item.defaults.world.hosts = 5;
  item.share = 24;
  item.marks = {"membership.orphan_missed", "relay.hop_broke_protocol"};
  item.make = [](world& on, const run_options&) {
    make_chain(on, 1);
    auto state = std::make_shared<mesh_state>();
    const auto setup = [](host_index host) {
      const auto last = host.value() == 0 ? 1U : host.value() - 1;
      return member_setup{true, {host_index{last}, host_index{host.value() + 1}}, {}};
    };
    program_options programs;
    programs.gray_relays = true;
    return make_mesh(on, state, setup, mesh_programs(*state, programs));
  };
  return item;
}

scenario zones_scenario() {
  auto item = with_all_faults("zones", "three zones: one relay crosses for each");
  item.defaults.world.hosts = 7;
  item.share = 10;
  item.make = [](world& on, const run_options&) {
    auto state = std::make_shared<mesh_state>();
    const auto setup = [](host_index host) { return member_setup{true, {{}}, fmt::format("z{}", host.value() % 3)}; };
    return make_mesh(on, state, setup, mesh_programs(*state, {}));
  };
  return item;
}

namespace {

/// A bug of the scenario's own: what came is kept.
class keeps_frames final : public mesh_process {
public:
  using mesh_process::mesh_process;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override {
    kept_.push_back(control);
    mesh_process::on_frame(link, control, payload);
  }

private:
  std::vector<shared_bytes> kept_;
};

/// Nodes come and go, but the first two, which live long enough to grow.
class with_churn final : public workload {
public:
  explicit with_churn(std::unique_ptr<workload> programs) : programs_(std::move(programs)) {}

  std::optional<microseconds> act(world& on, random_source& random) override {
    if (on.now() >= next_ && down_)
      on.start(*std::exchange(down_, std::nullopt));
    else if (on.now() >= next_)
      end_one(on, random);
    else
      return programs_->act(on, random);
    next_ = on.now() + microseconds{between(random, 5'000'000, 60'000'000)};
    return 1ms;
  }

private:
  void end_one(world& on, random_source& random) {
    down_ = host_index{static_cast<std::uint32_t>(between(random, 2, on.hosts() - 1))};
    if (random.below(2) == 0)
      on.kill(*down_);
    else
      on.stop(*down_);
  }

  std::unique_ptr<workload> programs_;
  virtual_time next_;
  std::optional<host_index> down_;
};

} // namespace

scenario hour_scenario() {
  scenario item;
  item.name = "hour";
  item.summary = "an hour in which nodes and programs come and go: nobody's memory grows (T25, T27)";
  item.defaults.world.hosts = 5;
  item.defaults.faults = fault_options::everything(12);
  for (const auto kind :
       {fault_kind::kill, fault_kind::power, fault_kind::stop, fault_kind::readdressed, fault_kind::disk_error,
        fault_kind::disk_full, fault_kind::disk_wiped, fault_kind::disk_old, fault_kind::cloned, fault_kind::sloppy})
    item.defaults.faults.of(kind) = {};
  item.defaults.safety = 1h;
  item.defaults.heal_within = 300s;
  item.make = [](world& on, const run_options& options) {
    auto state = std::make_shared<mesh_state>();
    state->keeps_little = true;
    program_options programs;
    programs.every = 500ms;
    auto made = make_mesh(
        on, state, [](host_index) { return member_setup{}; },
        std::make_unique<with_churn>(mesh_programs(*state, programs)));
    made.checkers.push_back(memory_does_not_grow(on, options.safety));
    if (options.bug == "frames_kept")
      made.processes = [state](environment& around) {
        return std::make_unique<keeps_frames>(around, member_setup{}, *state);
      };
    return made;
  };
  return item;
}

scenario slow_scenario() {
  scenario item;
  item.name = "slow";
  item.summary = "one program takes nothing for a long time: memory and everybody else stay as they are";
  item.defaults.world.hosts = 4;
  item.defaults.safety = 60s;
  item.defaults.heal_within = 300s;
  item.share = 16;
  item.marks = {"relay.fell_behind"};
  item.make = [](world& on, const run_options&) {
    make_chain(on, 1);
    auto state = std::make_shared<mesh_state>();
    state->segment_bytes = 1U << 20U;
    const auto setup = [](host_index host) {
      return member_setup{true, {host_index{host.value() == 0 ? 1U : host.value() - 1}}, {}};
    };
    auto made = make_mesh(on, state, setup, one_slow_program(*state));
    made.checkers.push_back(nobody_waits_for_the_slow(on, *state));
    return made;
  };
  return item;
}

} // namespace weft::sim
