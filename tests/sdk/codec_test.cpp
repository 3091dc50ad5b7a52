#include "weft/codec.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/random.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "weft/topic.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace shop {

enum class Size { small, large };
WEFT_ENUM(Size, small, large)

struct Line {
  std::string sku{};
  int quantity = 0;
  friend bool operator==(const Line&, const Line&) = default;
};
WEFT_EVENT(Line, no_key, sku, quantity)

struct Order {
  std::string id{};
  std::int64_t cents = 0;
  std::uint64_t big = 0;
  double weight = 0;
  bool paid = false;
  Size size = Size::small;
  std::optional<std::string> note{};
  std::vector<Line> lines{};
  std::map<std::string, int> stock{};
  std::vector<std::optional<bool>> flags{};
  friend bool operator==(const Order&, const Order&) = default;
};
WEFT_EVENT(Order, key(id, size), id, cents, big, weight, paid, size, note, lines, stock, flags)

struct Small {
  std::int8_t tiny = 0;
  std::uint16_t port = 0;
  float ratio = 0;
};
WEFT_EVENT(Small, key(port), tiny, port, ratio);

} // namespace shop

namespace {

using namespace weft;

template <class T>
std::string encoded(const T& value) {
  std::string scratch;
  const auto bytes = codec<T>::encode(value, scratch);
  return bytes ? std::string(as_text(*bytes)) : "error: " + bytes.error().message();
}

template <class T>
std::string error_of(std::string_view text) {
  const auto read = codec<T>::decode(as_bytes(text));
  return read ? "" : read.error().message();
}

template <class T>
std::string key_of(const T& value) {
  std::string key;
  codec<T>::key(value, key);
  return key;
}

shop::Order full_order() {
  return {.id = "A17",
          .cents = std::numeric_limits<std::int64_t>::min(),
          .big = std::numeric_limits<std::uint64_t>::max(),
          .weight = 0.1,
          .paid = true,
          .size = shop::Size::large,
          .note = "say \"hi\"\\\n\t\x01 \xC3\xA9 \xF0\x9F\x8D\xB5",
          .lines = {{"tea", 2}, {"", -1}},
          .stock = {{"a", 1}, {"b\"", -2}},
          .flags = {true, std::nullopt, false}};
}

TEST(codec, a_struct_comes_back_as_it_was) {
  const auto order = full_order();
  const auto text = encoded(order);
  const auto read = codec<shop::Order>::decode(as_bytes(text));
  ASSERT_TRUE(read) << read.error().message() << "\n" << text;
  EXPECT_EQ(*read, order);
}

TEST(codec, a_struct_is_compact_json_in_the_order_of_its_fields) {
  EXPECT_EQ(encoded(shop::Line{"tea", 2}), R"({"sku":"tea","quantity":2})");
  EXPECT_EQ(encoded(shop::Line{"a\"\\\x02/", 0}), R"({"sku":"a\"\\\u0002/","quantity":0})");
}

TEST(codec, random_texts_and_numbers_come_back) {
  const auto seed = test_seed();
  seeded_random random(seed);
  for (int round = 0; round < 500; ++round) {
    auto order = full_order();
    order.id.clear();
    for (auto n = random.below(20); n > 0; --n)
      order.id.push_back(static_cast<char>(random.below(128)));
    order.cents = static_cast<std::int64_t>(random.next());
    order.big = random.next();
    order.weight = std::ldexp(static_cast<double>(random.next()), static_cast<int>(random.below(600)) - 300);
    const auto read = codec<shop::Order>::decode(as_bytes(encoded(order)));
    ASSERT_TRUE(read) << read.error().message() << " seed " << seed;
    ASSERT_EQ(*read, order) << "seed " << seed;
  }
}

TEST(codec, unknown_fields_are_ignored_and_absent_optionals_stay_empty) {
  const auto read = codec<shop::Line>::decode(as_bytes(R"( {"more":[{}],"quantity":1,"sku":"x","":null} )"));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (shop::Line{"x", 1}));
  auto text = encoded(shop::Order{.id = "B"});
  EXPECT_EQ(text.find("note"), std::string::npos);
  const auto order = codec<shop::Order>::decode(as_bytes(text));
  ASSERT_TRUE(order);
  EXPECT_EQ(order->note, std::nullopt);
}

TEST(codec, an_error_names_the_field_and_what_was_found) {
  EXPECT_EQ(error_of<shop::Line>(R"({"sku":"x"})"), "field quantity: is missing");
  EXPECT_EQ(error_of<shop::Line>(R"({"sku":"x","quantity":"2"})"),
            "field quantity: expected an integer, found a string");
  EXPECT_EQ(error_of<shop::Line>("[]"), "expected an object, found an array");
  auto text = encoded(full_order());
  text.replace(text.find("-1}"), 2, "{}");
  EXPECT_EQ(error_of<shop::Order>(text), "field lines[1].quantity: expected an integer, found an object");
  text = encoded(full_order());
  text.replace(text.find("large"), 5, "huge!");
  EXPECT_EQ(error_of<shop::Order>(text), R"(field size: expected the name of a value, such as "small", found "huge!")");
  EXPECT_NE(error_of<shop::Line>("{\"sku\"").find("not JSON at byte"), std::string::npos);
  EXPECT_NE(error_of<shop::Line>("").find("not JSON"), std::string::npos);
  EXPECT_NE(error_of<shop::Line>("{\"sku\":\"\xFF\",\"quantity\":1}").find("not JSON"), std::string::npos);
}

