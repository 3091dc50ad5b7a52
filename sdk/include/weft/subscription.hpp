// weft/subscription.hpp: consumes events.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "weft/api.hpp"
#include "weft/event.hpp"
#include "weft/rejected.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weft {

/// Where a subscription starts in each log.
struct start {
  struct from_beginning {};
  struct from_end {};
  /// `end` is the time of subscribing: what is found later is read from that time on.
  static constexpr from_beginning beginning{};
  static constexpr from_end end{};
  /// A wall_time: the first event that its log took at or after it. A position: that event, of that log only.
  using point = std::variant<from_end, from_beginning, wall_time, named_position>;
};

/// Compares a header of the event with a text; as numbers when both are numbers. An event without the header does not
/// pass.
struct header_condition {
  enum class op : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
  std::string name;
  op compare = op::equal;
  std::string value;
};

enum class commit_mode : std::uint8_t {
  automatic, ///< what was handled is committed at most every 200 ms, and when the subscription closes
  manual,    ///< only by subscription::commit()
};

/// What to do with an event that could not be handled.
enum class after_failure : std::uint8_t {
  stop, ///< the subscription ends with the error; a named one starts again at this event, a group as it does after any
        ///< failure
  skip, ///< it counts as handled
};

/// What a group does with an event that keeps failing.
enum class failing_event : std::uint8_t {
  block,       ///< it is tried for ever; its key waits, others go on
  park,        ///< it is kept in `_weft.parked.<group>`, and so are all later events of its key, in order
  skip,        ///< it counts as processed
  dead_letter, ///< it is kept in `_weft.dead-letters.<group>`; its key goes on
};

/// A subscription as a member of a group: each event goes to one of the members. Events of one key go to one member
/// at a time, in their log's order; however many members there are, and wherever, no partitions are chosen.
/// What was handed to a member that ended is handed to others: an event may come twice, and none is left out.
/// All members of a group have the same pattern, filter and way with failures.
struct group_options {
  std::string name{}; ///< [a-z0-9-], at most 63 bytes; empty: no group
  failing_event on_failing = failing_event::block;
  std::uint32_t deliveries_max = 5;      ///< of an event that fails, before that is done with it
  microseconds backoff_first{1'000'000}; ///< before it is tried again; twice as long each time
  microseconds backoff_most{60'000'000}; ///< but no longer than this
  std::uint32_t events_max = 1024;       ///< of each log that this member has at once, 1 to 8192
  std::uint32_t threads = 1;             ///< that run the handler; two never have events of one key of a log
};

inline constexpr std::uint32_t group_threads_max = 256; // that run one handler
inline constexpr std::uint64_t window_bytes_default = 4U << 20U;

struct subscription_options {
  std::optional<start::point> from{}; ///< not set: end; for the first start of a name or group: beginning

  std::optional<std::string> key{};        ///< only events with this key
  std::vector<std::string> types{};        ///< only these types; empty: any
  std::vector<header_condition> headers{}; ///< only events that meet all of these

  /// Events as soon as they are on their node's disk; else only those that have reached their topic's level.
  bool synced = false;

  /// A named subscription: its cursor is kept at the logs' nodes, so that a later one with this name goes on where it
  /// was, after a crash too (some events may then come twice). [a-z0-9-], at most 63 bytes.
  std::string name{};
  commit_mode commit = commit_mode::automatic;

  /// A member of this group; then `name` is empty. With commit_mode::manual events that poll() gives are under way
  /// until done(), failed() or rejected(): several at once, but of a key one after the other.
  group_options group{};

  /// How many bytes of each log may be on their way or wait here: this bounds memory. At least 2 MiB.
  std::uint64_t window_bytes = window_bytes_default;

  /// A range can't be had. Without this handler a gap ends the subscription with the gap's error.
  std::function<void(const gap&)> on_gap{};
  /// A handler threw (errc::handler_failed, of weft::rejected errc::rejected) or a value does not fit its type
  /// (errc::undecodable).
  /// Without this handler: stop, so that nothing is lost unnoticed; in a group, as the group treats failures.
  std::function<after_failure(const event&, const error&)> on_failure{};
  /// The subscription ended by itself: a failure, a gap, or its node refused it. Without this handler a callback
  /// subscription's end is printed on stderr.
  std::function<void(const error&)> on_stopped{};
};

/// How far a subscription has got in one log.
struct log_progress {
  std::string node; ///< the name of the node whose log it is
  log_id log;
  log_position handled; ///< everything below was handled
  seq head;             ///< the log's end as last heard; head - handled.seq is at least the lag in events
  wall_time log_time;   ///< everything that the log took before it was received
  bool flowing = false; ///< false: the log's node can't be reached at the moment
};

namespace detail {
class consumer;
} // namespace detail

/// A running subscription. Ends when it is destroyed or closed; destroy it before its node or client.
///
/// Events of one log come in that log's order, each once; across logs there is no order. When the node is lost and
/// comes back the subscription goes on where it was.
///
/// With a handler: it runs on a thread of this subscription, one event at a time; a slow one only holds back its own
/// source. Without: poll() and poll_batch(), from one thread at a time.
/// @thread close(), commit(), progress(), stopped() from any thread
class WEFT_API subscription {
public:
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;
  ~subscription();

  /// The next event, waiting for it at most so long; nothing when none came. Asking for the next one says that those
  /// before it are handled. on_gap is called in here.
  /// @error the reason why the subscription ended; errc::invalid_argument when it has a handler
  [[nodiscard]] result<std::optional<event>> poll(microseconds within);
  /// At most `most` events: what is there, or the first that comes in time.
  [[nodiscard]] result<std::vector<event>> poll_batch(std::size_t most, microseconds within);

  /// Commits a named subscription now: every event whose handler returned, or that poll() gave. Does not wait.
  void commit();

  /// Of a group with commit_mode::manual: the event was processed.
  void done(const event& processed);
  /// The same: it can't be processed now, and why; the group says when it is tried again.
  void failed(const event& tried, std::string_view cause);
  /// The same: it can never be processed, and why. It is not tried again: the group does at once what on_failing says,
  /// but with `block`, which goes on trying it.
  void rejected(const event& tried, std::string_view cause);

  /// Ends it: waits for a handler that runs, commits what was handled (not with commit_mode::manual). An event that
  /// poll() gave last counts as handled only after commit() or another poll.
  void close();
  /// Waits until it ended by itself or was closed. @error why, when it ended by itself
  [[nodiscard]] result<void> wait();
  /// Why it ended by itself, if it did.
  [[nodiscard]] std::optional<error> stopped() const;
  [[nodiscard]] std::vector<log_progress> progress() const;

private:
  friend class participant;
  explicit subscription(std::shared_ptr<detail::consumer> running) noexcept;
  std::shared_ptr<detail::consumer> running_;
};

} // namespace weft
