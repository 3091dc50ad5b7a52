// mesh/log/retention.hpp: which events are kept. Decisions only; the keeper carries them out.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/log/index.hpp"
#include "mesh/log/log.hpp"
#include "mesh/log/topic_starts_map.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace weft::log {

/// The time that retention goes by. A wall clock that jumps ahead must not make events look old: it is believed only
/// after it has stayed ahead for limits::clock_jump_settles of monotonic time.
/// @thread one at a time
class retention_clock {
public:
  /// @param last_known  time of the log's last append: a start is a jump, too
  explicit retention_clock(std::optional<wall_time> last_known) : last_known_(last_known) {}
  [[nodiscard]] wall_time now(wall_time wall, mono_time mono);

private:
  struct anchor {
    wall_time wall;
    mono_time mono;
  };
  std::optional<wall_time> last_known_;
  std::optional<anchor> trusted_;
  std::optional<anchor> ahead_; // since when the wall clock is ahead of what it should be
};

/// @thread any
class retention_policies {
public:
  void set(topic_id topic, const topic_policy& policy);
  [[nodiscard]] std::unordered_map<topic_id, topic_policy> all() const;

private:
  mutable std::mutex mutex_;
  std::unordered_map<topic_id, topic_policy> policies_;
};

/// A closed segment for retention, oldest first.
struct kept_segment {
  weft::epoch epoch;
  std::shared_ptr<const index_core> core;
};

struct start_move {
  topic_id topic;
  topic_start to;
  std::uint64_t bytes = 0;                  ///< stored bytes that fall below the start; 0: it stays
  std::vector<retained_topic::part> held{}; ///< what would fall below it, too, were it not needed
};

/// What a decision goes by.
struct retention_view {
  const std::vector<kept_segment>& segments;
  const std::unordered_map<topic_id, topic_policy>& policies;
  const topic_starts_map::starts& starts;
  const std::unordered_map<topic_id, std::uint64_t>& bytes; ///< stored ones of each topic in the whole log
  const std::unordered_map<topic_id, topic_need>& needs;
  wall_time now;
};

/// Topics' new starts: behind each closed segment's last event of the topic while that is older than keep_time, or
/// while what remains still has keep_bytes, or while it was consumed and the topic is kept until then. What of this is
/// needed stays, up to the need's bytes.
///
///     start        need            policy's end
///       |  goes      |  held, or goes  |  stays
///       ├────────────┼───────┬─────────┼────────────▶ closed segments' parts of the topic
///                            └ bytes_max before the policy's end
/// @returns of topics that move or hold something
[[nodiscard]] std::vector<start_move> decide_starts(const retention_view& view);

/// Stored bytes of a segment that are not below their topic's start.
[[nodiscard]] std::uint64_t live_bytes(const index_core& core, const topic_starts_map::starts& starts);

} // namespace weft::log
