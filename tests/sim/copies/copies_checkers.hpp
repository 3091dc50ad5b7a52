// tests/sim/copies/copies_checkers.hpp: what must hold of copies, at each step and when all is well again.
#pragma once
#include "tests/sim/copies/copies_process.hpp"
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] copies_process* copies_node_on(const world& on, host_index host);
[[nodiscard]] host_index copies_host(const copies_state& state, const node_id& node);

/// What a holder has confirmed stays on its disk, whatever happens but the disk's loss.
[[nodiscard]] std::unique_ptr<checker> confirmed_stays(world& on, copies_state& state);
/// What was acknowledged is at the holders that count for it and can be read there while its node is away; nothing is
/// invented, and entries are the same bytes wherever they are (T16, T20-T22).
[[nodiscard]] std::unique_ptr<checker> copies_serve_what_was_promised(world& on, copies_state& state);
/// What a topic's level does not cover yet is read by nobody.
[[nodiscard]] std::unique_ptr<checker> nobody_reads_before_the_level(world& on, copies_state& state);
/// In the end each log has all its copies and writes an epoch that is not older than theirs, and every ack came.
[[nodiscard]] std::unique_ptr<checker> every_log_has_its_copies(world& on, copies_state& state);
/// A log's node knows which topics have lacked copies for long.
[[nodiscard]] std::unique_ptr<checker> shortages_are_known(world& on, copies_state& state);

} // namespace weft::sim
