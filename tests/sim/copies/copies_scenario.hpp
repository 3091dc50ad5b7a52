// tests/sim/copies/copies_scenario.hpp: logs whose topics have copies at other nodes.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] scenario copies_scenario();
/// Nodes that are dead for so long that others take their place, and come back (of T31 what concerns holders: nobody
/// assigns copies, halves of a mesh that list other holders agree when they meet).
[[nodiscard]] scenario replaced_scenario();

} // namespace weft::sim
