// actors/copies.hpp: who holds copies of which log: counts those of this node's log, and says what this one holds.
#pragma once
#include "actors/link_output.hpp"
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "mesh/log/log.hpp"
#include "mesh/replication/copy_keeper.hpp"

#include <memory>
#include <string>

namespace weft::actors {

struct linked_peer;
struct mend_wait;
struct node_services;
class router_ref;

/// An ack that waits until so many other nodes have everything of a topic below `until` on disk.
struct copy_wait {
  std::string topic;
  std::uint32_t copies = 0;
  log_position until;
  std::weak_ptr<const void> caller; ///< gone: nobody waits any more
  reply<void> to;
};

/// Handle of the one actor that drives replication::copy_keeper and replication::confirm_tracker.
///
///     membership ── members, links ──▶ copies ── hold ──▶ replica ── demand, confirm ──▶ link to the log's node
///     doors ── wait ─────────────────▶ copies ◀── holds, confirmed ── links of holders
/// @thread any
class copies_ref {
public:
  struct message;

  copies_ref() = default;
  /// Starts it and the replicas' actors under supervision.
  /// @param directory  of logs and copies
  static copies_ref start(node_services& services, const router_ref& router, const std::string& directory);

  // from membership
  /// @param name  the node's
  void member(replication::copy_keeper::in::member one, std::string name) const;
  void member_gone(node_id id) const;
  void peer_up(linked_peer peer) const;
  void peer_down(node_id id, link_output_ptr output) const;

  // from the node itself
  /// What the mesh has agreed on: how many copies the topic has in each log; 0 also when it was deleted.
  void topic(std::string name, std::uint32_t replicas) const;
  /// Topics of this node's log may have changed.
  void look_at_topics() const;
  /// Something of a log here can't be read, or this node's log has another epoch: what it lacks may have changed.
  void look_at_log(log_id log) const;
  /// Answered when the range, which can't be read, came back from a copy. errc::not_found: no node that holds one has
  /// it; while such a node can't be asked that takes as long as mend_waits lets it.
  void when_mended(mend_wait one) const;
  /// Answered when it is reached; errc::outcome_unknown: it can't be waited for any more.
  void wait(copy_wait ack) const;

  // from the links of holders of this node's log
  void holds(node_id holder, link_output_ptr output, wire::copy_holds said) const;
  void confirmed(node_id holder, link_output_ptr output, wire::copy_confirm said) const;
  void withdrew(node_id holder, link_output_ptr output, std::uint64_t demand) const;

  // from the replicas here
  /// Nothing of the log is held any more.
  void given_up(log_id log) const;
  /// This node's log is about to leave its epoch, or to get events of a closed one back: copies may have passed them
  /// over, and those that are displaced may be needed.
  void left(epoch of) const;
  /// Whether flows of the log can be read here.
  void serves(log_id log, bool can) const;

  /// `{"topics": [...], "holders": [...], "held": [...]}`: this node's topics with copies and their standing, who holds
  /// some of them up to where, and the logs that this node has to hold.
  void list(reply<std::string> to) const;

private:
  explicit copies_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