TEST(codec, integers_are_checked_against_their_type) {
  const auto with = [](std::string_view tiny, std::string_view port) {
    return error_of<shop::Small>(R"({"ratio":1,"tiny":)" + std::string(tiny) + R"(,"port":)" + std::string(port) + "}");
  };
  EXPECT_EQ(with("-128", "65535"), "");
  EXPECT_EQ(with("128", "1"), "field tiny: expected an integer from -128 to 127, found 128");
  EXPECT_EQ(with("1", "-1"), "field port: expected an integer from 0 to 65535, found -1");
  EXPECT_EQ(with("1.5", "1"), "field tiny: expected an integer from -128 to 127, found 1.5");
  EXPECT_NE(with("18446744073709551615", "1"), "");
  EXPECT_NE(with("99999999999999999999999", "1"), "");
  EXPECT_NE(with("1e999", "1"), "");
}

TEST(json, an_integer_beyond_64_bits_is_a_number) {
  const auto read = json_document::parse(as_bytes(R"({"a": 123456789012345678901234567890, "b": 7})"));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read->root().find("a")->number(), 123456789012345678901234567890.0);
  EXPECT_FALSE(read->root().find("a")->unsigned_integer(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(*read->root().find("b")->integer(0, 9), 7);
}

TEST(json, of_a_name_that_comes_twice_the_last_counts) {
  const auto read = json_document::parse(as_bytes(R"({"a": 1, "b": 2, "a": 3})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read->root().find("a")->integer(0, 9), 3);
  EXPECT_EQ(read->root().size(), 3U);
}

TEST(json, items_come_in_order_each_at_its_place) {
  const auto read = json_document::parse(as_bytes(R"([10, [1, 2], {"a": 1}, 30])"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->root().size(), 4U);
  EXPECT_EQ(*read->root().at(0).integer(0, 99), 10);
  EXPECT_EQ(*read->root().at(1).at(1).integer(0, 99), 2);
  EXPECT_EQ(*read->root().at(3).integer(0, 99), 30);
}

TEST(json, what_is_nested_too_deep_is_refused_whatever_else_it_is) {
  for (const std::string inner : {"", "123456789012345678901234567890"})
    for (const std::size_t depth : {limits::json_depth_max + 1, std::size_t{100'000}}) {
      const auto read = json_document::parse(
          as_bytes("[" + inner + (inner.empty() ? "" : ",") + std::string(depth, '[') + std::string(depth, ']') + "]"));
      ASSERT_FALSE(read) << depth;
      EXPECT_NE(read.error().message().find("deeper than 1024"), std::string::npos) << read.error().message();
    }
}

TEST(json, an_error_says_at_which_byte) {
  const auto read = json_document::parse(as_bytes(R"({"a": 1,})"));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("not JSON at byte 9"), std::string::npos) << read.error().message();
  EXPECT_FALSE(json_document::parse(as_bytes("{\"a\": \"\xff\"}")));
  EXPECT_FALSE(json_document::parse(as_bytes("1e400")));
  EXPECT_FALSE(json_document::parse({}));
}

TEST(codec, what_json_can_not_hold_is_refused_by_name) {
  EXPECT_EQ(encoded(shop::Line{"\xC0\xAF", 1}),
            "error: can't be written as JSON: field \"sku\" is text that is not UTF-8; publish it as weft::raw_bytes");
  for (const auto* bad : {"\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    EXPECT_NE(encoded(shop::Line{bad, 1}).find("not UTF-8"), std::string::npos);
  EXPECT_NE(encoded(shop::Small{0, 0, NAN}).find("field \"ratio\" is a number that is not finite"), std::string::npos);
  EXPECT_NE(encoded(shop::Order{.size = shop::Size{7}}).find("field \"size\""), std::string::npos);
}

TEST(codec, the_key_is_the_text_of_its_fields) {
  EXPECT_EQ(key_of(full_order()), "A17/large");
  EXPECT_EQ(key_of(shop::Line{"tea", 2}), "");
  EXPECT_EQ(key_of(shop::Small{1, 8080, 0}), "8080");
}

TEST(codec, the_type_is_the_structs_name) { EXPECT_EQ(codec<shop::Order>::type_name(), "Order"); }

TEST(codec, bytes_and_text_go_as_they_are) {
  const raw_bytes value{std::byte{0}, std::byte{0xFF}};
  EXPECT_EQ(codec<raw_bytes>::decode(as_bytes(encoded(value))), value);
  EXPECT_EQ(codec<std::string>::decode(as_bytes(encoded(std::string("\xFF\0", 2)))), std::string("\xFF\0", 2));
}

TEST(topic, names_are_checked) {
  static_assert(topic<std::string>{"retail.orders"}.name() == "retail.orders");
  EXPECT_TRUE(detail::is_topic_name("a.B_c-9.d"));
  for (const auto* bad : {"", ".", "a.", ".a", "a..b", "a b", "a.*", "\xC3\xA9"})
    EXPECT_FALSE(detail::is_topic_name(bad)) << bad;
  EXPECT_TRUE(detail::is_topic_name(std::string(249, 'a')));
  EXPECT_FALSE(detail::is_topic_name(std::string(250, 'a')));
}

} // namespace
