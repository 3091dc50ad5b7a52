#include "mesh/base/text_time.hpp"

#include "mesh/base/text_units.hpp"

#include <fmt/format.h>
#include <optional>

namespace weft {
namespace {

using namespace std::chrono;

/// Takes fixed digits and separators off a text; once something is wrong everything stays wrong.
class scanner {
public:
  explicit scanner(std::string_view text) noexcept : rest_(text) {}

  int digits(std::size_t count) noexcept {
    int number = 0;
    for (std::size_t i = 0; i < count; ++i)
      number = number * 10 + (is_digit(i) ? rest_[i] - '0' : fail());
    rest_.remove_prefix(std::min(count, rest_.size()));
    return number;
  }
  /// One of these characters.
  char one_of(std::string_view allowed) noexcept {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
      fail();
      return allowed.front();
    }
    const auto taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }
  /// ".123": microseconds, or 0 when there is no fraction.
  int fraction() noexcept {
    if (rest_.empty() || rest_.front() != '.') return 0;
    rest_.remove_prefix(1);
    if (!is_digit(0)) fail();
    int us = 0;
    for (int weight = 100'000; is_digit(0); weight /= 10, rest_.remove_prefix(1))
      us += (rest_.front() - '0') * weight;
    return us;
  }
  [[nodiscard]] bool done() const noexcept { return ok_ && rest_.empty(); }

private:
  [[nodiscard]] bool is_digit(std::size_t i) const noexcept {
    return i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '9';
  }
  int fail() noexcept {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::optional<wall_time> scan(std::string_view text) {
  scanner in(text);
  const auto year_number = in.digits(4);
  in.one_of("-");
  const auto month_number = static_cast<unsigned>(in.digits(2));
  in.one_of("-");
  const year_month_day date{year{year_number}, month{month_number}, day{static_cast<unsigned>(in.digits(2))}};
  in.one_of("Tt ");
  const auto hour = in.digits(2);
  in.one_of(":");
  const auto minute = in.digits(2);
  in.one_of(":");
  const auto second = in.digits(2);
  const auto us = in.fraction();
  const auto sign = in.one_of("Zz+-");
  int offset = 0;
  bool offset_ok = true;
  if (sign == '+' || sign == '-') {
    const auto offset_hours = in.digits(2);
    in.one_of(":");
    const auto offset_minutes = in.digits(2);
    offset_ok = offset_hours < 24 && offset_minutes < 60;
    offset = (offset_hours * 60 + offset_minutes) * (sign == '+' ? 1 : -1);
  }
  if (!in.done() || !offset_ok || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto at = sys_days{date} + hours{hour} + minutes{minute} - minutes{offset} + seconds{second} + microseconds{us};
  return wall_time{duration_cast<microseconds>(at.time_since_epoch()).count()};
}

} // namespace

result<wall_time> parse_rfc3339(std::string_view text) {
  if (const auto at = scan(text)) return *at;
  return fail(errc::invalid_argument,
              fmt::format("'{}' is not a time: write it as RFC 3339, such as 2011-11-01T08:26:00Z", text));
}

std::string rfc3339_text(wall_time time) {
  const sys_time<microseconds> point{microseconds{time.us}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss clock{point - day};
  const auto us = clock.subseconds().count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), us == 0 ? "" : fmt::format(".{:06}", us));
}

result<wall_time> parse_time(std::string_view text, wall_time now) {
  if (const auto at = scan(text)) return *at;
  if (const auto age = parse_duration(text)) return now - *age;
  return fail(
      errc::invalid_argument,
      fmt::format("'{}' is not a time: write RFC 3339, such as 2011-11-01T08:26:00Z, or an age, such as 15m", text));
}

} // namespace weft
