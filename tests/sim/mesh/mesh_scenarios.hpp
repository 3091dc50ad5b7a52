// tests/sim/mesh/mesh_scenarios.hpp: meshes of whole nodes whose programs publish and subscribe.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// Everything goes wrong; afterwards nothing that was promised is lost, and everybody has all.
[[nodiscard]] scenario mesh_scenario();
/// Each node can dial only the next ones: flows pass relays, of which some are not honest.
[[nodiscard]] scenario chain_scenario();
/// Three zones: one relay crosses for each.
[[nodiscard]] scenario zones_scenario();
/// One program takes nothing for a long time: memory and everybody else stay as they are.
[[nodiscard]] scenario slow_scenario();
/// An hour in which nodes and programs come and go: nobody's memory grows.
[[nodiscard]] scenario hour_scenario();

} // namespace weft::sim
