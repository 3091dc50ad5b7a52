#include "gui/core/figures.hpp"

#include "gui/core/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fmt/format.h>

namespace weft::monitor::figures {
namespace {

constexpr const char* minus = "\xE2\x88\x92"; // U+2212, as wide as a digit

/// Digits in groups of three.
std::string grouped(std::uint64_t of) {
  auto digits = fmt::format("{}", of);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string with_sign(double of, const std::string& text) { return of < 0 ? minus + text : text; }

/// Three digits of a number in [0, 1000).
std::string three_digits(double of) {
  if (of < 9.995) return fmt::format("{:.2f}", of);
  return of < 99.95 ? fmt::format("{:.1f}", of) : fmt::format("{:.0f}", of);
}

std::string scaled(double of, double base, double first, const auto& units) {
  const double size = std::abs(of);
  std::size_t unit = 0;
  double value = size;
  while (unit + 1 < units.size() && value >= first) {
    value /= base;
    ++unit;
  }
  return with_sign(of, unit == 0 ? fmt::format("{:.0f}{}", value, units[0]) : three_digits(value) + units[unit]);
}

bool is_known(double of) { return std::isfinite(of); }

/// 3 min 20 s, 2 h 05 min, 4 d 3 h. @pre seconds >= 60
std::string long_duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, limits::number_max));
  constexpr std::uint64_t minute = 60;
  constexpr std::uint64_t hour = 60 * minute;
  constexpr std::uint64_t day = 24 * hour;
  if (whole < hour) return fmt::format("{} min {:02} s", whole / minute, whole % minute);
  if (whole < day) return fmt::format("{} h {:02} min", whole / hour, whole % hour / minute);
  return fmt::format("{} d {} h", grouped(whole / day), whole % day / hour);
}

} // namespace

std::string count(std::int64_t of) {
  const auto size = of < 0 ? ~static_cast<std::uint64_t>(of) + 1 : static_cast<std::uint64_t>(of);
  return of < 0 ? minus + grouped(size) : grouped(size);
}

std::string count(std::uint64_t of) { return grouped(of); }

std::string short_count(double of) {
  static constexpr std::array units{"", " k", " M", " G", " T", " P"};
  return is_known(of) ? scaled(of, 1000, 999.5, units) : unknown;
}

std::string per_s(double of) {
  if (!is_known(of)) return unknown;
  const double size = std::abs(of);
  if (size < 0.05) return "0 /s";
  if (size < 9.95) return with_sign(of, fmt::format("{:.1f} /s", size));
  if (size > limits::number_max) return short_count(of) + " /s";
  return with_sign(of, grouped(static_cast<std::uint64_t>(std::llround(size))) + " /s");
}

std::string bytes(double of) {
  static constexpr std::array units{" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  if (!is_known(of)) return unknown;
  const double size = std::abs(of);
  std::size_t unit = 0;
  double value = size;
  while (unit + 1 < units.size() && value >= (unit == 0 ? 1023.5 : 1023.95)) {
    value /= 1024;
    ++unit;
  }
  const bool is_whole = unit == 0 || value >= 99.95;
  return with_sign(of, fmt::format("{:.{}f}{}", value, is_whole ? 0 : 1, units[unit]));
}

std::string bytes_per_s(double of) { return is_known(of) ? bytes(of) + "/s" : unknown; }

std::string duration(double seconds) {
  if (!is_known(seconds)) return unknown;
  const double size = std::abs(seconds);
  if (size < 0.5e-6) return "0 s";
  if (size < 0.9995e-3) return with_sign(seconds, fmt::format("{:.0f} \xC2\xB5s", size * 1e6));
  if (size < 0.00995) return with_sign(seconds, fmt::format("{:.1f} ms", size * 1e3));
  if (size < 0.9995) return with_sign(seconds, fmt::format("{:.0f} ms", size * 1e3));
  if (size < 59.95) return with_sign(seconds, fmt::format("{:.1f} s", size));
  return with_sign(seconds, long_duration(std::max(size, 60.0)));
}

std::string duration(std::optional<double> seconds) { return seconds ? duration(*seconds) : unknown; }

std::string percent(double part) {
  if (!is_known(part)) return unknown;
  const double size = std::abs(part) * 100;
  if (size < 0.05) return "0 %";
  return with_sign(part, size < 99.95 ? fmt::format("{:.1f} %", size) : short_count(size) + " %");
}

std::string change(std::optional<double> part) {
  if (!part || !is_known(*part)) return unknown;
  const auto whole = std::abs(*part) * 100;
  if (whole < 0.5) return "0 %";
  return (*part < 0 ? std::string(minus) : "+") + short_count(whole) + " %";
}

std::string drain(const lag_view& of) {
  if (of.unknown_since) return unknown;
  if (of.events == 0) return "now";
  if (of.never_drains) return "never";
  return duration(of.drain_s);
}

const char* word(trend of) {
  switch (of) {
  case trend::steady: return "steady";
  case trend::growing: return "growing";
  case trend::shrinking: return "shrinking";
  }
  return unknown;
}

const char* word(health of) {
  switch (of) {
  case health::ok: return "ok";
  case health::warn: return "warning";
  case health::fail: return "failed";
  case health::unknown: return "unknown";
  }
  return unknown;
}

std::string utc(time_us at) {
  using namespace std::chrono;
  const sys_time<microseconds> moment{microseconds(std::clamp<time_us>(at, 0, limits::time_max))};
  const auto midnight = floor<days>(moment);
  const year_month_day date(midnight);
  const hh_mm_ss time(floor<milliseconds>(moment - midnight));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()}, time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

} // namespace weft::monitor::figures
