#include "gui/core/lag_trend.hpp"

#include <algorithm>
#include <cmath>

namespace weft::monitor {

void lag_trend::note(time_us at, double seconds) noexcept {
  const auto number = at / limits::trend_step;
  if (known_ == 0 || number < newest_ || number - newest_ > static_cast<std::int64_t>(steps)) {
    if (known_ != 0 && number == newest_ - 1) return; // just late
    ring_ = {};
    known_ = 1;
    newest_ = number;
  }
  while (newest_ < number) {
    const auto before = ring_[static_cast<std::size_t>(newest_) % steps];
    auto& next = ring_[static_cast<std::size_t>(++newest_) % steps];
    next = {};
    if (newest_ < number) next = before; // nothing was told in this step
    known_ = std::min(known_ + 1, steps);
  }
  auto& now = ring_[static_cast<std::size_t>(number) % steps];
  now.sum += seconds;
  ++now.count;
}

trend lag_trend::goes() const noexcept {
  if (known_ < steps / 2 + 1) return trend::steady;
  const auto late = known_ / 2;
  double halves[2] = {0, 0};
  std::size_t counts[2] = {0, 0};
  for (std::size_t back = 0; back < known_; ++back) {
    const auto& at = ring_[(static_cast<std::size_t>(newest_) - back) % steps];
    const auto half = back < late ? 1U : 0U;
    if (at.count == 0) continue;
    halves[half] += at.sum / at.count;
    ++counts[half];
  }
  if (counts[0] == 0 || counts[1] == 0) return trend::steady;
  const auto earlier = halves[0] / static_cast<double>(counts[0]);
  const auto later = halves[1] / static_cast<double>(counts[1]);
  const auto least = std::max(limits::trend_seconds_least, limits::trend_part * std::max(earlier, later));
  if (std::abs(later - earlier) < least) return trend::steady;
  return later > earlier ? trend::growing : trend::shrinking;
}

} // namespace weft::monitor
