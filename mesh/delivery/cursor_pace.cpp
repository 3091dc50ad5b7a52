#include "mesh/delivery/cursor_pace.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::delivery {

void cursor_pace::moved(const pace_mark& to, std::uint64_t generation) {
  constexpr microseconds apart = microseconds(limits::pace_window) / limits::pace_marks_max;
  const bool moved_back = !marks_.empty() && to.cursor < marks_.back().cursor;
  if (generation != generation_ || moved_back) marks_.clear();
  generation_ = generation;
  if (marks_.empty() || to.at - marks_.back().at >= apart) marks_.push_back(to);
  while (marks_.size() > 1 && to.at - marks_[1].at >= microseconds(limits::pace_window))
    marks_.pop_front();
}

/// The last mark before the window, or the first in it.
std::optional<pace_mark> cursor_pace::since(mono_time now) const {
  const auto inside =
      std::ranges::find_if(marks_, [&](const auto& one) { return now - one.at < microseconds(limits::pace_window); });
  if (marks_.empty()) return std::nullopt;
  const auto& from = inside == marks_.begin() ? *inside : *std::prev(inside);
  if (now - from.at < microseconds(limits::pace_known_after)) return std::nullopt;
  return from;
}

drain_estimate estimate_drain(std::uint64_t left, const pace& of) {
  const auto seconds = static_cast<double>(of.over.count()) / 1e6;
  drain_estimate estimate{static_cast<double>(of.processed) / seconds, static_cast<double>(of.arrived) / seconds, {}};
  const auto gain = estimate.processed_per_s - estimate.arrived_per_s;
  if (left == 0)
    estimate.seconds = 0;
  else if (of.processed > of.arrived)
    estimate.seconds = static_cast<double>(left) / gain;
  return estimate;
}

} // namespace weft::delivery
