// actors/telemetry.hpp: rates of the flows of this node, and its state as events.
#pragma once
#include "actors/port/system.hpp"
#include "actors/reply.hpp"

#include <string>

namespace weft::actors {

struct node_services;

/// Handle of telemetry, which looks at this node's flows and publishes what it knows (telemetry_publisher.hpp) every
/// settings.telemetry_every; where that is 0, it looks once a second while there are flows.
/// @thread any
class telemetry_ref {
public:
  struct message;

  telemetry_ref() = default;
  static telemetry_ref start(node_services& services);
  /// A node is not as it was: a frame says so soon.
  void state_changed() const;
  /// There is a new flow on the board.
  void flow_came() const;
  /// `{"flows": [...]}`
  void flows(reply<std::string> to) const;

private:
  explicit telemetry_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
