// actors/router.hpp: knows which nodes there are links to, and tells the subscriptions.
#pragma once
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "actors/subscription.hpp"
#include "mesh/base/time.hpp"

#include <string>

namespace weft::actors {

/// A proven node at the other end of a link.
struct linked_peer {
  node_id id;
  node_number number;
  std::string name, address;
  log_source source;
};

/// Handle of the router.
/// @thread any
class router_ref {
public:
  struct message;

  router_ref() = default;
  /// Starts the router under supervision.
  static router_ref start(node_services& services);

  /// A link was proven. An older link of the same node is closed: the newest wins.
  void peer_up(linked_peer peer) const;
  void peer_down(node_id id, link_output_ptr output) const;
  /// Tells the subscription of every log that can be reached, now and later, until unwatch().
  void watch(subscription_ref subscription) const;
  void unwatch(subscription_ref subscription) const;
  /// The nodes known here as JSON: `weft nodes`.
  void nodes(reply<std::string> to) const;

private:
  explicit router_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
