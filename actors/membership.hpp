// actors/membership.hpp: the actor that makes this node a member of its mesh.
#pragma once
#include "actors/link_output.hpp"
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "mesh/membership/peer_link.hpp"
#include "mesh/node/mesh_authority.hpp"
#include "mesh/transport/transport.hpp"

#include <string>
#include <vector>

namespace weft::actors {

struct linked_peer;
struct node_services;
class router_ref;

/// What the membership stands on; all outlive it.
struct membership_parts {
  const security::node_keys& keys;
  security::certificate_chain chain;
  std::vector<membership::contact> seeds;
  std::string zone;
  transport::transport& through;
};

/// Handle of the membership.
/// @thread any
class membership_ref {
public:
  struct message;

  membership_ref() = default;
  /// An address that start() comes to later: what is told before waits.
  [[nodiscard]] static membership_ref reserve(port::system& system);
  /// Starts it under supervision.
  void start(node_services& services, const router_ref& router, membership_parts parts) const;

  // from the links
  /// A link to a proven node. `attempt`: which of this node's dials made it; 0: the peer's.
  void link_up(linked_peer peer, transport::dial_attempt attempt) const;
  void link_down(link_output_ptr output, membership::link_end how) const;
  /// A frame that holds a mesh message.
  void frame(link_output_ptr output, shared_bytes bytes) const;
  /// Something else passed on the link; to be told at most once in limits::traffic_told_every.
  void traffic(link_output_ptr output) const;
  // from the transport
  void attempt_failed(transport::dial_attempt attempt) const;
  // from the router
  void need_link(node_id to) const;
  void release_link(node_id to) const;
  // from the node itself
  /// Topics, health or addresses may have changed.
  void look_at_facts() const;
  void renewed(security::certificate_chain chain) const;
  /// Spreads what this node decided on a topic or a cut and keeps already.
  void publish(wire::item record) const;
  /// The log keeper starts anew: it is told all records of topics and cuts again.
  void tell_topics() const;
  /// Says to the mesh that this node has left it. The answer comes when it was said.
  void leave(reply<void> done) const;

  /// The nodes known here as JSON: `weft nodes`.
  void nodes(reply<std::string> to) const;

private:
  explicit membership_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
