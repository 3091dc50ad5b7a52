// mesh/membership/gossip_effects.hpp: what gossip wants done.
#pragma once
#include "mesh/membership/item_store.hpp"

#include <variant>

namespace weft::membership {

struct gossip_out {
  struct send {
    node_id to;
    wire::mesh_message message;
  };
  /// Close the peer's link: it sent what no honest node does.
  using drop_peer = offence;
};
using gossip_effects = std::vector<std::variant<gossip_out::send, gossip_out::drop_peer>>;

/// Sends items in as many messages as the limits of one make necessary.
/// @param answer  they were asked for
void send_items(const node_id& to, const std::vector<wire::item>& items, bool answer, gossip_effects& fx);

} // namespace weft::membership
