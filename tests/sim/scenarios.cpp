#include "tests/sim/scenarios.hpp"

#include "tests/sim/copies/copies_scenario.hpp"
#include "tests/sim/groups/groups_scenario.hpp"
#include "tests/sim/membership/membership_scenario.hpp"
#include "tests/sim/mesh/mesh_scenarios.hpp"
#include "tests/sim/records/records_scenario.hpp"
#include "tests/sim/toy/toy_scenario.hpp"

namespace weft::sim {

const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{
      toy_scenario(),      membership_scenario(), false_deaths_scenario(), expiry_scenario(),  mesh_scenario(),
      chain_scenario(),    zones_scenario(),      slow_scenario(),         records_scenario(), copies_scenario(),
      replaced_scenario(), hour_scenario(),       groups_scenario(),       takeups_scenario()};
  return all;
}

const std::vector<bug_row>& bugs() {
  static const std::vector<bug_row> all{
      {"toy_tells_before_sync", "toy", 2},
      {"toy_never_redials", "toy"},
      {"incarnation_not_persisted", "membership"},
      {"others_incarnation_raised", "membership", 141},
      {"one_sided_neighbor", "membership"},
      {"refutation_dropped", "false-deaths"},
      {"dead_never_expired", "expiry"},
      {"records_dated_for_good", "records"},
      {"ack_before_sync", "mesh", 2},
      {"serve_before_sync", "mesh"},
      {"epoch_not_bumped", "mesh"},
      {"tail_reused", "mesh"},
      {"start_moved_back", "mesh"},
      {"extract_without_place", "mesh"},
      {"retention_below_lease", "mesh"},
      {"unequal_demands_merged", "mesh"},
      {"withdrawn_demand_kept", "mesh"},
      {"equal_distance_accepted", "mesh"},
      {"run_coverage_unchecked", "chain"},
      {"credit_added", "slow"},
      {"frames_kept", "hour"},
      {"replica_confirms_before_sync", "copies"},
      {"repair_overwrites_valid", "copies"},
      {"higher_own_epoch_ignored", "copies"},
      {"slot_moved_while_held", "groups"},
      {"returned_counts_as_done", "groups"},
      {"taken_back_not_again", "groups"},
      {"cursor_beyond_floor", "groups"},
      {"known_event_begun_again", "groups", 3},
      {"group_lease_ignored", "groups", 16},
      {"handed_out_before_saved", "groups", 7},
      {"begun_not_told", "groups", 4},
      {"group_window_ignored", "groups"},
      {"waiting_slot_goes_on", "groups", 1},
      {"parked_key_goes_on", "groups", 1},
      {"rejected_tried_again", "groups"},
      {"taken_up_holders_forgotten", "takeups", 15},
      {"withheld_slot_handed_out", "takeups", 1},
      {"taken_up_floor_for_all", "takeups", 7},
  };
  return all;
}

} // namespace weft::sim
