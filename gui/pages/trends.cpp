#include "gui/pages/trends.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/trend_chart.hpp"

namespace weft::monitor {
namespace {

constexpr std::size_t pointsMax = 120;

} // namespace

void showTrend(TrendChart& chart, const Moment& moment, figure what, const std::vector<std::string>& names,
               time_us span) {
  const time_us until = moment.now->at, from = until - span;
  std::vector<TrendLine> lines;
  lines.reserve(names.size());
  for (const auto& name : names)
    lines.push_back({texts::of(name), moment.source->series().points({what, name}, from, until, pointsMax)});
  chart.setLines(lines, from, until, moment.live);
}

void showOne(TrendChart& chart, const Moment& moment, figure what, const std::string& name, time_us span) {
  const time_us until = moment.now->at, from = until - span;
  TrendLine line{{}, moment.source->series().points({what, name}, from, until, pointsMax)};
  if (!line.points.empty()) line.name = texts::compact(line.points.back().mean());
  chart.setLines({line}, from, until, moment.live);
}

} // namespace weft::monitor
