// mesh/wire/distance.hpp: how far a node is from a log. Demands carry it, so that each hop is strictly nearer.
#pragma once
#include <compare>
#include <cstdint>

namespace weft::wire {

/// Compared in the order of its parts. The log's own node has all zeros.
struct distance {
  std::uint16_t boundaries = 0; ///< zone boundaries left
  std::uint8_t rank = 0;        ///< 0: the log's node, or the relay that crosses the next boundary for its zone; else 1
  std::uint32_t cost = 0;       ///< sum over the links of 1 + announced cost; of rank 1 with boundaries: to the relay
  friend constexpr auto operator<=>(const distance&, const distance&) noexcept = default;
};

} // namespace weft::wire
