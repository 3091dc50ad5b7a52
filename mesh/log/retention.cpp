#include "mesh/log/retention.hpp"

#include <algorithm>

namespace weft::log {

wall_time retention_clock::now(wall_time wall, mono_time mono) {
  if (!trusted_) trusted_ = {last_known_.value_or(wall), mono};
  const auto due = trusted_->wall + (mono - trusted_->mono);
  if (wall <= due + limits::clock_ahead_allowed) {
    trusted_ = {wall, mono};
    ahead_.reset();
    return wall;
  }
  if (!ahead_) ahead_ = {wall, mono};
  if (mono - ahead_->mono < limits::clock_jump_settles) return due;
  trusted_ = {wall, mono};
  ahead_.reset();
  return wall;
}

void retention_policies::set(topic_id topic, const topic_policy& policy) {
  const std::lock_guard lock(mutex_);
  if (policy == topic_policy{}) {
    policies_.erase(topic);
  } else {
    policies_[topic] = policy;
  }
}

std::unordered_map<topic_id, topic_policy> retention_policies::all() const {
  const std::lock_guard lock(mutex_);
  return policies_;
}

void retention_policies::hold_from(std::optional<log_position> lease) {
  const std::lock_guard lock(mutex_);
  lease_ = lease;
}

std::optional<log_position> retention_policies::lease() const {
  const std::lock_guard lock(mutex_);
  return lease_;
}

namespace {

/// Whether a topic's events up to `last` may go, when `remaining` bytes would be left.
bool may_go(const topic_policy& policy, hlc last, std::uint64_t remaining, wall_time now) {
  if (policy.keep_time && last < hlc::at(now - *policy.keep_time)) return true;
  return policy.keep_bytes && remaining >= *policy.keep_bytes;
}

} // namespace

std::vector<start_move> decide_starts(const std::vector<kept_segment>& segments,
                                      const std::unordered_map<topic_id, topic_policy>& policies,
                                      const topic_starts_map::starts& starts,
                                      const std::unordered_map<topic_id, std::uint64_t>& bytes,
                                      std::optional<log_position> lease, wall_time now) {
  std::vector<start_move> moves;
  for (const auto& [topic, policy] : policies) {
    const auto known = bytes.find(topic);
    auto remaining = known == bytes.end() ? 0 : known->second;
    const auto start = starts.find(topic);
    start_move move{topic, start == starts.end() ? topic_start{} : start->second, 0};
    for (const auto& segment : segments) {
      const auto* const extent = segment.core->find(topic);
      if (extent == nullptr || is_dead(starts, topic, extent->end_offset, {segment.epoch, extent->end})) continue;
      const bool leased = lease && *lease < log_position{segment.epoch, extent->end};
      if (leased && !planted(planted_bug::retention_below_lease)) break;
      if (extent->bytes > remaining || !may_go(policy, extent->last_at, remaining - extent->bytes, now)) break;
      remaining -= extent->bytes;
      move.bytes += extent->bytes;
      move.to.offset = std::max(move.to.offset, extent->end_offset);
      move.to.at = std::max(move.to.at, {segment.epoch, extent->end});
    }
    if (move.bytes != 0) moves.push_back(move);
  }
  return moves;
}

std::uint64_t live_bytes(const index_core& core, const topic_starts_map::starts& starts) {
  std::uint64_t live = 0;
  for (const auto& topic : core.topics)
    if (!is_dead(starts, topic.topic, topic.end_offset, {core.summary.epoch, topic.end})) live += topic.bytes;
  return live;
}

} // namespace weft::log
