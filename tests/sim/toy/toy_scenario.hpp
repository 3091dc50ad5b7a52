// tests/sim/toy/toy_scenario.hpp: the toy under faults, and who checks it. The model of a scenario.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// Clients raise counts at random hosts; no count may go back, and in the end everybody knows all.
[[nodiscard]] scenario toy_scenario();

} // namespace weft::sim
