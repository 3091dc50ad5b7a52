// gui/pages/trends.hpp: the last minute of some series, on a chart.
#pragma once
#include "gui/pages/page.hpp"

namespace weft::monitor {

class TrendChart;

/// Shows figure `what` of each of `names`; only spans that are over are drawn, so no line ends in a false drop.
void showTrend(TrendChart& chart, const Moment& moment, figure what, const std::vector<std::string>& names,
               time_us span = 60'000'000);

/// Shows one series, whose label is its last value: what it is, the title says.
void showOne(TrendChart& chart, const Moment& moment, figure what, const std::string& name, time_us span = 60'000'000);

} // namespace weft::monitor
