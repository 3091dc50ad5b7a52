// actors/subscription.hpp: serves one consumer's demand: a flow of each log that it means.
#pragma once
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"
#include "actors/port/system.hpp"
#include "mesh/routing/flow_sink.hpp"

#include <memory>

namespace weft::actors {

class link_ref;

/// A log's node that this node has a link to.
struct log_source {
  log_id log;
  std::string node; ///< its name
  std::shared_ptr<const link_ref> link;
  link_output_ptr output;
};

/// Handle of a subscription.
/// @thread any
class subscription_ref {
public:
  struct message;

  subscription_ref() = default;
  explicit subscription_ref(port::ref<message> to) : to_(std::move(to)) {}

  // from the consumer; flows by the number that the subscription gave them
  void credit(std::uint64_t flow, std::uint64_t limit) const;
  void commit(std::uint64_t flow, log_position until) const;
  void close_flow(std::uint64_t flow) const;
  void stop() const { to_.address().stop(); }

  // from the router: which logs can be reached
  void source_up(log_source source) const;
  void source_down(log_id log) const;

  // from the link to a log's node
  void upstream_opened(wire::flow_opened opened) const;
  void upstream_run(log_id log, wire::run run, shared_bytes payload) const;
  void upstream_closed(log_id log, error why) const;

  friend bool operator==(const subscription_ref& a, const subscription_ref& b) noexcept {
    return a.to_.address() == b.to_.address();
  }

private:
  port::ref<message> to_;
};

/// What a link gives a new subscription.
struct subscription_parts {
  wire::demand wanted;
  std::string consumer;          ///< the peer's or program's name, for diagnostics and `weft flows`
  bool consumer_is_node = false; ///< a node is only served this node's own log
  link_output_ptr output;
  std::uint64_t flows_from = 0; ///< its flows are numbered from here, unique on the link
};

class router_ref;

/// Starts a subscription under supervision; `on_end` as in `child`.
subscription_ref start_subscription(node_services& services, const router_ref& router, subscription_parts parts,
                                    std::function<void(const port::ending&)> on_end);

} // namespace weft::actors
