// mesh/log/committer.hpp: carries out commits: everything that waits, one write, one sync, then the answers.
#pragma once
#include "mesh/log/commit_queue.hpp"
#include "mesh/log/segment_writer.hpp"
#include "mesh/log/shared_state.hpp"

namespace weft::log {

/// @thread whoever leads the queue, one at a time
class committer {
public:
  struct setup {
    commit_queue& queue;
    segment_writer& writer;
    log_tables& tables;
    log_progress& progress;
    weft::clock& clock;
    weft::epoch epoch;
    std::size_t commit_bytes_max;
    std::function<void(seq)> on_synced;               ///< may be empty
    std::function<void(const log_health&)> on_health; ///< may be empty
  };
  explicit committer(setup with) : with_(std::move(with)) {}

  /// One commit of what waits. @returns whether there was something
  bool commit();
  /// Syncs what was written without a sync; a failure freezes the log.
  void sync();
  /// Later appends are of this epoch. @pre all that was written is synced
  void begin_epoch(weft::epoch opened) noexcept { with_.epoch = opened; }
  /// Since when something waits for a sync.
  [[nodiscard]] std::optional<mono_time> unsynced_since() const noexcept { return unsynced_since_; }

  /// @pre can_thaw()
  void thaw();
  /// Frozen by a full disk: thaw() is allowed when space is back.
  [[nodiscard]] bool can_thaw() const noexcept { return frozen_ == state::out_of_space; }
  [[nodiscard]] bool frozen() const noexcept { return frozen_ != state::serving; }
  /// What is in memory may not be what is on disk: the log has to be opened anew.
  [[nodiscard]] bool broken() const noexcept { return frozen_ == state::broken; }

private:
  enum class state : std::uint8_t { serving, out_of_space, broken };
  /// What became of one request of this commit.
  struct outcome {
    pending_append* request = nullptr;
    std::size_t first = 0;        ///< in appended_, one for each batch
    std::optional<error> problem; ///< instead
    bool answered = false;
  };
  struct undo_step {
    topic_id topic;
    topic_offset first_offset;
    std::uint64_t bytes = 0;
    producer_id producer;
    std::uint64_t sequence = 0;
  };

  void plan();
  void plan_request(pending_append& request, wall_time now);
  [[nodiscard]] std::optional<error> place_batch(const prepared_batch& batch, wire::entry_flags flags, wall_time now,
                                                 bool may_repeat);
  void undo(std::size_t down_to);
  [[nodiscard]] bool make_room();
  void write();
  void drop_plan(const error& why);
  void sync_written();
  /// Stops writing. @param space_helps  thaw() may follow
  void freeze(const std::string& why, bool space_helps);
  void answer_refused();
  [[nodiscard]] bool sync_wanted() const;
  [[nodiscard]] bool is_synced(const outcome& of) const;
  void answer(outcome& of);
  void answer_all(bool written_only);
  void report_synced();

  setup with_;
  state frozen_ = state::serving;
  std::optional<mono_time> unsynced_since_;
  hlc last_written_; // HLC of the last entry written

  std::vector<pending_append> refused_; // by freezing; answered after those of the commit that failed

  // this commit; members so that their memory is used again
  std::vector<pending_append> requests_;
  std::vector<outcome> outcomes_;
  std::vector<appended> appended_;
  std::vector<new_entry> entries_;
  std::vector<undo_step> undo_;
  seq next_;
  result<std::vector<appended>> scratch_;
};

} // namespace weft::log
