// tests/sim/seeds.hpp: one seed a run, and from it one stream of random numbers a purpose.
#pragma once
#include "mesh/base/random.hpp"

#include <cstdint>

namespace weft::sim {

/// What random numbers are drawn for. Each has its own stream, so that a fault less does not change a latency.
enum class purpose : std::uint8_t { network, latency, faults, workload, process, disk, clock, identity };

[[nodiscard]] inline seeded_random stream_of(std::uint64_t seed, purpose what, std::uint64_t which = 0) {
  seeded_random first(seed ^ (std::uint64_t{static_cast<std::uint8_t>(what)} + 1) * 0x9e3779b97f4a7c15U);
  seeded_random second(first.next() ^ which * 0xd6e8feb86659fd93U);
  return seeded_random(second.next());
}

/// Uniform in [least, most], both included. @pre least <= most
[[nodiscard]] inline std::int64_t between(random_source& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least) + 1));
}

} // namespace weft::sim
