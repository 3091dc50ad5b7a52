#include "gui/core/figures.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace weft::monitor::figures {
namespace {

const std::string minus = "\xE2\x88\x92";
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

TEST(figures, counts_have_groups_of_three_digits) {
  EXPECT_EQ(count(std::uint64_t{0}), "0");
  EXPECT_EQ(count(std::uint64_t{999}), "999");
  EXPECT_EQ(count(std::uint64_t{48'213}), "48,213");
  EXPECT_EQ(count(std::uint64_t{1'000'000'000'000}), "1,000,000,000,000");
  EXPECT_EQ(count(std::int64_t{-1200}), minus + "1,200");
  EXPECT_EQ(count(std::numeric_limits<std::int64_t>::min()), minus + "9,223,372,036,854,775,808");
}

TEST(figures, short_counts_have_three_digits) {
  EXPECT_EQ(short_count(0), "0");
  EXPECT_EQ(short_count(999), "999");
  EXPECT_EQ(short_count(999.6), "1.00 k");
  EXPECT_EQ(short_count(12'345), "12.3 k");
  EXPECT_EQ(short_count(4.81e6), "4.81 M");
  EXPECT_EQ(short_count(1e12), "1.00 T");
  EXPECT_EQ(short_count(-12'345), minus + "12.3 k");
  EXPECT_EQ(short_count(nan), unknown);
}

TEST(figures, rates) {
  EXPECT_EQ(per_s(48'213), "48,213 /s");
  EXPECT_EQ(per_s(0), "0 /s");
  EXPECT_EQ(per_s(-0.0), "0 /s");
  EXPECT_EQ(per_s(0.4), "0.4 /s");
  EXPECT_EQ(per_s(9.96), "10 /s");
  EXPECT_EQ(per_s(1e12), "1,000,000,000,000 /s");
  EXPECT_EQ(per_s(-3), minus + "3.0 /s");
  EXPECT_EQ(per_s(infinite), unknown);
}

TEST(figures, bytes) {
  EXPECT_EQ(bytes(0), "0 B");
  EXPECT_EQ(bytes(812), "812 B");
  EXPECT_EQ(bytes(1024), "1.0 KiB");
  EXPECT_EQ(bytes(1023.9), "1.0 KiB");
  EXPECT_EQ(bytes(1.4 * 1024 * 1024 * 1024), "1.4 GiB");
  EXPECT_EQ(bytes(200.0 * 1024 * 1024), "200 MiB");
  EXPECT_EQ(bytes(1e12), "931 GiB");
  EXPECT_EQ(bytes(1e30), bytes(1e30)) << "ends";
  EXPECT_EQ(bytes_per_s(2048), "2.0 KiB/s");
  EXPECT_EQ(bytes_per_s(nan), unknown);
}

TEST(figures, durations) {
  EXPECT_EQ(duration(0.0), "0 s");
  EXPECT_EQ(duration(85e-6), "85 \xC2\xB5s");
  EXPECT_EQ(duration(0.0024), "2.4 ms");
  EXPECT_EQ(duration(0.131), "131 ms");
  EXPECT_EQ(duration(41.2), "41.2 s");
  EXPECT_EQ(duration(59.96), "1 min 00 s");
  EXPECT_EQ(duration(200.0), "3 min 20 s");
  EXPECT_EQ(duration(7500.0), "2 h 05 min");
  EXPECT_EQ(duration(4 * 86'400.0 + 3 * 3600), "4 d 3 h");
  EXPECT_EQ(duration(1e12), "11,574,074 d 1 h");
  EXPECT_EQ(duration(-0.131), minus + "131 ms");
  EXPECT_EQ(duration(nan), unknown);
  EXPECT_EQ(duration(std::optional<double>()), unknown);
}

TEST(figures, parts_and_changes) {
  EXPECT_EQ(percent(0.125), "12.5 %");
  EXPECT_EQ(percent(0), "0 %");
  EXPECT_EQ(percent(1), "100 %");
  EXPECT_EQ(change(0.031), "+3 %");
  EXPECT_EQ(change(-0.12), minus + "12 %");
  EXPECT_EQ(change(0.001), "0 %");
  EXPECT_EQ(change(std::nullopt), unknown);
}

TEST(figures, when_a_lag_is_over) {
  lag_view lag;
  EXPECT_EQ(drain(lag), "now");
  lag.events = 5;
  EXPECT_EQ(drain(lag), unknown);
  lag.drain_s = 125;
  EXPECT_EQ(drain(lag), "2 min 05 s");
  lag.never_drains = true;
  EXPECT_EQ(drain(lag), "never");
  lag.unknown_since = 1;
  EXPECT_EQ(drain(lag), unknown);
}

TEST(figures, times_of_exports_are_utc) {
  EXPECT_EQ(utc(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc(1'800'000'000'123'456), "2027-01-15T08:00:00.123Z");
  EXPECT_EQ(utc(std::numeric_limits<time_us>::max()).substr(0, 4), "9999");
}

} // namespace
} // namespace weft::monitor::figures
