// tests/sim/groups/groups_scenario.hpp: members of a group come, go, are slow and vanish while they share logs.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] scenario groups_scenario();
/// The same with a log that has a copy, at whose holder the group goes on.
[[nodiscard]] scenario takeups_scenario();

} // namespace weft::sim
