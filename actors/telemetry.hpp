// actors/telemetry.hpp: rates of the flows of this node, and its state as events.
#pragma once
#include "actors/port/system.hpp"
#include "actors/reply.hpp"

#include <string>

namespace weft::actors {

struct node_services;

/// Handle of telemetry, which looks at the flows once a second while there are any, and publishes what this node knows
/// while one of them is of its state topics (state_publisher.hpp).
/// @thread any
class telemetry_ref {
public:
  struct message;

  telemetry_ref() = default;
  static telemetry_ref start(node_services& services);
  /// There is a new flow on the board.
  void flow_came() const;
  /// `{"flows": [...]}`
  void flows(reply<std::string> to) const;

private:
  explicit telemetry_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
