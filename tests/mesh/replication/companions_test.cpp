#include "mesh/replication/companions.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>

namespace weft::replication {
namespace {

using names = std::vector<std::string>;

TEST(companions, the_cursors_of_a_log_are_wherever_some_of_its_topics_are) {
  EXPECT_EQ(with_companions({"Retail", "retail.orders"}, {}), (names{"Retail", "_weft.cursors", "retail.orders"}));
}

TEST(companions, a_copy_of_nothing_has_no_cursors) { EXPECT_TRUE(with_companions({}, {"_weft.replay.g"}).empty()); }

TEST(companions, what_the_mesh_says_of_itself_needs_none) {
  EXPECT_EQ(with_companions({"_weft.rollup", "_weft.telemetry"}, {"_weft.replay.g"}),
            (names{"_weft.rollup", "_weft.telemetry"}));
  EXPECT_EQ(with_companions({"_weft.telemetry", "t"}, {}), (names{"_weft.cursors", "_weft.telemetry", "t"}));
}

TEST(companions, what_groups_get_once_more_goes_with_them_and_nothing_else_does) {
  EXPECT_EQ(with_companions({"t"}, {"_weft.replay.g", "_weft.parked.g", "_weft.flows", "u"}),
            (names{"_weft.cursors", "_weft.replay.g", "t"}));
  EXPECT_TRUE(any_companion({"_weft.parked.g", "_weft.replay.g"}));
  EXPECT_FALSE(any_companion({"_weft.parked.g", "t"}));
}

TEST(companions, a_copy_with_as_many_topics_as_it_may_have_leaves_others_out_for_them) {
  names many;
  for (std::size_t i = 0; i < limits::copy_topics_max; ++i)
    many.push_back("t" + std::to_string(10'000 + i));
  const auto all = with_companions(many, {});
  EXPECT_EQ(all.size(), limits::copy_topics_max);
  EXPECT_EQ(all.front(), "_weft.cursors");
  EXPECT_EQ(all.back(), many[many.size() - 2]);
}

} // namespace
} // namespace weft::replication
