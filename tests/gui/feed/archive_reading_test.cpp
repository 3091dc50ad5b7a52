// When a reading of the past is over, and what it says that it misses: logs and times are made up.
#include "gui/feed/archive_reading.hpp"

#include "gui/feed/limits.hpp"

#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using step = archive_reading::step;
using names = std::vector<std::string>;

constexpr time_us until = 1'800'000'000 * limits::second, from = until - limits::minute;

log_progress log(const std::string& node, time_us read_to, bool flowing = true, bool at_end = false) {
  log_progress made;
  made.node = node;
  made.log_time = wall_time{read_to};
  made.handled.seq = seq(at_end ? 100 : 50);
  made.head = seq(100);
  made.flowing = flowing;
  return made;
}

struct archive : ::testing::Test {
  /// An event of a log, as old as `time`.
  void event(const std::string& node, time_us time) {
    reading.take(node, time, time, time >= from && time < until, now);
  }
  step after(std::chrono::milliseconds passed, const std::vector<log_progress>& logs) {
    now += passed;
    return reading.look(logs, now);
  }

  archive_reading::moment now{};
  archive_reading reading{until, archive_part::moment, now};
};

TEST_F(archive, is_over_when_all_logs_are_read_up_to_the_time) {
  event("a", from);
  EXPECT_EQ(after(5ms, {log("a", from), log("b", until)}), step::goes_on);
  event("a", until);
  EXPECT_EQ(after(20ms, {log("a", from), log("b", until)}), step::over);
  EXPECT_EQ(reading.missing(), names{});
}

TEST_F(archive, is_over_however_much_follows) {
  event("a", from);
  event("a", until + limits::second);
  step last = step::goes_on;
  for (int i = 0; i < 10 && last == step::goes_on; ++i) {
    event("a", until + (i + 2) * limits::second); // each 5 ms another one comes
    last = after(5ms, {log("a", from)});
  }
  EXPECT_EQ(last, step::over);
}

TEST_F(archive, ends_in_time_though_a_log_never_stops_giving_and_names_it) {
  step last = step::goes_on;
  int polls = 0;
  for (; polls < 10'000 && last == step::goes_on; ++polls) {
    event("slow", from + polls); // always something, never to the end
    last = after(5ms, {log("a", until), log("slow", from)});
  }
  EXPECT_EQ(last, step::over);
  EXPECT_EQ(polls, archive_within / 5ms);
  EXPECT_EQ(reading.missing(), names{"slow"});
}

TEST_F(archive, names_logs_that_can_not_be_reached_after_a_moment) {
  event("a", from);
  event("a", until);
  const std::vector<log_progress> logs{log("a", until), log("far", 0, false), log("away", 0, false)};
  EXPECT_EQ(after(20ms, logs), step::goes_on) << "routes need a moment";
  EXPECT_EQ(after(archive_gives_up, logs), step::over);
  EXPECT_EQ(reading.missing(), (names{"away", "far"}));
}

TEST_F(archive, names_a_log_that_flows_and_gives_nothing) {
  event("a", from);
  event("a", until);
  const std::vector<log_progress> logs{log("a", until), log("stuck", 0)};
  EXPECT_EQ(after(archive_gives_up - 1ms, logs), step::goes_on);
  EXPECT_EQ(after(1ms, logs), step::over);
  EXPECT_EQ(reading.missing(), names{"stuck"});
}

TEST_F(archive, is_an_error_when_nothing_came_at_all) {
  EXPECT_EQ(after(archive_within - 1ms, {}), step::goes_on);
  EXPECT_EQ(after(1ms, {}), step::timed_out);
}

TEST_F(archive, a_long_span_is_read_as_long_as_something_comes) {
  archive_reading day(until, archive_part::span, now);
  for (int i = 0; i < 100; ++i) {
    now += 100ms;
    day.take("a", until - limits::hour + i, until - limits::hour + i, true, now);
    ASSERT_EQ(day.look({log("a", from)}, now), step::goes_on);
  }
  now += archive_within;
  EXPECT_EQ(day.look({log("a", from)}, now), step::over);
  EXPECT_EQ(day.missing(), names{"a"});
}

TEST_F(archive, a_span_goes_on_after_a_silence_that_ends_a_moment) {
  archive_reading span(until, archive_part::span, now);
  span.take("a", from, from, true, now);
  event("a", from);
  now += archive_gives_up + 100ms;
  EXPECT_EQ(span.look({log("a", from)}, now), step::goes_on);
  EXPECT_EQ(reading.look({log("a", from)}, now), step::over);
}

TEST_F(archive, a_span_of_which_a_read_log_says_nothing_is_no_error_because_of_another) {
  archive_reading span(until, archive_part::span, now);
  now += archive_within;
  EXPECT_EQ(span.look({log("a", until), log("stuck", 0)}, now), step::over);
  EXPECT_EQ(span.missing(), names{"stuck"});
}

} // namespace
} // namespace weft::monitor
