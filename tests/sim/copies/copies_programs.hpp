// tests/sim/copies/copies_programs.hpp: programs that publish, and somebody who hands out wrong entries.
#pragma once
#include "tests/sim/copies/copies_process.hpp"
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// Publishes at any node; now and then a copy is to be repaired with valid entries of a clone that wrote something
/// else, at a place where the copy has the log's own.
/// @param every  mean time between two doings
[[nodiscard]] std::unique_ptr<workload> copies_programs(copies_state& state, microseconds every);

} // namespace weft::sim
