// mesh/routing/log_source.hpp: a log at one of the nodes that have it. Pure.
#pragma once
#include "mesh/base/ids.hpp"

namespace weft::routing {

/// Where demands for a log lead: its own node, or a holder that serves a copy. Distances to different sources are never
/// compared, so a demand keeps to the one that it names.
struct log_source {
  log_id log;
  node_id node;

  [[nodiscard]] bool is_own() const noexcept { return node == log.node; }
  friend auto operator<=>(const log_source&, const log_source&) = default;
};

} // namespace weft::routing
