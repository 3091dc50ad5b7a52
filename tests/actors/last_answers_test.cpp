#include "actors/last_answers.hpp"

#include <gtest/gtest.h>

namespace weft::actors {
namespace {

node_id node(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return node_id{bytes};
}

TEST(last_answers, has_the_last_one_of_each_node_and_question) {
  last_answers kept;
  kept.keep(node(1), "lag", "{}", {"old", {1}});
  kept.keep(node(1), "lag", "{}", {"new", {2}});
  kept.keep(node(2), "lag", "{}", {"other", {3}});
  ASSERT_TRUE(kept.find(node(1), "lag", "{}"));
  EXPECT_EQ(kept.find(node(1), "lag", "{}")->document, "new");
  EXPECT_EQ(kept.find(node(1), "lag", "{}")->at, wall_time{2});
  EXPECT_FALSE(kept.find(node(1), "groups.list", "{}"));
  EXPECT_FALSE(kept.find(node(1), "lag", R"({"x":1})"));
  kept.forget(node(1), "lag", "{}");
  EXPECT_FALSE(kept.find(node(1), "lag", "{}"));
  EXPECT_TRUE(kept.find(node(2), "lag", "{}"));
}

TEST(last_answers, is_bounded_and_keeps_what_is_needed) {
  last_answers kept(10'000);
  for (std::uint8_t i = 1; i <= 9; ++i) {
    kept.keep(node(i), "lag", "{}", {std::string(2000, 'x'), {i}});
    EXPECT_TRUE(kept.find(node(1), "lag", "{}")) << static_cast<int>(i);
  }
  EXPECT_FALSE(kept.find(node(5), "lag", "{}"));
  EXPECT_TRUE(kept.find(node(9), "lag", "{}"));
  kept.keep(node(20), "lag", "{}", {std::string(20'000, 'x'), {1}});
  EXPECT_FALSE(kept.find(node(20), "lag", "{}")) << "larger than all room";
}

} // namespace
} // namespace weft::actors
