// tests/sim/groups/groups_scenario.hpp: members of a group come, go, are slow and vanish while they share logs.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] scenario groups_scenario();

} // namespace weft::sim
