#include "gui/core/json_tree.hpp"

#include "gui/core/limits.hpp"

#include <functional>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

TEST(json_tree, keeps_the_order_of_fields_and_says_which_bytes_each_is) {
  const std::string document = R"( {"b" : [1, -2.50e1 ,true,null], "a":{"x":"\u00e9\"y"},"n":18446744073709551615} )";
  const auto tree = json_tree(document);
  ASSERT_TRUE(tree) << tree.error().message();
  ASSERT_EQ(tree->items.size(), 3U);
  EXPECT_EQ(tree->text, "3 fields");
  const auto bytes = [&](const json_item& of) { return document.substr(of.begin, of.end - of.begin); };
  EXPECT_EQ(bytes(*tree), document.substr(1, document.size() - 2));
  const auto& list = tree->items[0];
  EXPECT_EQ(list.name, "b");
  EXPECT_EQ(bytes(list), "[1, -2.50e1 ,true,null]");
  EXPECT_EQ(bytes(list.items[0]), "1");
  EXPECT_EQ(bytes(list.items[1]), "-2.50e1");
  EXPECT_EQ(list.items[1].text, "-2.50e1"); // as it was written
  EXPECT_EQ(bytes(list.items[2]), "true");
  EXPECT_EQ(bytes(list.items[3]), "null");
  EXPECT_EQ(bytes(tree->items[1]), R"({"x":"\u00e9\"y"})");
  EXPECT_EQ(tree->items[1].items[0].text, "\u00e9\"y");
  EXPECT_EQ(bytes(tree->items[1].items[0]), R"("\u00e9\"y")");
  EXPECT_EQ(tree->items[2].text, "18446744073709551615");
}

TEST(json_tree, of_a_lone_value_is_that) {
  EXPECT_EQ(json_tree("5")->text, "5");
  EXPECT_EQ(json_tree("\"\"")->kind, json_kind::text);
  EXPECT_EQ(json_tree("[]")->text, "0 items");
}

TEST(json_tree, what_is_none_says_so) {
  for (const auto* document : {"", "{", "green tea", "{\"a\":1,}", "\"\xff\"", "1 2"}) {
    const auto tree = json_tree(document);
    ASSERT_FALSE(tree) << document;
    EXPECT_EQ(tree.error().code(), errc::undecodable);
  }
}

TEST(json_tree, is_bounded_in_depth_and_parts) {
  EXPECT_EQ(json_tree(std::string(100'000, '[')).error().code(), errc::too_large);
  std::string many = "[0";
  for (std::size_t i = 0; i < limits::json_items_max; ++i)
    many += ",0";
  EXPECT_EQ(json_tree(many + "]").error().code(), errc::too_large);
}

TEST(pretty_json, has_a_line_for_each_field_and_leaves_other_text_alone) {
  EXPECT_EQ(pretty_json(R"({"b":1,"a":[]})"), "{\n  \"b\": 1,\n  \"a\": []\n}");
  EXPECT_EQ(pretty_json("green tea"), "green tea");
}

} // namespace
} // namespace weft::monitor
