#include "tests/sim/scenarios.hpp"

#include "tests/sim/membership/membership_scenario.hpp"
#include "tests/sim/mesh/mesh_scenarios.hpp"
#include "tests/sim/records/records_scenario.hpp"
#include "tests/sim/toy/toy_scenario.hpp"

#include <algorithm>

namespace weft::sim {

const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{toy_scenario(),    membership_scenario(), false_deaths_scenario(),
                                         expiry_scenario(), mesh_scenario(),       chain_scenario(),
                                         zones_scenario(),  slow_scenario(),       records_scenario()};
  return all;
}

const scenario* scenario_of(std::string_view name) {
  const auto found = std::ranges::find(scenarios(), name, &scenario::name);
  return found == scenarios().end() ? nullptr : &*found;
}

const std::vector<bug_row>& bugs() {
  static const std::vector<bug_row> all{
      {"toy_tells_before_sync", "toy"},
      {"toy_never_redials", "toy"},
      {"incarnation_not_persisted", "membership"},
      {"others_incarnation_raised", "membership"},
      {"one_sided_neighbor", "membership"},
      {"refutation_dropped", "false-deaths"},
      {"dead_never_expired", "expiry"},
      {"records_dated_for_good", "records"},
      {"extract_without_place", "mesh"},
      {"unequal_demands_merged", "mesh"},
      {"withdrawn_demand_kept", "mesh"},
      {"equal_distance_accepted", "mesh"},
      {"run_coverage_unchecked", "chain"},
      {"credit_added", "slow"},
  };
  return all;
}

} // namespace weft::sim
