#include "mesh/base/text_units.hpp"

#include "tests/mesh/base/test_seed.hpp"

#include <gmock/gmock.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(size, has_units_of_1024_and_of_1000) {
  EXPECT_EQ(parse_size("0").value(), 0U);
  EXPECT_EQ(parse_size("512").value(), 512U);
  EXPECT_EQ(parse_size("512B").value(), 512U);
  EXPECT_EQ(parse_size("64KiB").value(), 65'536U);
  EXPECT_EQ(parse_size("3MiB").value(), 3'145'728U);
  EXPECT_EQ(parse_size("2GiB").value(), 2'147'483'648U);
  EXPECT_EQ(parse_size("1TiB").value(), 1'099'511'627'776U);
  EXPECT_EQ(parse_size("5kB").value(), 5'000U);
  EXPECT_EQ(parse_size("5TB").value(), 5'000'000'000'000U);
  EXPECT_EQ(parse_size("18446744073709551615").value(), ~std::uint64_t{0});
}

TEST(size, anything_else_is_refused_and_named) {
  for (const auto* text : {"", "MiB", "-1", "+1", "1.5GiB", "1 MiB", "1mib", "1KiB2", "64M", "0x10",
                           "18446744073709551616", "16777216TiB"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_THAT(parse_size("64M").error().message(), HasSubstr("'64M' is not a size"));
}

TEST(size, is_written_in_the_largest_whole_unit) {
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(size_text(1000), "1000B");
  EXPECT_EQ(size_text(64U << 20U), "64MiB");
  EXPECT_EQ(size_text(5U << 18U), "1280KiB");
}

TEST(duration, has_parts_from_large_to_small) {
  EXPECT_EQ(parse_duration("15m").value(), 15min);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("200ms").value(), 200ms);
  EXPECT_EQ(parse_duration("7us").value(), 7us);
  EXPECT_EQ(parse_duration("2d3h4m5s6ms7us").value(), 51h + 4min + 5s + 6ms + 7us);
  EXPECT_EQ(parse_duration("90s").value(), 90s);
  EXPECT_EQ(parse_duration("0s").value(), 0s);
}

TEST(duration, anything_else_is_refused_and_named) {
  for (const auto* text : {"", "5", "s", "-5s", "1.5h", "15 m", "1m1h", "1h60m", "1h1h", "15min", "1w", "5S",
                           "9223372036854775808us", "106751992d"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_THAT(parse_duration("1w").error().message(), HasSubstr("'1w' is not a duration"));
}

TEST(duration, is_written_as_it_is_read) {
  EXPECT_EQ(duration_text(0us), "0s");
  EXPECT_EQ(duration_text(90min), "1h30m");
  EXPECT_EQ(duration_text(1500us), "1ms500us");
  EXPECT_EQ(duration_text(8760h), "365d");
}

TEST(text_units, what_is_written_reads_back) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int n = 0; n < 1000; ++n) {
    const auto number = random() >> (random() % 64);
    EXPECT_EQ(parse_size(size_text(number)).value(), number);
    const microseconds duration{static_cast<std::int64_t>(number >> 1U)};
    EXPECT_EQ(parse_duration(duration_text(duration)).value(), duration);
  }
}

} // namespace
} // namespace weft
