#include "gui/feed/backlog.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weft::monitor {
namespace {

telemetry::FrameT frame(const std::string& node, time_us at) {
  telemetry::FrameT made;
  made.node = node;
  made.time_us = at;
  return made;
}

/// What a backlog did, one word a call: `a@5` a frame, `|10` a snapshot.
std::string replayed(backlog& past, time_us until, time_us step = 10) {
  std::string said;
  past.replay(
      until, step,
      [&](const telemetry::FrameT& one, const frame_origin&, time_us at) {
        said += one.node + "@" + std::to_string(at) + " ";
      },
      [&](time_us at) { said += "|" + std::to_string(at) + " "; });
  return said;
}

TEST(backlog, logs_that_came_one_after_the_other_are_told_by_time) {
  backlog past(100);
  for (const time_us at : {1, 11, 21})
    past.add(frame("a", at));
  for (const time_us at : {5, 12, 29})
    past.add(frame("b", at));
  EXPECT_EQ(replayed(past, 30), "a@1 b@5 |10 a@11 b@12 |20 a@21 b@29 |30 ");
  EXPECT_EQ(past.size(), 0U);
}

TEST(backlog, frames_of_one_moment_stay_in_order) {
  backlog past(100);
  past.add(frame("a", 3));
  past.add(frame("b", 3));
  past.add(frame("c", 3));
  EXPECT_EQ(replayed(past, 30), "a@3 b@3 c@3 |10 ");
}

TEST(backlog, clocks_that_are_ahead_count_as_of_now) {
  backlog past(100);
  past.add(frame("ahead", 900));
  past.add(frame("a", 4));
  EXPECT_EQ(replayed(past, 8), "a@4 ahead@8 |8 ");
}

TEST(backlog, time_without_frames_has_no_snapshots) {
  backlog past(100);
  past.add(frame("a", 1));
  past.add(frame("a", 1001));
  EXPECT_EQ(replayed(past, 2000), "a@1 |10 a@1001 |1010 ");
}

TEST(backlog, is_bounded_and_keeps_what_came_last) {
  backlog past(2);
  for (const time_us at : {1, 2, 3})
    past.add(frame("a", at));
  EXPECT_EQ(replayed(past, 10), "a@2 a@3 |10 ");
}

TEST(backlog, is_stopped) {
  backlog past(100);
  past.add(frame("a", 1));
  past.add(frame("a", 2));
  std::stop_source stop;
  int taken = 0;
  past.replay(
      10, 10,
      [&](const telemetry::FrameT&, const frame_origin&, time_us) {
        ++taken;
        stop.request_stop();
      },
      [](time_us) {}, stop.get_token());
  EXPECT_EQ(taken, 1);
}

TEST(backlog, of_nothing_tells_nothing) {
  backlog past(100);
  EXPECT_EQ(replayed(past, 10), "");
}

} // namespace
} // namespace weft::monitor
