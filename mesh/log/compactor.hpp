// mesh/log/compactor.hpp: takes events of compacted topics that a later one of their key makes needless out of closed
// segments, a segment at a time.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/log/retention.hpp"
#include "mesh/log/segment_store.hpp"
#include "mesh/log/superseded.hpp"

#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weft::log {

/// What a step goes by.
struct compaction_view {
  const std::unordered_map<topic_id, topic_policy>& policies;
  const topic_starts_map::starts& starts;
  const std::unordered_map<topic_id, topic_need>& needs;
  wall_time now;
};

/// What a step did.
struct compaction_step {
  std::uint64_t moved = 0;                                 ///< bytes that it read and wrote
  std::vector<std::pair<topic_id, std::uint64_t>> saved{}; ///< bytes of topics that went
};

/// A round looks at all closed segments that have something of a compacted topic, from the newest to the oldest. One is
/// written anew when enough of it goes, see limits::compaction_gain; in others the needless events stay and are seen
/// again by the next round. Nothing is kept over a restart: the first round after it begins at once.
/// @thread one at a time, facts() any
class compactor {
public:
  compactor(disk& on, segment_store& store, random_source& random)
      : disk_(on), store_(store), superseded_(random, limits::compaction_keys_max) {}

  /// Begins a round when enough has come since the last one, or something may have become old enough.
  /// @param closed  with their indexes, oldest first
  void begin_if_due(const std::vector<kept_segment>& closed, const compaction_view& view, mono_time now);
  [[nodiscard]] bool at_work() const noexcept { return at_work_; }
  /// The next segment of the round, and its end behind the last one.
  /// @pre at_work()
  /// @error errc::disk_full, errc::io_error  nothing could be written: the round is given up, the next one tries again
  [[nodiscard]] result<compaction_step> step(const compaction_view& view, mono_time now);

  /// Entries came back below others.
  void forget_tombstones() { superseded_.forget_tombstones(); }
  /// Of a topic that was compacted since the log was opened.
  [[nodiscard]] std::optional<compaction_facts> facts(topic_id topic) const;

private:
  struct looked_at {
    log_position until; // of the last round: it looked at segments that begin below
    compaction_facts told;
  };
  struct segment_look;

  [[nodiscard]] bool is_due(const std::vector<kept_segment>& closed, const compaction_view& view, mono_time now);
  [[nodiscard]] std::optional<segment_facts> find(log_position at) const;
  [[nodiscard]] bool is_compacted(topic_id topic, const compaction_view& view) const;
  [[nodiscard]] result<segment_look> look(const segment_facts& segment, const index_core& core,
                                          const compaction_view& view);
  [[nodiscard]] result<void> judge(const wire::stored_entry& entry, const compaction_view& view, segment_look& found);
  [[nodiscard]] result<void> clean(const segment_facts& segment, const index_core& core, segment_look& look,
                                   const compaction_view& view, compaction_step& step);
  void end_round(const compaction_view& view, mono_time now);

  disk& disk_;
  segment_store& store_;
  superseded_events superseded_;
  bool at_work_ = false;
  bool again_ = false;                            // other keys wait for a round
  std::optional<mono_time> last_end_;             // of a round
  std::size_t steps_ = 0;                         // of the round
  std::deque<log_position> left_;                 // begins of the segments that the round has to look at, newest first
  std::unordered_map<topic_id, looked_at> round_; // what the round looks for, and finds

  mutable std::mutex mutex_; // guards the map below
  std::unordered_map<topic_id, looked_at> topics_;
};

} // namespace weft::log
