// actors/membership_memory.hpp: what outlives a crash of the membership.
#pragma once
#include "actors/membership.hpp"
#include "actors/router.hpp"

#include <map>

namespace weft::actors {

/// What it was told and what stands because of it: the next one begins with this. Only the membership touches it.
struct membership_memory {
  struct open_link {
    linked_peer peer;
    transport::dial_attempt attempt;
  };

  membership_parts parts;
  std::uint64_t starts = 0;
  std::uint64_t links = 0;
  std::map<membership::peer_link, open_link> open{};
  std::map<node_id, std::size_t> needed{}; ///< by how many

  [[nodiscard]] std::optional<membership::peer_link> link_of(const link_output_ptr& output) const {
    for (const auto& [link, item] : open)
      if (item.peer.output == output) return link;
    return std::nullopt;
  }
};

} // namespace weft::actors
