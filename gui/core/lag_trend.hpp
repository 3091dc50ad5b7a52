// gui/core/lag_trend.hpp: which way a lag goes. Pure.
#pragma once
#include "gui/core/limits.hpp"

#include <array>

namespace weft::monitor {

/// Compares the later half of the last 30 s with the earlier one, so that a lag that rises and falls with each commit
/// is steady. Samples are one a step; a lag that is told seldom keeps its last value.
class lag_trend {
public:
  void note(time_us at, double seconds) noexcept;
  /// Steady until half of the window is known.
  [[nodiscard]] trend goes() const noexcept;

private:
  static constexpr std::size_t steps = limits::trend_window / limits::trend_step;
  struct step {
    double sum = 0;
    std::uint32_t count = 0;
  };
  std::array<step, steps> ring_{}; // by number of the step, modulo
  std::int64_t newest_ = -1;       // its number
  std::size_t known_ = 0;          // steps, up to the newest
};

} // namespace weft::monitor
