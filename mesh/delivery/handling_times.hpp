// mesh/delivery/handling_times.hpp: how long a member of a group has what it is handed. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/group_messages.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>

namespace weft::delivery {

/// Of one flow: hand-outs have numbers that rise. What the member says is not trusted: an event counts once at most.
class handling_times {
public:
  /// @param events  [from, until) by number
  void handed(const wire::number_range& events, mono_time now) {
    runs_.push_back({events, events.until - events.from, now});
    if (runs_.size() > limits::group_window_events_max) runs_.pop_front(); // of what it failed and never says more of
  }
  /// It has them no more. @param took  called with how long it had how many of them
  template <class Took>
  void ended(const wire::number_range& events, mono_time now, const Took& took) {
    const auto is_before = [](const run& one, std::uint64_t number) { return one.events.until <= number; };
    for (auto at = std::lower_bound(runs_.begin(), runs_.end(), events.from, is_before);
         at != runs_.end() && at->events.from < events.until; ++at) {
      const auto some = std::min(events.until, at->events.until) - std::max(events.from, at->events.from);
      const auto counted = std::min(some, at->left);
      at->left -= counted;
      if (counted > 0) took(now - at->since, counted);
    }
    while (!runs_.empty() && runs_.front().left == 0)
      runs_.pop_front();
  }
  [[nodiscard]] std::size_t runs() const noexcept { return runs_.size(); }

private:
  struct run {
    wire::number_range events;
    std::uint64_t left; ///< that it has
    mono_time since;
  };
  std::deque<run> runs_; // ascending
};

} // namespace weft::delivery
