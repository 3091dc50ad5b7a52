// actors/member_news.hpp: tells the node's other parts and its operators what has happened to members.
#pragma once
#include "actors/router.hpp"
#include "mesh/membership/node_membership.hpp"

namespace weft::actors {

/// The router and the copies hear of each member as it is known here. Only the membership uses it.
class member_news {
public:
  member_news(node_services& services, router_ref router) : services_(services), router_(std::move(router)) {}

  /// @param members  as they are after the event
  void tell(const membership::node_membership::out::happened& event, const membership::directory& members) const;

private:
  void tell(const membership::directory_event::member_added& added, const membership::directory& members) const;
  void tell(const membership::directory_event::record_changed& changed, const membership::directory& members) const;
  void tell(const membership::directory_event::state_changed& changed, const membership::directory& members) const;
  void tell(const membership::directory_event::member_removed& removed, const membership::directory& members) const;
  void tell(const membership::directory_event::name_shared& shared, const membership::directory& members) const;
  void tell(const membership::directory_event::refused& refused, const membership::directory& members) const;

  void heard_of_self(const membership::member& self) const;
  void tell_router(const membership::member& who) const;
  void tell_copies(const membership::member& who) const;

  node_services& services_;
  router_ref router_;
};

} // namespace weft::actors
