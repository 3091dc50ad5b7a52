#include "gui/core/compare.hpp"

#include "gui/core/limits.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

enum class of_points : std::uint8_t { mean, most, least };

std::optional<double> value(const series_source& series, const series_key& key, time_span span, of_points which) {
  const auto points = series.points(key, span.from, span.until, limits::compared_points);
  double sum = 0, most = 0, least = 0;
  std::uint64_t count = 0;
  for (const auto& point : points) {
    most = count == 0 ? point.max : std::max(most, point.max);
    least = count == 0 ? point.min : std::min(least, point.min);
    sum += point.sum;
    count += point.count;
  }
  if (count == 0) return std::nullopt;
  return which == of_points::mean ? sum / static_cast<double>(count) : which == of_points::most ? most : least;
}

} // namespace

std::optional<double> compared_figure::change() const {
  if (!before || !after || *before == 0) return std::nullopt;
  return *after / *before - 1;
}

std::vector<compared_figure> compare(const series_source& series, time_span before, time_span after) {
  std::vector<compared_figure> made;
  const auto add = [&](std::string name, const char* unit, const series_key& key, of_points which) {
    made.push_back({std::move(name), unit, value(series, key, before, which), value(series, key, after, which)});
  };
  add("Published, mean", "/s", {figure::published_per_s, {}}, of_points::mean);
  add("Published, most", "/s", {figure::published_per_s, {}}, of_points::most);
  add("Delivered, mean", "/s", {figure::delivered_per_s, {}}, of_points::mean);
  add("Delivery p99, mean", "ms", {figure::delivery_p99_ms, {}}, of_points::mean);
  add("Publish p99, mean", "ms", {figure::publish_p99_ms, {}}, of_points::mean);
  add("Nodes that are well, least", "", {figure::nodes_well, {}}, of_points::least);
  std::vector<compared_figure> lags;
  for (const auto& group : series.known(figure::lag_seconds)) {
    if (group.find('/') != std::string::npos || lags.size() >= limits::compared_groups_max) continue;
    compared_figure lag{"Lag of " + group + ", worst", "s",
                        value(series, {figure::lag_seconds, group}, before, of_points::most),
                        value(series, {figure::lag_seconds, group}, after, of_points::most)};
    if (lag.before.value_or(0) > 0 || lag.after.value_or(0) > 0) lags.push_back(std::move(lag));
  }
  made.insert(made.end(), lags.begin(), lags.end());
  return made;
}

} // namespace weft::monitor
