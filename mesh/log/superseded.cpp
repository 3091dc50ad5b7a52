#include "mesh/log/superseded.hpp"

#include "mesh/base/reached.hpp"

#include <algorithm>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weft::log {

void superseded_events::begin_round() {
  if (!seed_) seed_ = random_.next();
  met_.clear();
  too_many_ = false;
  topics_.clear();
  alone_.clear();
  going_.clear();
  came_back_ = false;
  if (part_ == 0) waits_ = false;
}

void superseded_events::forget_tombstones() {
  buried_.clear();
  segment_unknown();
  came_back_ = true;
}

superseded_events::key_hash superseded_events::hash_of(const keyed_event& event) const noexcept {
  const auto hash = XXH3_128bits_withSeed(event.key.data(), event.key.size(), *seed_ + event.topic.value());
  return {hash.low64, hash.high64};
}

bool superseded_events::goes(const keyed_event& event, const compaction_ages& ages) {
  const bool last_of_topic = topics_.insert(event.topic).second;
  if (event.key.empty()) return false;
  const auto hash = hash_of(event);
  if (!is_looked_at(hash)) return false;
  if (!met_.contains(hash)) {
    too_many_ = too_many_ || met_.size() >= keys_max_;
    if (met_.size() >= keys_max_) return false;
    met_.insert(hash);
    // The last event of a topic says where its offsets go on.
    return event.tombstone && !last_of_topic && last_goes(event, hash, ages);
  }
  if (event.appended >= ages.events) {
    waits_ = true;
    alone_.erase(hash);
    return false;
  }
  if (alone_.contains(hash)) going_.push_back(hash);
  return true;
}

/// Of a tombstone that is the last event of its key.
bool superseded_events::last_goes(const keyed_event& event, const key_hash& hash, const compaction_ages& ages) {
  if (!came_back_) alone_[hash] = event.at;
  const auto known = buried_.find(hash);
  const bool was_alone = known != buried_.end() && known->second == event.at;
  const bool needed = ages.needed_from && event.at >= *ages.needed_from;
  const bool old_enough = event.appended < ages.tombstones && !needed;
  waits_ = waits_ || !old_enough || !was_alone;
  return old_enough && was_alone;
}

void superseded_events::segment_done(bool written_anew) {
  if (!written_anew)
    for (const auto& hash : going_)
      alone_.erase(hash);
  going_.clear();
}

void superseded_events::segment_unknown() {
  alone_.clear();
  going_.clear();
}

bool superseded_events::end_round() {
  std::erase_if(buried_, [this](const auto& each) { return is_looked_at(each.first); });
  for (const auto& each : alone_)
    if (buried_.size() < keys_max_) buried_.insert(each);
  keys_most_ = std::max(part_ == 0 ? 0 : keys_most_, met_.size());
  met_.clear();
  alone_.clear();
  if (too_many_) {
    reached("compaction.keys_in_parts");
    parts_ *= 2;
    part_ = 0;
    return true;
  }
  part_ = (part_ + 1) % parts_;
  if (part_ != 0) return true;
  if (parts_ > 1 && keys_most_ < keys_max_ / 4) parts_ /= 2;
  return false;
}

} // namespace weft::log
