#include "samples/retail/invoice_source.hpp"

#include <chrono>
#include <cstdio>

namespace retail {

using namespace std::chrono;

std::optional<std::int64_t> seconds_of(const std::string& invoice_date) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, end = 0;
  const auto found = std::sscanf(invoice_date.c_str(), "%4d-%2d-%2d %2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &s, &end);
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (found != 6 || static_cast<std::size_t>(end) != invoice_date.size() || !date.ok()) return std::nullopt;
  return duration_cast<seconds>(sys_days{date}.time_since_epoch() + hours{h} + minutes{mi} + seconds{s}).count();
}

std::string invoice_date_of(std::int64_t at) {
  const auto days_since = floor<days>(seconds{at});
  const year_month_day date{sys_days{days_since}};
  const auto in_day = at - duration_cast<seconds>(days_since).count();
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(in_day / 3600),
                static_cast<int>(in_day / 60 % 60), static_cast<int>(in_day % 60));
  return text;
}

} // namespace retail
