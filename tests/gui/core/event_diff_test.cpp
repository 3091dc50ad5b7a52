#include "gui/core/event_diff.hpp"

#include "gui/core/limits.hpp"

#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using text = std::optional<std::string>;

event_row order(const std::string& value) {
  event_row made;
  made.node = "shop", made.position = "shop/1-7/5";
  made.topic = "retail.orders", made.type = "OrderPlaced", made.key = "A1";
  made.headers = {{"region", "east"}, {"weft-origin", "shop/1-7/1"}};
  made.value = value;
  return made;
}

/// Name, first, second.
std::vector<std::array<text, 3>> told(const event_row& first, const event_row& second) {
  std::vector<std::array<text, 3>> made;
  for (const auto& one : compare_events(first, second))
    made.push_back({one.name, one.first, one.second});
  return made;
}

TEST(event_diff, of_the_same_is_nothing_wherever_they_were_logged) {
  const auto first = order(R"({"id":1,"items":[{"sku":"tea"}]})");
  auto second = order(R"( {"items" : [{"sku":"tea"}], "id":1} )"); // as people read it
  second.position = "shop/1-7/9", second.logged_at = 77, second.topic_offset = 4;
  EXPECT_THAT(told(first, second), IsEmpty());
}

TEST(event_diff, names_each_field_with_what_both_have) {
  const auto first = order(R"({"id":1,"note":"gift","items":[{"sku":"tea","quantity":2},{"sku":"cup","quantity":1}]})");
  auto second = order(R"({"id":1,"items":[{"sku":"tea","quantity":5}],"paid":true})");
  second.key = "A2";
  second.headers = {{"weft-origin", "shop/1-7/1"}, {"trace", "x"}};
  EXPECT_THAT(told(first, second), ElementsAre(std::array{text("key"), text("A1"), text("A2")},
                                               std::array{text("header.region"), text("east"), text()},
                                               std::array{text("header.trace"), text(), text("x")},
                                               std::array{text("note"), text("gift"), text()},
                                               std::array{text("items[0].quantity"), text("2"), text("5")},
                                               std::array{text("items[1].sku"), text("cup"), text()},
                                               std::array{text("items[1].quantity"), text("1"), text()},
                                               std::array{text("paid"), text(), text("true")}));
}

TEST(event_diff, reads_values_by_their_contract_where_it_is_known) {
  auto first = order(std::string("\x01\x02\x03", 3)), second = order(std::string("\x01\x07\x03", 3));
  first.decoded = R"({"quantity":2})", second.decoded = R"({"quantity":7})";
  EXPECT_THAT(told(first, second), ElementsAre(std::array{text("quantity"), text("2"), text("7")}));
}

TEST(event_diff, of_bytes_says_where_they_part) {
  EXPECT_THAT(told(order("green tea"), order("green cup")),
              ElementsAre(std::array{text("value from byte 6 on"), text("9 bytes"), text("9 bytes")}));
  EXPECT_THAT(told(order("green"), order("green tea")),
              ElementsAre(std::array{text("value from byte 5 on"), text("ends at byte 5"), text("9 bytes")}));
  EXPECT_THAT(told(order(""), order("{}")),
              ElementsAre(std::array{text("value from byte 0 on"), text("ends at byte 0"), text("2 bytes")}));
}

TEST(event_diff, of_arrays_against_objects_and_of_lone_values_is_told) {
  EXPECT_THAT(told(order("[1]"), order(R"({"0":1})")),
              ElementsAre(std::array{text("[0]"), text("1"), text()}, std::array{text("0"), text(), text("1")}));
  EXPECT_THAT(told(order(R"({"a.b":1})"), order(R"({"a":{"b":1}})")),
              ElementsAre(std::array{text("\"a.b\""), text("1"), text()}, std::array{text("a.b"), text(), text("1")}));
  EXPECT_THAT(told(order("5"), order("6")), ElementsAre(std::array{text(""), text("5"), text("6")}));
  EXPECT_THAT(told(order("{}"), order("[]")), ElementsAre(std::array{text(""), text("0 fields"), text("0 items")}));
}

TEST(event_diff, is_bounded) {
  std::string many = "[0";
  for (std::size_t i = 0; i < limits::json_items_max - 10; ++i)
    many += ",0";
  auto first = order(many + "]"), second = order("[]");
  for (int i = 0; i < 100; ++i)
    first.headers.emplace_back("h" + std::to_string(i), "x");
  EXPECT_EQ(compare_events(first, second).size(), limits::json_items_max);
}

} // namespace
} // namespace weft::monitor
