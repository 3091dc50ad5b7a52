// gui/core/compare.hpp: the figures of two spans of time, side by side. Pure.
#pragma once
#include "gui/core/series.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::monitor {

struct time_span {
  time_us from = 0, until = 0;
};

/// What one figure was in both spans; absent where nothing is kept of it.
struct compared_figure {
  std::string name; ///< "Published, mean"
  std::string unit; ///< "/s", "ms", "s", "events", ""
  std::optional<double> before, after;
  /// How much more: 0.1 is a tenth more; absent where there is nothing to compare with.
  [[nodiscard]] std::optional<double> change() const;
};

/// The mesh's own figures first, then the lag of each group that was behind in either.
[[nodiscard]] std::vector<compared_figure> compare(const series_source& series, time_span before, time_span after);

} // namespace weft::monitor
