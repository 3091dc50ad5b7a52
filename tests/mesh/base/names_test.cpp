#include "mesh/base/names.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

bool matches(std::string_view pattern, std::string_view topic) {
  return topic_pattern::parse(pattern).value().matches(topic);
}

TEST(topic_name, allows_dotted_tokens) {
  EXPECT_TRUE(check_topic_name("retail.orders"));
  EXPECT_TRUE(check_topic_name("A_b-9"));
  EXPECT_TRUE(check_topic_name(std::string(249, 'a')));
}

TEST(topic_name, refuses_what_could_escape_or_deceive) { // T49
  using namespace std::string_view_literals;
  for (const auto name :
       {""sv, "."sv, "a..b"sv, ".a"sv, "a."sv, "../etc"sv, "a\0b"sv, "a b"sv, "\xe2\x80\xae"sv, "*"sv, "a.>"sv})
    EXPECT_FALSE(check_topic_name(name)) << name;
  EXPECT_FALSE(check_topic_name(std::string(250, 'a')));
}

TEST(topic_name, error_names_the_byte_and_its_place) {
  const auto checked = check_topic_name("retail.or ders");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), errc::invalid_name);
  EXPECT_NE(checked.error().message().find("0x20 at 9"), std::string::npos) << checked.error().message();
}

TEST(topic_pattern, star_is_one_token_and_greater_is_the_rest) {
  EXPECT_TRUE(matches("retail.orders", "retail.orders"));
  EXPECT_FALSE(matches("retail.orders", "retail.orders.eu"));
  EXPECT_TRUE(matches("retail.*", "retail.orders"));
  EXPECT_FALSE(matches("retail.*", "retail"));
  EXPECT_FALSE(matches("retail.*", "retail.orders.eu"));
  EXPECT_TRUE(matches("retail.>", "retail.orders.eu"));
  EXPECT_FALSE(matches("retail.>", "retail"));
  EXPECT_TRUE(matches("*.orders", "retail.orders"));
  EXPECT_TRUE(matches(">", "retail"));
}

TEST(topic_pattern, reserved_topics_must_be_named) {
  EXPECT_FALSE(matches(">", "_weft.cursors"));
  EXPECT_FALSE(matches("*.cursors", "_weft.cursors"));
  EXPECT_TRUE(matches("_weft.>", "_weft.cursors"));
}

TEST(topic_pattern, greater_must_be_last) {
  EXPECT_FALSE(topic_pattern::parse("a.>.b"));
  EXPECT_FALSE(topic_pattern::parse("a.b*"));
}

TEST(topic_pattern, literal_prefix_stops_before_the_first_wildcard) {
  EXPECT_EQ(topic_pattern::parse("a.b.*")->literal_prefix(), "a.b");
  EXPECT_EQ(topic_pattern::parse("a.b")->literal_prefix(), "a.b");
  EXPECT_EQ(topic_pattern::parse(">")->literal_prefix(), "");
}

TEST(node_name, is_lower_case_and_short) {
  EXPECT_TRUE(check_node_name("shop-1"));
  EXPECT_FALSE(check_node_name("Shop"));
  EXPECT_FALSE(check_node_name(""));
  EXPECT_FALSE(check_node_name(std::string(64, 'a')));
}

} // namespace
} // namespace weft
