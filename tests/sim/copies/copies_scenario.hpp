// tests/sim/copies/copies_scenario.hpp: logs whose topics have copies at other nodes.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] scenario copies_scenario();
/// Nodes that are dead for so long that others take their place.
[[nodiscard]] scenario replaced_scenario();

} // namespace weft::sim
