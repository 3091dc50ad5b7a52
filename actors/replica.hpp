// actors/replica.hpp: writes the copies of other nodes' logs that this node has to hold, and repairs logs from copies.
#pragma once
#include "actors/link_output.hpp"
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "mesh/log/log.hpp"
#include "mesh/replication/copy_keeper.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::actors {

class copies_ref;
struct linked_peer;
struct mend_wait;
struct node_services;

/// Handle of an actor that has some of the copies and a thread of its own: it waits for the disk.
/// @thread any
class replica_ref {
public:
  struct message;

  replica_ref() = default;
  /// @param directory  of logs and copies
  static replica_ref start(node_services& services, const copies_ref& copies, const std::string& directory);

  // from `copies`
  /// @param node  the log's, its name
  void hold(replication::copy_keeper::out::hold wanted, std::string node) const;
  /// There is a link with the log's node.
  void source_up(log_id log, linked_peer peer) const;
  void source_down(log_id log, link_output_ptr output) const;
  /// Any node with a link, to ask for what a log here lacks.
  void peer_up(linked_peer peer) const;
  void peer_down(node_id id, link_output_ptr output) const;
  /// This node's own log is repaired by this one, from these nodes.
  /// @param ready  one that has its copy open since now
  void own_holders(std::vector<node_id> ordered, std::optional<node_id> ready) const;
  /// As copies_ref has them.
  void look_at_log(log_id log) const;
  void when_mended(mend_wait one) const;

  // from the link with the log's node, by the demand's number
  void opened(wire::flow_opened opened, link_output_ptr output) const;
  void run(std::uint64_t demand, wire::run run, shared_bytes payload) const;
  void closed(std::uint64_t demand, error why) const;
  void settled(wire::copies_settled said) const;
  void scope(wire::copy_scope said) const;

private:
  explicit replica_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
