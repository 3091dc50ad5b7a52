// mesh/node/door.hpp: how a program reaches its node: embedded in the same process, or over the local socket.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/log/log.hpp"
#include "mesh/node/publish_settings.hpp"
#include "mesh/wire/control.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weft::node {

/// The node behind a door.
struct node_facts {
  node_id id;
  std::string name;
  node_number number;
  mesh_id mesh;
  weft::epoch epoch;
};

/// What comes through a door to the program. Called on one of the node's or the transport's threads, one call at a
/// time: hand over, never block.
class visitor {
public:
  virtual ~visitor() = default;
  /// The node is there; again after each loss. What was demanded before has to be demanded again.
  virtual void on_connected(const node_facts& node) = 0;
  /// A message and the bytes that follow it: FlowOpened, FlowClosed, Run, Answer, Refused.
  virtual void on_message(const wire::control& message, const shared_bytes& payload) = 0;
  /// The node is away: unanswered publishes were answered with errc::outcome_unknown before this call.
  virtual void on_lost(const error& why) = 0;
};

/// What became of a batch, and how the topic was set when it was taken.
struct publish_outcome {
  log::appended at;
  ack_level level = ack_level::synced;   ///< what has happened: as asked, or the topic's
  wire::codec codec = wire::codec::none; ///< the topic's: for the next batches
};
using publish_done = std::function<void(const result<publish_outcome>&)>;
/// How a batch is to be taken.
struct publish_terms {
  // NOLINTNEXTLINE(google-explicit-constructor): a level is all that most say
  publish_terms(std::optional<ack_level> at = {}, std::optional<mono_time> before = {}) : level(at), until(before) {}
  std::optional<ack_level> level; ///< nothing: the topic's, as it is set when the log takes the batch
  std::optional<mono_time> until; ///< later the log does not take it: it is answered with errc::timed_out
};
using codec_told = std::function<void(const result<wire::codec>&)>;

/// The program's side of its connection to a node.
/// @thread every method from any thread
class door {
public:
  virtual ~door() = default;

  /// Demand, Withdraw, Credit, Commit, Query, FlowClosed. Dropped when the node is away.
  virtual void send(wire::control message) = 0;

  /// Asks how batches for a topic are packed whose publisher does not say it: as the topic is set or, while there is no
  /// such topic, as a new one will be. `told` is called once, perhaps at once, on some thread; it must not block and
  /// may call publish(). It gets errc::not_connected when the node goes away before it answers.
  /// @error errc::not_connected  the node is away: `told` will not be called
  [[nodiscard]] virtual result<void> ask_codec(std::string_view topic, codec_told told) = 0;

  /// Hands one encoded batch to the node's log, in the order of the calls for one producer.
  /// `done` is called once, on a thread of the node; it must not block and may call publish().
  /// @error errc::would_block    the queue is full: nothing was taken; see when_room()
  /// @error errc::not_connected  the node is away: nothing was taken
  [[nodiscard]] virtual result<void> publish(wire::batch_view batch, publish_terms terms, publish_done done) = 0;
  /// The same, waiting for the answer; an embedded node commits on this thread when it can.
  [[nodiscard]] virtual result<publish_outcome> publish_and_wait(wire::batch_view batch,
                                                                 std::optional<ack_level> level) = 0;
  /// Calls `then` once when publish() may succeed again, perhaps at once, on some thread.
  virtual void when_room(std::function<void()> then) = 0;
};

} // namespace weft::node
