#include "tests/sim/membership/membership_scenario.hpp"

#include "tests/sim/membership/member_checkers.hpp"
#include "tests/sim/membership/member_process.hpp"

#include <fmt/format.h>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;

/// Topics come and go: each changes a record, which everybody must hear of.
class topic_changes final : public workload {
public:
  std::optional<microseconds> act(world& on, random_source& random) override {
    const host_index host{static_cast<std::uint32_t>(random.below(on.hosts()))};
    const auto topic = fmt::format("topic{}", random.below(5));
    on.visit(host, [&](process& p) { static_cast<member_process&>(p).change_topics(topic); });
    return microseconds{static_cast<std::int64_t>(random.below(4'000'000))};
  }
};

/// One node ends for good, the way the seed says; the others go on.
class one_goes final : public workload {
public:
  std::optional<microseconds> act(world& on, random_source& random) override {
    if (on.now().us < microseconds(1min).count()) return 1min;
    const host_index last{on.hosts() - 1};
    if (random.below(2) == 0)
      on.kill(last);
    else
      on.stop(last);
    return std::nullopt;
  }
};

process_factory members() {
  return [](environment& around) { return std::make_unique<member_process>(around); };
}

cast make_membership(world& on, const run_options&) {
  cast made;
  made.processes = members();
  made.workload = std::make_unique<topic_changes>();
  made.checkers.push_back(records_are_their_nodes(on));
  made.checkers.push_back(degree_is_bounded(on));
  made.checkers.push_back(neighbours_are_mutual(on));
  made.checkers.push_back(all_know_all());
  return made;
}

} // namespace

scenario membership_scenario() {
  scenario item;
  item.name = "membership";
  item.summary = "members find each other again, whatever went wrong";
  item.defaults.world.hosts = 9; // more than fit into an active view
  item.defaults.world.network.loss_per_mille = 100;
  item.defaults.world.network.duplicates_per_mille = 100;
  item.defaults.world.network.reorders_per_mille = 200;
  item.defaults.faults = fault_options::everything(60);
  item.defaults.faults.hosts_at_once = 3;
  item.defaults.safety = 90s;
  item.defaults.heal_within = 300s;
  item.share = 24;
  item.make = make_membership;
  item.marks = {"announcer.made_elsewhere",
                "announcer.refuted",
                "contacts.nobody_there",
                "detector.own_pause",
                "directory.accusers_max",
                "directory.dated_ahead",
                "gossip.bulk",
                "link_book.dialled_at_once",
                "link_book.newest_wins",
                "overlay.accepted_too_late",
                "overlay.heartbeat_of_no_neighbor",
                "overlay.refused_by_a_neighbor",
                "overlay.walks_too_often"};
  return item;
}

scenario false_deaths_scenario() {
  scenario item;
  item.name = "false-deaths";
  item.share = 6;
  item.summary = "pauses of up to ten seconds and lost frames kill nobody";
  item.defaults.world.hosts = 9;
  item.defaults.world.network.loss_per_mille = 50;
  item.defaults.faults.of(fault_kind::pause) = {120, 1s, 10s, 0, 0};
  item.defaults.faults.of(fault_kind::sloppy) = {20, 10s, 60s, 0, 0};
  item.defaults.faults.hosts_at_once = 2;
  item.defaults.safety = 300s;
  item.defaults.heal_within = 300s;
  item.marks = {"announcer.refuted", "detector.own_pause"};
  item.make = [](world& on, const run_options& options) {
    auto made = make_membership(on, options);
    made.checkers.push_back(nobody_dies_of_a_pause(on));
    return made;
  };
  return item;
}

scenario expiry_scenario() {
  scenario item;
  item.name = "expiry";
  item.share = 1;
  item.summary = "more than a day: what is dead for so long is forgotten";
  item.defaults.world.hosts = 4;
  item.defaults.safety = 25h;
  item.marks = {"directory.old_record_of_a_stranger"};
  item.defaults.heal_within = 300s;
  item.make = [](world& on, const run_options&) {
    cast made;
    made.processes = members();
    made.workload = std::make_unique<one_goes>();
    made.checkers.push_back(the_dead_are_forgotten(on));
    made.checkers.push_back(all_know_all());
    return made;
  };
  return item;
}

} // namespace weft::sim
