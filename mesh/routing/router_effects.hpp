// mesh/routing/router_effects.hpp: what the router hears and what it has done.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/routing/log_source.hpp"
#include "mesh/routing/network_map.hpp"
#include "mesh/wire/control.hpp"

#include <variant>

namespace weft::routing {

struct router_in {
  /// A member came or changed, in any respect; this node itself too.
  struct member {
    network_map::member links;
    std::string name;
    bool alive = true;     ///< or suspect; not: dead or left, and it may come back
    bool dialable = false; ///< it has addresses
    wire::topic_summary topics;
  };
  /// A member is forgotten.
  struct member_gone {
    node_id id;
  };
  /// A link is there, or costs something else now.
  struct link_up {
    node_id peer;
    std::uint8_t cost = 0;
  };
  struct link_down {
    node_id peer;
  };
  /// A wanted link could not be made.
  struct unreachable {
    node_id id;
  };
  /// A subscription here wants events. With a log only that one, whatever topics its node has.
  struct interest {
    std::uint64_t id = 0;
    topic_pattern pattern;
    std::optional<log_id> log;
    std::string group{}; ///< of its member: a holder may serve others of the pattern and not this group
  };
  struct interest_gone {
    std::uint64_t id = 0;
  };
  /// A peer demands one log; it is served unless refused.
  struct peer_demand {
    node_id peer;
    std::uint64_t subscription = 0;
    log_id log;
    wire::distance distance;
    std::optional<node_id> source{}; ///< nothing: the log's own node
  };
  struct peer_withdraw {
    node_id peer;
    std::uint64_t subscription = 0;
  };
  struct peer_refresh {
    node_id peer;
    std::vector<wire::standing_demand> demands;
  };
  /// A hop that was demanded at gave a reason that may pass: no_route, busy.
  struct hop_refused {
    log_id log;
    node_id hop;
    std::optional<node_id> source{}; ///< that was named; nothing: the log's own node
    bool silent = false;             ///< it said nothing: without another hop it is asked again at once
  };
  /// A demand was sent to a hop: it is refreshed from now on.
  struct demanded {
    node_id hop;
    std::uint64_t subscription = 0;
    log_id log;
    std::optional<node_id> source{};
  };
  /// It was withdrawn, refused or closed.
  struct withdrawn {
    node_id hop;
    std::uint64_t subscription = 0;
  };
  /// The nodes that hold copies of the log, in the order in which they are asked. Replaces what was said before.
  struct holders {
    log_id log;
    std::vector<node_id> nodes;
  };
  /// Whether this node serves another node's log from a copy.
  struct holds {
    log_id log;
    bool serves = true;
  };
  /// A holder said errc::not_held to what interests of this pattern demand; others may fare better with it.
  struct source_refused {
    log_id log;
    node_id source;
    std::string pattern;
    std::string group{}; ///< as of the interests
  };
};

struct router_out {
  /// The interest means this log; once.
  struct source_found {
    std::uint64_t interest = 0;
    log_id log;
    std::string node; ///< the name of the log's node
  };
  /// The log's node is forgotten. While it is only away there is no_route, and the flow waits.
  struct source_gone {
    std::uint64_t interest = 0;
    log_id log;
  };
  /// Demand what comes from this source there from now on; of a copy that this node has, the hop is the node itself.
  struct route {
    log_id log;
    node_id hop;
    wire::distance distance;     ///< this node's own, for the demand
    bool withdraw_first = false; ///< the hop before is no longer nearer: no overlap
    node_id source{};
  };
  struct no_route {
    log_id log;
    error why;
    node_id source{};
  };
  /// Flows of interests of this pattern come from another source than before.
  struct moved {
    log_id log;
    std::string pattern;
    node_id source;
    std::optional<node_id> hop; ///< nothing: no way leads there now
    std::string group{};        ///< as of the interests
  };
  /// A peer's demand is not served, or no longer: send flow_closed.
  struct refuse {
    node_id peer;
    std::uint64_t subscription = 0;
    error why;
  };
  /// Send a demand_refresh.
  struct refresh {
    node_id hop;
    std::vector<wire::standing_demand> demands;
  };
  /// Make a link, or keep the one that is there; until released.
  struct want_link {
    node_id node;
  };
  struct release_link {
    node_id node;
  };
};

using router_effects = std::vector<std::variant<router_out::source_found, router_out::source_gone, router_out::route,
                                                router_out::no_route, router_out::moved, router_out::refuse,
                                                router_out::refresh, router_out::want_link, router_out::release_link>>;

} // namespace weft::routing
