#include "sdk/cli/start_text.hpp"
#include "sdk/cli/table.hpp"
#include "sdk/cli/time_text.hpp"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

std::string time_text(std::int64_t us) {
  std::string out;
  append_time(out, wall_time{us});
  return out;
}

TEST(time_text, always_has_microseconds) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(time_text(1'320'135'360'000'001), "2011-11-01T08:16:00.000001Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(time_text, clamps_what_has_no_four_digit_year) {
  EXPECT_EQ(time_text(INT64_MAX), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(time_text(INT64_MIN), "0000-01-01T00:00:00.000000Z");
}

TEST(time_text, spans_are_short) {
  EXPECT_EQ(short_span(0.00035), "350 us");
  EXPECT_EQ(short_span(0.0123), "12.3 ms");
  EXPECT_EQ(short_span(4.1), "4.1 s");
  EXPECT_EQ(short_span(200), "3 min 20 s");
  EXPECT_EQ(short_span(18'720), "5 h 12 min");
  EXPECT_EQ(short_span(273'600), "3 d 4 h");
}

TEST(start_text, knows_the_four_kinds) {
  const wall_time now{1'000'000'000'000};
  EXPECT_TRUE(std::holds_alternative<start::from_beginning>(*parse_start("beginning", now)));
  EXPECT_TRUE(std::holds_alternative<start::from_end>(*parse_start("end", now)));
  EXPECT_EQ(std::get<wall_time>(*parse_start("15m", now)).us, now.us - 900'000'000);
  EXPECT_EQ(std::get<wall_time>(*parse_start("1970-01-01T00:00:01Z", now)).us, 1'000'000);
  EXPECT_EQ(to_string(std::get<named_position>(*parse_start("inventory/3-9f2c/1042", now))), "inventory/3-9f2c/1042");
}

TEST(start_text, says_what_can_be_written) {
  const auto wrong = parse_start("yesterday", wall_time{0});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("beginning, end"), std::string::npos);
  EXPECT_FALSE(parse_start("a/b/c", wall_time{0}));
}

TEST(table, columns_are_as_wide_as_their_widest_cell) {
  table out{{{"NAME"}, {"EVENTS", true}, {"NOTE"}}};
  out.add({"a", "1", "x"});
  out.add({"caf\xC3\xA9s", "12,345", ""});
  EXPECT_EQ(out.text(), "NAME   EVENTS  NOTE\n"
                        "a           1  x\n"
                        "caf\xC3\xA9s  12,345  \n");
}

TEST(table, numbers_are_grouped_and_bytes_have_units) {
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(-1000), "-1,000");
  EXPECT_EQ(short_bytes(1023), "1023 B");
  EXPECT_EQ(short_bytes(1536), "1.5 KiB");
}

} // namespace
} // namespace weft::cli
