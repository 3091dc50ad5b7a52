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

namespace {

/// What decides on one topic.
struct topic_terms {
  const topic_policy& policy;
  const topic_need* need = nullptr; // null: nobody needs anything
  wall_time now{};

  /// Whether a segment's events of the topic, up to the one of `last` before `end`, may go when `remaining` bytes would
  /// be left.
  [[nodiscard]] bool may_go(hlc last, const log_position& end, std::uint64_t remaining) const {
    if (policy.keep_time && last < hlc::at(now - *policy.keep_time)) return true;
    if (policy.keep_bytes && remaining >= *policy.keep_bytes) return true;
    return policy.until_consumed && need != nullptr && need->consumed_until && end <= *need->consumed_until;
  }
};

/// A closed segment's events of a topic that its policy lets go.
struct expired_part {
  topic_offset end_offset;
  log_position end;
  std::uint64_t bytes;
};

/// Oldest first.
std::vector<expired_part> expired_parts(const retention_view& view, topic_id topic, const topic_terms& terms) {
  const auto known = view.bytes.find(topic);
  auto remaining = known == view.bytes.end() ? 0 : known->second;
  std::vector<expired_part> parts;
  for (const auto& segment : view.segments) {
    const auto* const extent = segment.core->find(topic);
    if (extent == nullptr) continue;
    const log_position end{segment.epoch, extent->end};
    if (is_dead(view.starts, topic, extent->end_offset, end)) continue;
    if (extent->bytes > remaining || !terms.may_go(extent->last_at, end, remaining - extent->bytes)) break;
    remaining -= extent->bytes;
    parts.push_back({extent->end_offset, end, extent->bytes});
  }
  return parts;
}

/// How many of the parts go: those below the need, and the oldest of the others while all that is held is too much.
std::size_t count_going(const std::vector<expired_part>& parts, const topic_need* need) {
  if (need == nullptr || planted(planted_bug::retention_below_lease)) return parts.size();
  std::size_t going = 0;
  while (going < parts.size() && parts[going].end <= need->from)
    ++going;
  std::uint64_t held = 0;
  for (auto at = going; at < parts.size(); ++at)
    held += parts[at].bytes;
  for (; held > need->bytes_max; ++going)
    held -= parts[going].bytes;
  return going;
}

} // namespace

std::vector<start_move> decide_starts(const retention_view& view) {
  std::vector<start_move> moves;
  for (const auto& [topic, policy] : view.policies) {
    const auto known = view.needs.find(topic);
    const auto* const need = known == view.needs.end() ? nullptr : &known->second;
    const auto parts = expired_parts(view, topic, {policy, need, view.now});
    if (parts.empty()) continue;
    const auto going = count_going(parts, need);
    const auto start = view.starts.find(topic);
    start_move move{topic, start == view.starts.end() ? topic_start{} : start->second};
    for (std::size_t at = 0; at < parts.size(); ++at) {
      const auto& part = parts[at];
      if (at >= going) {
        move.held.push_back({part.end, part.bytes});
        continue;
      }
      move.bytes += part.bytes;
      move.to.offset = std::max(move.to.offset, part.end_offset);
      move.to.at = std::max(move.to.at, part.end);
    }
    moves.push_back(std::move(move));
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
