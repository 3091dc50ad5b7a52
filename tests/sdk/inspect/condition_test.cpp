#include "sdk/inspect/condition.hpp"

#include <gtest/gtest.h>

namespace weft::inspect {
namespace {

using op = header_condition::op;

TEST(condition, has_field_operator_and_value) {
  const auto test = parse_condition("quantity >= 5");
  ASSERT_TRUE(test);
  EXPECT_EQ(test->field, "quantity");
  EXPECT_EQ(test->compare, op::greater_equal);
  EXPECT_EQ(test->value, "5");
}

TEST(condition, needs_no_spaces_and_takes_quotes) {
  const auto test = parse_condition("header.region!='eu west'");
  ASSERT_TRUE(test);
  EXPECT_EQ(test->field, "header.region");
  EXPECT_EQ(test->compare, op::not_equal);
  EXPECT_EQ(test->value, "eu west");
}

TEST(condition, without_field_or_operator_is_refused) {
  for (const auto* text : {"", "quantity", "= 5", "header. = 1", "value. < 1", "a ! b"})
    EXPECT_FALSE(parse_condition(text)) << text;
}

TEST(condition, compares_numbers_as_numbers_and_else_text) {
  EXPECT_TRUE(compare("10", op::greater, "9"));
  EXPECT_TRUE(compare("1.0", op::equal, "1"));
  EXPECT_TRUE(compare("-3", op::less, "2"));
  EXPECT_TRUE(compare("10a", op::less, "9"));
  EXPECT_TRUE(compare("", op::not_equal, "0"));
  EXPECT_FALSE(compare("b", op::less_equal, "a"));
}

TEST(condition, what_the_source_can_test_goes_there) {
  subscription_options options;
  const auto left = push_down({{"key", op::equal, "k"},
                               {"type", op::equal, "t"},
                               {"header.h", op::less, "1"},
                               {"key", op::not_equal, "x"},
                               {"type", op::equal, "second"},
                               {"quantity", op::greater, "5"}},
                              options);
  EXPECT_EQ(options.key, "k");
  EXPECT_EQ(options.types, std::vector<std::string>{"t"});
  ASSERT_EQ(options.headers.size(), 1U);
  EXPECT_EQ(options.headers[0].name, "h");
  ASSERT_EQ(left.size(), 3U);
  EXPECT_EQ(left[0].field, "key");
  EXPECT_EQ(left[1].value, "second");
  EXPECT_EQ(left[2].field, "quantity");
}

TEST(condition, tests_key_type_headers_and_fields_of_the_value) {
  const event_texts order{"A17", "placed", R"({"quantity":5,"customer":{"name":"Ann"}})", {{"region", "eu"}}};
  const auto holds = [&](const char* text) { return passes(order, {*parse_condition(text)}); };
  for (const auto* text : {"key = A17", "type != x", "header.region = eu", "quantity >= 5", "customer.name = Ann"})
    EXPECT_TRUE(holds(text)) << text;
  for (const auto* text : {"key = A18", "header.zone != eu", "header.region = us", "quantity > 5", "customer = Ann"})
    EXPECT_FALSE(holds(text)) << text;
  EXPECT_TRUE(passes(order, {}));
}

} // namespace
} // namespace weft::inspect
