#include "sdk/cli/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::cli {
namespace {

std::string value(std::string_view bytes) {
  std::string out;
  append_json_value(out, bytes);
  return out;
}

TEST(json_text, a_json_value_is_shown_as_it_is) {
  EXPECT_EQ(value(R"({"a":1.50,"b":[1e2]})"), R"({"a":1.50,"b":[1e2]})");
  EXPECT_EQ(value("12"), "12");
}

TEST(json_text, a_json_value_stays_on_one_line) {
  EXPECT_EQ(value("{\n\t\"a\":\r\n1}"), "{  \"a\":  1}");
  EXPECT_EQ(value("\xEF\xBB\xBF[1]"), "[1]");
}

TEST(json_text, other_text_is_a_string) {
  EXPECT_EQ(value("tea"), R"("tea")");
  EXPECT_EQ(value(""), R"("")");
  EXPECT_EQ(value("a\"\\\n\t\x01z"), R"("a\"\\\n\t\u0001z")");
  EXPECT_EQ(value("{\"a\":}"), R"("{\"a\":}")");
}

TEST(json_text, other_bytes_are_base64) {
  EXPECT_EQ(value("\xFF"), R"({"base64":"/w=="})");
  EXPECT_EQ(value("\xFFzz"), R"({"base64":"/3p6"})");
  EXPECT_EQ(value("\xFFz"), R"({"base64":"/3o="})");
}

TEST(json_text, every_byte_reads_back) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = "x" + std::string(1, static_cast<char>(c)) + "y z";
    EXPECT_EQ(nlohmann::json::parse(value(text)).get<std::string>(), text) << c;
  }
}

TEST(json_text, plain_text_keeps_to_one_line) {
  std::string out;
  append_plain(out, "a\nb\x1b[31m");
  EXPECT_EQ(out, "a b [31m");
  out.clear();
  append_plain(out, "\xFF");
  EXPECT_EQ(out, "base64:/w==");
}

} // namespace
} // namespace weft::cli
