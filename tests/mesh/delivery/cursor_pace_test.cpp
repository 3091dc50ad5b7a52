#include "mesh/delivery/cursor_pace.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

using namespace std::chrono_literals;

log_position at(std::uint64_t place) { return {epoch{1}, seq{place}}; }

struct cursor_pace_fixture : ::testing::Test {
  void move(std::uint64_t to, std::uint64_t generation = 0) { pace.moved({now, at(to), at(1000)}, generation); }

  mono_time now{5'000'000};
  cursor_pace pace;
};

TEST_F(cursor_pace_fixture, is_not_known_before_it_was_seen_for_a_while) {
  EXPECT_FALSE(pace.since(now));
  move(10);
  now = now + (limits::pace_known_after - 1us);
  EXPECT_FALSE(pace.since(now));
  now = now + 1us;
  ASSERT_TRUE(pace.since(now));
  EXPECT_EQ(pace.since(now)->cursor, at(10));
}

TEST_F(cursor_pace_fixture, is_that_of_the_window) {
  for (std::uint64_t second = 0; second < 300; ++second) {
    move(second);
    now = now + 1s;
  }
  const auto from = pace.since(now);
  ASSERT_TRUE(from);
  EXPECT_GE(now - from->at, microseconds(limits::pace_window));
  EXPECT_LT(now - from->at, microseconds(limits::pace_window) * 5 / 4);
}

TEST_F(cursor_pace_fixture, of_one_that_stands_still_is_measured_from_where_it_stopped) {
  move(10);
  now = now + 10 * microseconds(limits::pace_window);
  ASSERT_TRUE(pace.since(now));
  EXPECT_EQ(pace.since(now)->cursor, at(10));
}

TEST_F(cursor_pace_fixture, begins_anew_after_a_seek) {
  move(10);
  now = now + 10s;
  move(500, 1);
  EXPECT_FALSE(pace.since(now));
  now = now + 10s;
  EXPECT_EQ(pace.since(now)->cursor, at(500));
  move(20, 1); // back, as a catalog that was lost makes it
  EXPECT_FALSE(pace.since(now));
}

TEST(drain_estimate, is_the_time_until_nothing_is_left_while_others_publish) {
  EXPECT_EQ(estimate_drain(1000, {10s, 1000, 0}).seconds, 10);
  EXPECT_EQ(estimate_drain(1000, {10s, 1000, 500}).seconds, 20);
  EXPECT_EQ(estimate_drain(0, {10s, 0, 0}).seconds, 0);
  EXPECT_EQ(estimate_drain(5, {10s, 30, 20}).processed_per_s, 3);
  EXPECT_EQ(estimate_drain(5, {10s, 30, 20}).arrived_per_s, 2);
}

TEST(drain_estimate, is_never_for_one_that_falls_behind_or_keeps_its_distance) {
  EXPECT_EQ(estimate_drain(1000, {10s, 100, 200}).seconds, std::nullopt);
  EXPECT_EQ(estimate_drain(1000, {10s, 200, 200}).seconds, std::nullopt);
  EXPECT_EQ(estimate_drain(1000, {10s, 0, 0}).seconds, std::nullopt);
}

} // namespace
} // namespace weft::delivery
