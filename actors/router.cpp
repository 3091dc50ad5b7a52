#include "actors/router.hpp"

#include "actors/node_services.hpp"
#include "actors/router_role.hpp"

namespace weft::actors {

router_ref router_ref::start(node_services& services) {
  const auto at = services.system.reserve();
  router_ref self{port::ref<message>(at)};
  services.supervisor.adopt(
      {kinds::router,
       "router",
       at,
       [&services, self, known = std::make_shared<router_memory>()] { return make_router(services, known, self); },
       {}});
  return self;
}

void router_ref::peer_up(linked_peer peer) const { to_.tell({message::came{std::move(peer)}}); }
void router_ref::peer_down(node_id id, link_output_ptr output) const {
  to_.tell({message::went{id, std::move(output)}});
}
void router_ref::cost(node_id peer, std::uint8_t cost) const { to_.tell({message::measured{peer, cost}}); }
void router_ref::unreachable(node_id node) const { to_.tell({message::dial_failed{node}}); }
void router_ref::member(routing::router_in::member one) const { to_.tell({message::member_changed{std::move(one)}}); }
void router_ref::member_gone(node_id id) const { to_.tell({message::member_forgotten{id}}); }
void router_ref::interest(routing::router_in::interest wanted, subscription_ref by) const {
  to_.tell({message::interest_came{std::move(wanted), std::move(by)}});
}
void router_ref::interest_gone(std::uint64_t id) const { to_.tell({message::interest_went{id}}); }
void router_ref::join(wire::demand wanted, std::shared_ptr<relay_downstream> flow, subscription_ref by) const {
  to_.tell({message::flow_joins{std::move(wanted), std::move(flow), std::move(by)}});
}
void router_ref::leave(std::uint64_t flow) const { to_.tell({message::flow_leaves{flow}}); }
void router_ref::released(std::shared_ptr<relay_downstream> flow) const {
  to_.tell({message::flow_released{std::move(flow)}});
}
void router_ref::peer_demand(linked_peer by, wire::demand wanted) const {
  to_.tell({message::peer_demands{std::move(by), std::move(wanted)}});
}
void router_ref::peer_withdraw(node_id peer, link_output_ptr output, std::uint64_t number) const {
  to_.tell({message::peer_withdraws{peer, std::move(output), number}});
}
void router_ref::peer_refresh(node_id peer, link_output_ptr output, std::vector<wire::standing_demand> demands) const {
  to_.tell({message::peer_refreshes{peer, std::move(output), std::move(demands)}});
}
void router_ref::ask_route(relay_ref by) const { to_.tell({message::route_asked{std::move(by)}}); }
void router_ref::demand(node_id hop, wire::demand wanted, relay_ref by) const {
  to_.tell({message::demand_hop{hop, std::move(wanted), std::move(by)}});
}
void router_ref::withdraw(node_id hop, std::uint64_t number) const { to_.tell({message::withdraw_hop{hop, number}}); }
void router_ref::hop_refused(routing::log_source source, node_id hop, bool silent) const {
  to_.tell({message::hop_refuses{source, hop, silent}});
}
void router_ref::source_refused(routing::log_source source, std::string pattern, std::string group) const {
  to_.tell({message::source_refuses{source, std::move(pattern), std::move(group)}});
}
void router_ref::holders(log_id log, std::vector<node_id> nodes) const {
  to_.tell({message::holders_known{log, std::move(nodes)}});
}
void router_ref::holds(log_id log, bool serves) const { to_.tell({message::copy_served{log, serves}}); }
void router_ref::ask_node(node_question asked, reply<std::string> to) const {
  to_.tell({message::node_asked{std::move(asked), std::move(to)}});
}
void router_ref::peer_query(node_id peer, link_output_ptr output, wire::query asked) const {
  to_.tell({message::peer_asks{peer, std::move(output), std::move(asked)}});
}
void router_ref::peer_answer(node_id peer, link_output_ptr output, wire::answer said) const {
  to_.tell({message::peer_answers{peer, std::move(output), std::move(said)}});
}
void router_ref::question_served() const { to_.tell({message::question_over{}}); }
void router_ref::links(reply<std::string> to) const { to_.tell({message::list_links{std::move(to)}}); }
void router_ref::routes(topic_pattern topics, reply<std::string> to) const {
  to_.tell({message::list_routes{std::move(topics), std::move(to)}});
}

} // namespace weft::actors
