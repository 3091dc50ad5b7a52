// mesh/log/shared_state.hpp: what the committing thread, readers and the keeper of one open log share.
#pragma once
#include "mesh/log/log_reader.hpp"
#include "mesh/log/tables.hpp"

#include <mutex>

namespace weft::log {

/// How far the log is, and whether it takes writes. @thread any
class log_progress {
public:
  log_progress(log_position at, hlc time) : head_{at, time}, written_end_(at.seq) {}

  [[nodiscard]] log_head head() const {
    const std::lock_guard lock(mutex_);
    return head_;
  }
  [[nodiscard]] seq written_end() const {
    const std::lock_guard lock(mutex_);
    return written_end_;
  }
  [[nodiscard]] log_health health() const {
    const std::lock_guard lock(mutex_);
    return health_;
  }
  /// Another epoch has begun where the one before ends.
  void set_epoch(weft::epoch opened) {
    const std::lock_guard lock(mutex_);
    head_.at.epoch = opened;
  }
  void set_written(seq end) {
    const std::lock_guard lock(mutex_);
    written_end_ = end;
  }
  void set_synced(seq end, hlc time) {
    const std::lock_guard lock(mutex_);
    head_.at.seq = end;
    head_.time = std::max(head_.time, time);
  }
  void set_health(const log_health& health) {
    const std::lock_guard lock(mutex_);
    health_ = health;
  }

private:
  mutable std::mutex mutex_;
  log_head head_;
  seq written_end_;
  log_health health_;
};

/// The tables, and the time of the last append that was given out. The committing thread holds the lock while it plans
/// a commit, not while it writes.
struct log_tables {
  mutable std::mutex mutex;
  topic_table topics;
  producer_table producers;
  hlc last;
  seq planned_end; ///< one past the last that has a place, written or not
};

} // namespace weft::log
