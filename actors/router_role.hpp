// actors/router_role.hpp: the actor behind router_ref, and what it is told. Only these two include it.
#pragma once
#include "actors/router.hpp"
#include "actors/router_memory.hpp"

#include <memory>
#include <variant>

namespace weft::actors {

struct router_ref::message {
  struct came {
    linked_peer peer;
  };
  struct went {
    node_id id;
    link_output_ptr output;
  };
  struct measured {
    node_id peer;
    std::uint8_t cost;
  };
  struct dial_failed {
    node_id node;
  };
  struct member_changed {
    routing::router_in::member one;
  };
  struct member_forgotten {
    node_id id;
  };
  struct interest_came {
    routing::router_in::interest wanted;
    subscription_ref by;
  };
  struct interest_went {
    std::uint64_t id;
  };
  struct flow_joins {
    wire::demand wanted;
    std::shared_ptr<relay_downstream> flow;
    subscription_ref by;
  };
  struct flow_leaves {
    std::uint64_t flow;
  };
  struct flow_released {
    std::shared_ptr<relay_downstream> flow;
  };
  struct peer_demands {
    linked_peer by;
    wire::demand wanted;
  };
  struct peer_withdraws {
    node_id peer;
    link_output_ptr output;
    std::uint64_t number;
  };
  struct peer_refreshes {
    node_id peer;
    link_output_ptr output;
    std::vector<wire::standing_demand> demands;
  };
  struct route_asked {
    relay_ref by;
  };
  struct demand_hop {
    node_id hop;
    wire::demand wanted;
    relay_ref by;
  };
  struct withdraw_hop {
    node_id hop;
    std::uint64_t number;
  };
  struct hop_refuses {
    routing::log_source source;
    node_id hop;
    bool silent;
  };
  struct source_refuses {
    routing::log_source source;
    std::string pattern, group;
  };
  struct holders_known {
    log_id log;
    std::vector<node_id> nodes;
  };
  struct copy_served {
    log_id log;
    bool serves;
  };
  struct node_asked {
    node_question asked;
    reply<std::string> to;
  };
  struct peer_asks {
    node_id peer;
    link_output_ptr output;
    wire::query asked;
  };
  struct peer_answers {
    node_id peer;
    link_output_ptr output;
    wire::answer said;
  };
  struct question_over {};
  struct questions_tick {
    mono_time due;
  };
  struct list_links {
    reply<std::string> to;
  };
  struct list_routes {
    topic_pattern topics;
    reply<std::string> to;
  };
  struct tick {
    mono_time due;
  };

  std::variant<came, went, measured, dial_failed, member_changed, member_forgotten, interest_came, interest_went,
               flow_joins, flow_leaves, flow_released, peer_demands, peer_withdraws, peer_refreshes, route_asked,
               demand_hop, withdraw_hop, hop_refuses, source_refuses, holders_known, copy_served, node_asked, peer_asks,
               peer_answers, question_over, questions_tick, list_links, list_routes, tick>
      content;
};

/// Feeds routing::router and carries out what that decides.
/// @param known  what the one before knew
[[nodiscard]] std::unique_ptr<port::role> make_router(node_services& services, std::shared_ptr<router_memory> known,
                                                      router_ref self);

} // namespace weft::actors
