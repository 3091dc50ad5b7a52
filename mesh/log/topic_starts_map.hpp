// mesh/log/topic_starts_map.hpp: where topics begin, looked up by readers while retention moves them.
#pragma once
#include "mesh/base/planted_bug.hpp"
#include "mesh/log/log.hpp"

#include <memory>
#include <mutex>

namespace weft::log {

/// @thread any
class topic_starts_map {
public:
  using starts = known_starts;

  [[nodiscard]] std::shared_ptr<const starts> all() const {
    const std::lock_guard lock(mutex_);
    return starts_;
  }
  /// Only forward; an older start is ignored.
  void set(topic_id topic, const topic_start& start) {
    const std::lock_guard lock(mutex_);
    auto changed = std::make_shared<starts>(*starts_);
    auto& known = (*changed)[topic];
    const bool forward = known.offset <= start.offset && known.at <= start.at;
    if (forward || planted(planted_bug::start_moved_back)) known = start;
    starts_ = std::move(changed);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const starts> starts_ = std::make_shared<starts>();
};

/// Whether a topic's entries that end at this offset and position are all below its start. Offsets alone don't say it:
/// after a loss two epochs may have the same ones.
[[nodiscard]] inline bool is_dead(const topic_starts_map::starts& starts, topic_id topic, topic_offset end,
                                  const log_position& at) {
  if (starts.empty()) return false;
  const auto start = starts.find(topic);
  return start != starts.end() && end <= start->second.offset && at <= start->second.at;
}
[[nodiscard]] inline bool is_dead(const topic_starts_map::starts& starts, const wire::entry_header& entry) {
  return is_dead(starts, entry.topic, entry.first_offset + entry.count, {entry.epoch, entry.end_seq()});
}

} // namespace weft::log
