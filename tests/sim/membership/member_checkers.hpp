// tests/sim/membership/member_checkers.hpp: what must hold of members, at each step and when all is well again.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// Nobody knows a record of a node that the node has not made, and no two differ under one version.
[[nodiscard]] std::unique_ptr<checker> records_are_their_nodes(world& on);
/// Neighbours are few.
[[nodiscard]] std::unique_ptr<checker> degree_is_bounded(world& on);
/// When all is well: everybody knows everybody's newest record, neighbours are mutual, and together they are one.
[[nodiscard]] std::unique_ptr<checker> all_know_all();
/// When the faults are over, nobody holds one for a neighbour that does not hold it for one.
[[nodiscard]] std::unique_ptr<checker> neighbours_are_mutual(world& on);
/// Nobody is held dead that was only paused.
[[nodiscard]] std::unique_ptr<checker> nobody_dies_of_a_pause(world& on);
/// What is dead or has left is forgotten in time.
[[nodiscard]] std::unique_ptr<checker> the_dead_are_forgotten(world& on);

} // namespace weft::sim
