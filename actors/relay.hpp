// actors/relay.hpp: carries another node's log to equal demands here: what routing::relay decides.
#pragma once
#include "actors/group_words.hpp"
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"
#include "actors/relay_downstream.hpp"

#include <memory>

namespace weft::actors {

class router_ref;

/// Handle of a relay. Its upstream demands go through the router, which knows the links and this node's distance.
///
///     router ── route, hop_gone ──▶ relay ── demand, withdraw ──▶ router ──▶ link to the hop
///     link to the hop ── opened, run, closed ──▶ relay ──▶ relay_downstream ──▶ links of consumers
/// @thread any
class relay_ref {
public:
  struct message;

  relay_ref() = default;
  explicit relay_ref(port::ref<message> to) : to_(std::move(to)) {}

  // from the router
  /// @param source  which of the nodes that have the log the hop leads to
  void route(node_id hop, node_id source, bool withdraw_first) const;
  void no_route() const;
  /// The link to it is gone, and all that was demanded over it.
  void hop_gone(node_id hop) const;
  void join(std::shared_ptr<relay_downstream> flow) const;
  void leave(std::uint64_t flow) const;
  /// The flow goes on elsewhere, where it is: the router gets it, unless it ended here.
  void release(std::uint64_t flow) const;
  void stop() const { to_.address().stop(); }

  // from a subscription, by its flow's id
  void credit(std::uint64_t flow, std::uint64_t limit) const;
  void commit(std::uint64_t flow, log_position until) const;

  /// Of a group's flow.
  void word(std::uint64_t flow, member_word said) const;
  /// Of a group's flow: the member handles nothing any more. Before leave().
  void member_ended(std::uint64_t flow) const;

  // from the link to a hop, by the demand's number
  void opened(wire::flow_opened opened, link_output_ptr output) const;
  void run(std::uint64_t demand, wire::run run, shared_bytes payload) const;
  void closed(std::uint64_t demand, error why) const;
  /// Of a group's flow.
  void said(std::uint64_t demand, source_word word) const;
  /// The hop keeps silent about it though the link is up.
  void silent(std::uint64_t demand) const;

  friend bool operator==(const relay_ref& a, const relay_ref& b) noexcept { return a.to_.address() == b.to_.address(); }

private:
  port::ref<message> to_;
};

/// Starts a relay under supervision, or for a member of a group a passage.
/// @param wanted  what it demands, of one log; where it starts is each flow's
relay_ref start_relay(node_services& services, const router_ref& router, const std::string& node, wire::demand wanted);

} // namespace weft::actors
