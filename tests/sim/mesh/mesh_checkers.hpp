// tests/sim/mesh/mesh_checkers.hpp: what must hold of whole nodes, at each step and when all is well again.
#pragma once
#include "tests/sim/mesh/mesh_process.hpp"
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] mesh_process* mesh_node_on(const world& on, host_index host);
/// The processes of all machines that have a node running.
[[nodiscard]] std::vector<mesh_process*> mesh_nodes(const world& on);

/// A1, A4: what was acknowledged as synced is in its log, and what programs got is what they had to get.
[[nodiscard]] std::unique_ptr<checker> promises_are_kept(world& on, mesh_state& state);
/// A topic's start never goes back, restarts included (T12).
[[nodiscard]] std::unique_ptr<checker> starts_only_move_forward(world& on, mesh_state& state);
/// What a lease holds stays, whatever retention may remove.
[[nodiscard]] std::unique_ptr<checker> retention_stops_at_leases(world& on);
/// A7: in the end every program has all that there is.
[[nodiscard]] std::unique_ptr<checker> everybody_gets_all(world& on, mesh_state& state);
/// T32, and of T36 what concerns flows: who takes what comes has it soon, whatever others do.
[[nodiscard]] std::unique_ptr<checker> nobody_waits_for_the_slow(world& on, mesh_state& state);
/// No flow goes round, whatever each node believes.
[[nodiscard]] std::unique_ptr<checker> no_flow_goes_round(world& on);
/// A relay asks for nothing that nobody wants any more.
[[nodiscard]] std::unique_ptr<checker> no_flow_without_a_taker(world& on);
/// A6.
[[nodiscard]] std::unique_ptr<checker> memory_is_bounded(world& on, mesh_state& state);

} // namespace weft::sim
