#include "mesh/base/text_time.hpp"

#include "tests/mesh/base/test_seed.hpp"

#include <gmock/gmock.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr wall_time invoice{1'320'135'960'000'000}; // 2011-11-01T08:26:00Z

TEST(rfc3339, reads_utc_offsets_and_fractions) {
  EXPECT_EQ(parse_rfc3339("2011-11-01T08:26:00Z").value(), invoice);
  EXPECT_EQ(parse_rfc3339("2011-11-01t08:26:00z").value(), invoice);
  EXPECT_EQ(parse_rfc3339("2011-11-01 08:26:00Z").value(), invoice);
  EXPECT_EQ(parse_rfc3339("2011-11-01T09:56:00+01:30").value(), invoice);
  EXPECT_EQ(parse_rfc3339("2011-10-31T22:26:00-10:00").value(), invoice);
  EXPECT_EQ(parse_rfc3339("2011-11-01T08:26:00.5Z").value(), invoice + 500ms);
  EXPECT_EQ(parse_rfc3339("2011-11-01T08:26:00.000001999Z").value(), invoice + 1us);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59Z").value(), wall_time{-1'000'000});
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z").value(), parse_rfc3339("2017-01-01T00:00:00Z").value());
  EXPECT_EQ(parse_rfc3339("2012-02-29T00:00:00Z").value().us, 1'330'473'600'000'000);
}

TEST(rfc3339, anything_else_is_refused_and_named) {
  for (const auto* text :
       {"", "2011-11-01", "2011-11-01T08:26Z", "2011-11-01T08:26:00", "2011-13-01T08:26:00Z", "2011-02-29T08:26:00Z",
        "2011-11-01T24:00:00Z", "2011-11-01T08:60:00Z", "2011-11-01T08:26:61Z", "2011-11-01T08:26:00.Z",
        "2011-11-01T08:26:00+1:00", "2011-11-01T08:26:00+24:00", "2011-11-01T08:26:00Zz", "11-11-01T08:26:00Z",
        "2011/11/01T08:26:00Z", "2011-11-00T08:26:00Z", "+011-11-01T08:26:00Z"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  EXPECT_THAT(parse_rfc3339("yesterday").error().message(), HasSubstr("'yesterday' is not a time"));
}

TEST(rfc3339, is_written_in_utc_with_a_fraction_when_there_is_one) {
  EXPECT_EQ(rfc3339_text(invoice), "2011-11-01T08:26:00Z");
  EXPECT_EQ(rfc3339_text(invoice + 1us), "2011-11-01T08:26:00.000001Z");
  EXPECT_EQ(rfc3339_text({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(rfc3339, what_is_written_reads_back) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::int64_t> years_0_to_9999(-62'167'219'200'000'000, 253'402'300'799'999'999);
  for (int n = 0; n < 1000; ++n) {
    const wall_time time{years_0_to_9999(random)};
    EXPECT_EQ(parse_rfc3339(rfc3339_text(time)).value(), time) << rfc3339_text(time);
  }
}

TEST(time_text, is_a_point_or_an_age) {
  EXPECT_EQ(parse_time("15m", invoice).value(), invoice - 15min);
  EXPECT_EQ(parse_time("2011-11-01T08:26:00Z", {}).value(), invoice);
  const auto wrong = parse_time("soon", invoice);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), errc::invalid_argument);
  EXPECT_THAT(wrong.error().message(), HasSubstr("or an age, such as 15m"));
}

} // namespace
} // namespace weft
