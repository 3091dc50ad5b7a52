#include "gui/core/frame_ring.hpp"

#include "gui/core/replay.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr std::size_t overhead = 320; // of a frame that is kept, beside its bytes

} // namespace

void frame_ring::add(const telemetry::FrameT& frame, time_us heard_at, const frame_origin& origin) {
  auto bytes = origin.bytes ? origin.bytes : std::make_shared<const std::vector<std::byte>>(telemetry::encode(frame));
  const std::lock_guard lock(mutex_);
  if (!frames_.empty()) heard_at = std::max(heard_at, frames_.back().heard_at);
  bytes_ += bytes->size() + overhead;
  if (frame.whole) wholes_[frame.node].push_back(dropped_ + frames_.size());
  frames_.push_back({heard_at, frame.node, frame.whole, std::move(bytes), origin.place});
  while (!frames_.empty() && (bytes_ > bytes_max_ || heard_at - frames_.front().heard_at > kept_for_))
    drop_oldest();
}

void frame_ring::drop_oldest() {
  const auto& oldest = frames_.front();
  bytes_ -= oldest.bytes->size() + overhead;
  if (oldest.whole) {
    const auto at = wholes_.find(oldest.node);
    at->second.pop_front();
    if (at->second.empty()) wholes_.erase(at);
  }
  frames_.pop_front();
  ++dropped_;
}

std::vector<heard_frame> frame_ring::frames_for(time_us at) const {
  const std::lock_guard lock(mutex_);
  const auto number_of = [this](time_us moment) {
    const auto after = std::ranges::upper_bound(frames_, moment, {}, &heard_frame::heard_at);
    return dropped_ + static_cast<std::uint64_t>(after - frames_.begin());
  };
  const auto end = number_of(at);
  const auto warm = number_of(at - limits::seek_warms_up);
  std::map<std::string_view, std::uint64_t> begins; // by node: where its whole frame is
  auto first = warm;
  for (const auto& [node, wholes] : wholes_) {
    auto next = std::ranges::upper_bound(wholes, warm);
    if (next != wholes.begin()) --next;
    if (next == wholes.end() || *next >= end) continue;
    begins.emplace(node, *next);
    first = std::min(first, *next);
  }
  std::vector<heard_frame> chosen;
  for (auto number = first; number < end; ++number) {
    const auto& frame = frames_[number - dropped_];
    const auto begin = begins.find(frame.node);
    if (number >= (begin == begins.end() ? warm : begin->second)) chosen.push_back(frame);
  }
  return chosen;
}

std::optional<snapshot> frame_ring::seek(time_us at, const std::string& mesh) const {
  const auto chosen = frames_for(at);
  if (chosen.empty()) return std::nullopt;
  return replay(chosen, mesh).snapshot_at(at);
}

std::vector<heard_frame> frame_ring::frames(time_us from, time_us until) const {
  const std::lock_guard lock(mutex_);
  const auto first = std::ranges::lower_bound(frames_, from, {}, &heard_frame::heard_at);
  const auto last = std::ranges::lower_bound(frames_, until, {}, &heard_frame::heard_at);
  return first < last ? std::vector<heard_frame>(first, last) : std::vector<heard_frame>{};
}

std::optional<time_us> frame_ring::oldest() const {
  const std::lock_guard lock(mutex_);
  return frames_.empty() ? std::nullopt : std::optional(frames_.front().heard_at);
}

std::size_t frame_ring::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

} // namespace weft::monitor
