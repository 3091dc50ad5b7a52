// mesh/membership/peer_link.hpp: the words about links that the machines here share.
#pragma once
#include "mesh/base/strong.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace weft::membership {

/// One link to a proven node, as the shell numbers them; never used again.
using peer_link = strong<struct peer_link_tag, std::uint64_t>;
/// One try to connect, as link_book numbers them; never used again.
using dial_number = strong<struct dial_number_tag, std::uint64_t>;
/// The key that a node's links are encrypted with (CURVE).
using link_key = std::array<std::uint8_t, 32>;

/// How to dial a node.
struct contact {
  std::vector<std::string> addresses; ///< best first; none: it can only dial
  link_key key{};
};

/// What a link is for. Each is one need, however often it is told.
enum class link_use : std::uint8_t { overlay, flow, contact };

/// How a link ended.
enum class link_end : std::uint8_t {
  closed,   ///< by one of the two, in order
  broken,   ///< the connection was lost
  silent,   ///< nothing came any more
  replaced, ///< another link to the same node takes its place at once
};

} // namespace weft::membership
