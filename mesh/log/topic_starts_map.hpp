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
    if (known.offset < start.offset || planted(planted_bug::start_moved_back)) known = start;
    starts_ = std::move(changed);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const starts> starts_ = std::make_shared<starts>();
};

/// Whether a topic's entries that end at `end` are all below its start.
[[nodiscard]] inline bool is_dead(const topic_starts_map::starts& starts, topic_id topic, topic_offset end) {
  if (starts.empty()) return false;
  const auto start = starts.find(topic);
  return start != starts.end() && end <= start->second.offset;
}

} // namespace weft::log
