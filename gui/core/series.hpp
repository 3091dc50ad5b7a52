// gui/core/series.hpp: how figures went over time.
#pragma once
#include "gui/core/snapshot.hpp"

#include <compare>
#include <string>
#include <vector>

namespace weft::monitor {

/// What is kept over time.
enum class figure : std::uint8_t {
  published_per_s,  ///< `of`: a node; empty: the mesh
  delivered_per_s,  ///< a node; empty: the mesh
  topic_per_s,      ///< a topic: published in all logs
  lag_seconds,      ///< GROUP, the worst of its rows; or GROUP/LOG/TOPIC
  lag_events,       ///< GROUP, the sum of its rows; or GROUP/LOG/TOPIC
  delivery_p99_ms,  ///< a topic; empty: all
  publish_p99_ms,   ///< a topic; empty: all
  link_bytes_per_s, ///< A/B, both ways
  nodes_well        ///< empty
};

struct series_key {
  figure what = figure::published_per_s;
  std::string of;
  friend auto operator<=>(const series_key&, const series_key&) = default;
};

/// All samples of one span of time, as long as the step that was asked for.
struct series_point {
  time_us at = 0; ///< where the span begins
  double min = 0, max = 0, sum = 0;
  std::uint32_t count = 0;
  [[nodiscard]] double mean() const noexcept { return count == 0 ? 0 : sum / count; }
};

/// Where charts, sparklines and the time bar read from.
/// @thread any
class series_source {
public:
  series_source() = default;
  series_source(const series_source&) = delete;
  series_source& operator=(const series_source&) = delete;
  virtual ~series_source() = default;

  /// Points of [from, until), oldest first, at most `points_max`: the finest level that fits. Spans without a sample
  /// are left out; the span that is not over yet is never in it.
  [[nodiscard]] virtual std::vector<series_point> points(const series_key& of, time_us from, time_us until,
                                                         std::size_t points_max) const = 0;
  /// Keys of this figure for which there is anything, sorted.
  [[nodiscard]] virtual std::vector<std::string> known(figure what) const = 0;
};

} // namespace weft::monitor
