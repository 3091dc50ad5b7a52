// actors/subscription.hpp: serves one consumer's demand: a flow of each log that it means.
#pragma once
#include "actors/group_words.hpp"
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"
#include "actors/port/system.hpp"

#include <functional>
#include <string>

namespace weft::actors {

class relay_ref;

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
  void word(std::uint64_t flow, member_word said) const;
  /// @param why  errc::ok from a member of a group that handles nothing any more
  void close_flow(std::uint64_t flow, errc why) const;
  /// The consumer is a program that has ended: it handles nothing any more.
  void consumer_ended() const;
  void stop() const { to_.address().stop(); }

  // from the router
  /// The demand means this log of another node. @param node  its name
  void source_found(log_id log, std::string node) const;
  /// The log's node is forgotten.
  void source_gone(log_id log) const;
  /// The relay that serves a flow, by the flow's id.
  void joined(std::uint64_t flow, relay_ref relay) const;

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
  bool consumer_is_node = false; ///< a node is served the one log that it demands
  link_output_ptr output;
  std::uint64_t flows_from = 0; ///< its flows are numbered from here, unique on the link
  std::string log_node{};       ///< of a node's demand: the log's node, its name
};

class router_ref;

/// Starts a subscription under supervision; `on_end` as in `child`.
subscription_ref start_subscription(node_services& services, const router_ref& router, subscription_parts parts,
                                    std::function<void(const port::ending&)> on_end);

} // namespace weft::actors
