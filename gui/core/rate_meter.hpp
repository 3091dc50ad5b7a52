// gui/core/rate_meter.hpp: how fast a counter rises. Pure.
#pragma once
#include "gui/core/limits.hpp"

#include <cstdint>

namespace weft::monitor {

/// The rate of a counter that is told now and then, by the clock of who tells it. It is taken over the last one to two
/// windows, or over the last interval between two looks where those are longer.
///
///     base ---- next ---- last      a look moves on what is a window old: rate = (last - base) / time between them
class rate_meter {
public:
  /// The counter was looked at. One that went back, or a clock that did, begins anew.
  void note(time_us at, std::uint64_t value) noexcept {
    if (!begun_ || at <= last_.at || value < last_.value) {
      if (begun_ && at == last_.at && value >= last_.value) {
        last_.value = value;
        return;
      }
      base_ = next_ = last_ = {at, value};
      begun_ = true;
      return;
    }
    if (at - next_.at >= limits::rate_window) {
      base_ = next_;
      next_ = {at, value};
    }
    last_ = {at, value};
  }
  /// It was looked at, and had not changed.
  void hold(time_us at) noexcept {
    if (begun_ && at > last_.at) note(at, last_.value);
  }
  /// At the last look of all, which may be later than the last one that told of this counter.
  [[nodiscard]] double per_s(time_us now) const noexcept {
    if (!begun_ || now - last_.at >= limits::rate_window || last_.at <= base_.at) return 0;
    const auto span = (now > last_.at ? now : last_.at) - base_.at;
    return static_cast<double>(last_.value - base_.value) * limits::second / static_cast<double>(span);
  }
  /// Whether two looks were far enough apart for a rate.
  [[nodiscard]] bool is_known() const noexcept { return begun_ && last_.at > base_.at; }

private:
  struct look {
    time_us at = 0;
    std::uint64_t value = 0;
  };
  look base_, next_, last_;
  bool begun_ = false;
};

} // namespace weft::monitor
