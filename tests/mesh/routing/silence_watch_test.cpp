#include "mesh/routing/silence_watch.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

constexpr int patience = limits::leg_silent_after / limits::run_heartbeat;

struct silence : ::testing::Test {
  silence_watch watch;
  /// @returns after how many ticks the leg was silent; 0: not within a minute
  int ticks_until_silent(std::uint64_t leg) {
    for (int tick = 1; tick <= 60; ++tick)
      for (const auto silent : watch.tick())
        if (silent == leg) return tick;
    return 0;
  }
};

TEST_F(silence, open_flow_that_is_not_heard_is_told_once) { // T48
  watch.asked(1);
  watch.opened(1, 1);
  EXPECT_EQ(ticks_until_silent(1), patience + 1);
  EXPECT_TRUE(watch.empty());
}

TEST_F(silence, heartbeats_keep_a_flow) {
  watch.asked(1);
  watch.opened(1, 1);
  for (int tick = 0; tick < 60; ++tick) {
    EXPECT_TRUE(watch.tick().empty());
    watch.heard(1, 0);
  }
}

TEST_F(silence, who_is_nearer_to_the_source_loses_patience_first) {
  for (std::uint64_t leg = 1; leg <= 3; ++leg) {
    watch.asked(leg);
    watch.opened(leg, leg);
  }
  EXPECT_EQ(ticks_until_silent(1), patience + 1);
  EXPECT_EQ(ticks_until_silent(2), 2);
  EXPECT_EQ(ticks_until_silent(3), 2);
}

TEST_F(silence, flow_that_has_not_opened_gets_longer) {
  watch.asked(1);
  EXPECT_EQ(ticks_until_silent(1), limits::demand_life / limits::run_heartbeat + 1);
}

TEST_F(silence, nothing_is_silent_while_the_link_is_busy_with_other_flows) {
  for (std::uint64_t leg = 1; leg <= 2; ++leg) {
    watch.asked(leg);
    watch.opened(leg, 1);
  }
  for (int tick = 0; tick < 60; ++tick) {
    watch.heard(2, 100'000);
    EXPECT_TRUE(watch.tick().empty());
  }
  watch.heard(77, 100'000); // of nobody
  EXPECT_TRUE(watch.tick().empty());
}

TEST_F(silence, flow_that_more_has_overtaken_than_can_wait_on_a_link_is_silent_however_busy_it_is) {
  for (std::uint64_t leg = 1; leg <= 2; ++leg) {
    watch.asked(leg);
    watch.opened(leg, 1);
  }
  constexpr std::size_t a_tick = limits::leg_silent_bytes / 20;
  for (int tick = 1; tick <= 20; ++tick) {
    watch.heard(2, a_tick);
    EXPECT_TRUE(watch.tick().empty()) << tick;
  }
  watch.heard(2, a_tick);
  EXPECT_EQ(watch.tick(), std::vector<std::uint64_t>{1});
}

TEST_F(silence, overtaken_flow_still_has_its_time) {
  watch.asked(1);
  watch.opened(1, 1);
  for (int tick = 1; tick <= patience; ++tick) {
    watch.heard(2, 2 * limits::leg_silent_bytes);
    EXPECT_TRUE(watch.tick().empty()) << tick;
  }
}

TEST_F(silence, withdrawn_flow_is_not_watched) {
  watch.asked(1);
  watch.forget(1);
  EXPECT_EQ(ticks_until_silent(1), 0);
  watch.heard(1, 0);
  watch.opened(1, 1);
  EXPECT_TRUE(watch.empty());
}

} // namespace
} // namespace weft::routing
