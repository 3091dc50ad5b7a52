#include "tests/sim/scenarios.hpp"

#include "tests/sim/toy/toy_scenario.hpp"

#include <algorithm>

namespace weft::sim {

const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{toy_scenario()};
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
  };
  return all;
}

} // namespace weft::sim
