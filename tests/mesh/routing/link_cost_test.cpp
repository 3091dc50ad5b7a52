#include "mesh/routing/link_cost.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

using std::chrono::microseconds;

struct link_cost_fixture : ::testing::Test {
  link_cost cost;
  mono_time now{};

  /// The last announcement, if any, after so many round trips a second apart.
  std::optional<std::uint8_t> measure(std::int64_t us, int times = 1) {
    std::optional<std::uint8_t> told;
    for (; times > 0; --times) {
      now = now + std::chrono::seconds(1);
      if (const auto one = cost.measured(microseconds{us}, now)) told = one;
    }
    return told;
  }
};

TEST_F(link_cost_fixture, is_the_power_of_two_of_64_us) {
  for (const auto& [us, expected] : {std::pair{0, 0}, {64, 0}, {127, 0}, {128, 1}, {1000, 3}, {20'000, 8}}) {
    cost = link_cost{};
    EXPECT_EQ(measure(us), expected) << us;
  }
}

TEST_F(link_cost_fixture, what_never_answers_in_time_has_the_highest_cost) {
  EXPECT_EQ(measure(std::numeric_limits<std::int64_t>::max()), limits::link_cost_max);
  cost = link_cost{};
  EXPECT_EQ(measure(-1), 0);
}

TEST_F(link_cost_fixture, what_a_busy_start_measured_is_corrected_by_the_shortest_after_10_s) {
  EXPECT_EQ(measure(8000), 6);
  EXPECT_FALSE(measure(9000, 4));
  EXPECT_FALSE(measure(300));
  EXPECT_FALSE(measure(5000, 4));
  EXPECT_EQ(measure(5000), 2);
}

TEST_F(link_cost_fixture, first_is_corrected_once) {
  measure(8000);
  EXPECT_FALSE(measure(8000, 10));
  EXPECT_FALSE(measure(300, 40));
  EXPECT_TRUE(measure(300, 10));
}

TEST_F(link_cost_fixture, stays_around_the_edge_of_its_range) {
  measure(1000); // range 512 to 1023
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(measure(i % 2 == 0 ? 900 : 1200));
}

TEST_F(link_cost_fixture, one_slow_answer_changes_nothing) {
  measure(1000);
  measure(1000, 100);
  EXPECT_FALSE(measure(5000));
  EXPECT_FALSE(measure(1000, 100));
}

TEST_F(link_cost_fixture, change_that_stays_is_announced_once_a_minute) {
  measure(1000);
  EXPECT_FALSE(measure(50'000, 9)); // the shortest counts at first
  EXPECT_FALSE(measure(50'000, 50));
  EXPECT_EQ(measure(50'000, 1), 9);
  EXPECT_EQ(cost.announced(), 9);
  EXPECT_FALSE(measure(1000, 59));
  EXPECT_EQ(measure(1000, 1), 4);
}

} // namespace
} // namespace weft::routing
