// actors/router_memory.hpp: what outlives a crash of the router.
#pragma once
#include "actors/relay_table.hpp"
#include "actors/router.hpp"
#include "mesh/routing/peer_demands.hpp"

#include <map>
#include <set>
#include <utility>

namespace weft::actors {

/// What the router was told and what stands because of it: the next one begins with this. Only the router touches it.
struct router_memory {
  struct peer {
    linked_peer who;
    std::optional<std::uint8_t> cost; ///< nothing: not measured yet
    wall_time since;
  };
  struct local_interest {
    routing::router_in::interest wanted;
    subscription_ref by;
  };
  struct served_demand {
    routing::log_source source;
    wire::distance distance; ///< as told last
  };

  std::map<node_id, peer> peers;
  std::map<node_id, routing::router_in::member> members;
  std::set<node_id> guessed; ///< members that were linked and whose record is not known
  std::map<std::uint64_t, local_interest> interests;
  std::map<routing::demand_key, served_demand> demands;                      ///< of peers, accepted
  std::map<std::pair<node_id, std::uint64_t>, routing::log_source> standing; ///< this node's own, by hop and number
  std::map<log_id, std::vector<node_id>> holders;       ///< of others' logs, in the order in which they are asked
  std::set<log_id> held;                                ///< that this node serves from copies
  std::map<std::uint64_t, subscription_ref> own_copies; ///< what reads them for relays here, by the demand's number
  std::set<node_id> wanted_links;
  relay_table relays;

  /// Empty: not known.
  [[nodiscard]] std::string name_of(const node_id& id) const {
    const auto found = members.find(id);
    return found == members.end() ? std::string() : found->second.name;
  }
};

} // namespace weft::actors
