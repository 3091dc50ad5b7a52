#include "sdk/cli/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace weft::cli {
namespace {

using std::chrono::sys_days;

constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::int64_t us_per_day = 86'400 * us_per_s;

} // namespace

void append_time(std::string& out, wall_time at) {
  constexpr std::int64_t first = sys_days{std::chrono::year{0} / 1 / 1}.time_since_epoch().count() * us_per_day;
  constexpr std::int64_t end =
      (sys_days{std::chrono::year{9999} / 12 / 31}.time_since_epoch().count() + 1) * us_per_day;
  const auto us = std::clamp(at.us, first, end - 1);
  auto days = us / us_per_day;
  if (us % us_per_day < 0) --days;
  const auto in_day = us - days * us_per_day;
  const std::chrono::year_month_day date{sys_days{std::chrono::days{days}}};
  const auto s = in_day / us_per_s;
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), s / 3600, s / 60 % 60, s % 60,
                 in_day % us_per_s);
}

std::string short_span(double seconds) {
  if (seconds < 0.001) return fmt::format("{:.0f} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86'400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86'400, whole / 3600 % 24);
}

} // namespace weft::cli
