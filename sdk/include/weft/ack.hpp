// weft/ack.hpp: what publishing an event comes to, and how to wait for it.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "weft/api.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weft {

/// Says that an event is in a log.
struct ack {
  named_position position; ///< where; the same on every node
  topic_offset offset;     ///< its place among its topic's events in that log
  ack_level level{};       ///< what has happened: at least what was asked for, or the topic's level
  wall_time logged_at;     ///< when the log took it, in milliseconds
  bool repeated = false;   ///< the log had it already, from a try whose answer was lost
};

/// Events that were not published and whose `pending` nobody looked at.
struct publish_failure {
  std::string topic;
  std::size_t events = 0;
  error why;
};

/// @thread one of the node's: must not block, may call try_publish()
using publish_error_handler = std::function<void(const publish_failure&)>;

namespace detail {
class ack_state;
} // namespace detail

/// A value that comes later.
template <class T>
class pending;

/// The acknowledgement of one event, which comes when it has reached its level. Always comes: with the position, or
/// with an error after limits that depend on it. Dropping it is allowed: then an error goes to on_publish_error().
///
/// @error errc::outcome_unknown  the node went away and did not come back in time: it may have the event or not
/// @error errc::not_connected    the node is away and did not take the event
/// @error errc::timed_out        publish() found no room in time: not published
/// @error errc::log_frozen       the node's log takes no writes: a failed sync or a full disk; see the message
/// @error errc::not_synced       written, but the sync failed: a crash may lose it
/// @error errc::sequence_gap     a batch before it failed, so that it was not taken either
/// @error errc::cancelled        the node or client was closed first
/// @thread one at a time; the event may be acknowledged on any thread meanwhile
template <>
class WEFT_API pending<ack> {
public:
  pending(pending&& other) noexcept;
  pending& operator=(pending&& other) noexcept;
  ~pending();

  /// Whether get() returns at once.
  [[nodiscard]] bool ready() const noexcept;
  /// Waits for the acknowledgement. May be called again. Never in a callback of Weft: the answer could not come.
  [[nodiscard]] result<ack> get();
  /// The same, at most so long. @error errc::timed_out  not yet: it stays pending
  [[nodiscard]] result<ack> get(microseconds within);
  /// Calls back once: at once here when ready, else on one of the node's threads. The callback must not block or throw;
  /// it may call try_publish(). The last thing to do with a pending.
  void then(std::function<void(const result<ack>&)> callback);

private:
  friend class detail::ack_state;
  pending(std::shared_ptr<detail::ack_state> state, std::uint32_t index) noexcept;
  void drop() noexcept;

  std::shared_ptr<detail::ack_state> state_; // shared by the events of one batch
  std::uint32_t index_ = 0;
  bool observed_ = false;
};

} // namespace weft
