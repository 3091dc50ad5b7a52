// tests/sim/records/records_scenario.hpp: topics are decided on at all nodes at once.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// After all faults everybody has the same records, and what an operator was told is kept or was beaten.
[[nodiscard]] scenario records_scenario();

} // namespace weft::sim
