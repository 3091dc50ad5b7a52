// tests/sim/mesh/mesh_programs.hpp: what the programs of a simulated mesh do: publish, subscribe, seek, stand still.
#pragma once
#include "tests/sim/mesh/mesh_process.hpp"
#include "tests/sim/scenario.hpp"

namespace weft::sim {

struct program_options {
  microseconds every{25'000};       ///< between two acts, on average
  std::size_t consumers_max = 14;   ///< at a time
  std::size_t padding_max = 200;    ///< bytes of most events
  std::size_t large_padding = 3000; ///< of one in ten
  bool gray_relays = false;         ///< some withhold runs for a while
  bool slow_ones = true;            ///< programs stand still for a while
};

[[nodiscard]] std::unique_ptr<workload> mesh_programs(mesh_state& state, program_options options);
/// Much is published at two nodes, everybody reads it, and one program stands still nearly all the time (T32).
[[nodiscard]] std::unique_ptr<workload> one_slow_program(mesh_state& state);

} // namespace weft::sim
