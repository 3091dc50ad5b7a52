#include "gui/core/event_queue.hpp"

#include <gtest/gtest.h>
#include <thread>

namespace weft::monitor {
namespace {

std::vector<event_row> rows(int from, int until) {
  std::vector<event_row> made;
  for (int i = from; i < until; ++i) {
    event_row row;
    row.position = "a/1-a/" + std::to_string(i);
    row.logged_at = i;
    made.push_back(std::move(row));
  }
  return made;
}

const auto silent = [] {};

TEST(event_queue, a_tail_drops_its_oldest_and_says_how_many_and_from_where) {
  event_queue tail(event_queue::kind::tail, 10);
  tail.put(rows(0, 1030), {.events = 1030}, {}, silent);
  auto came = tail.take();
  ASSERT_EQ(came.rows.size(), 11U);
  EXPECT_TRUE(came.rows[0].is_gap());
  EXPECT_NE(came.rows[0].note.find("1,020"), std::string::npos) << came.rows[0].note;
  EXPECT_EQ(came.rows[0].position, "a/1-a/0");
  EXPECT_EQ(came.rows[1].position, "a/1-a/1020");
  EXPECT_EQ(came.so_far.events, 1030U);
  EXPECT_FALSE(came.wants_more);
  tail.put(rows(1030, 1035), {}, {}, silent);
  came = tail.take();
  ASSERT_EQ(came.rows.size(), 5U); // nothing was skipped since
  EXPECT_FALSE(came.rows[0].is_gap());
}

TEST(event_queue, a_tail_is_bounded_by_bytes_and_says_how_many_it_left_out) {
  constexpr std::size_t room = 1U << 20U;
  event_queue tail(event_queue::kind::tail, 1000, room);
  auto large = rows(0, 100);
  for (auto& row : large)
    row.value.assign(64U << 10U, 'x');
  tail.put(std::move(large), {}, {}, silent);
  auto came = tail.take();
  ASSERT_EQ(came.rows.size(), 1U + 15);
  EXPECT_NE(came.rows[0].note.find("skipped 85"), std::string::npos) << came.rows[0].note;
  EXPECT_EQ(came.rows[1].position, "a/1-a/85");
  auto huge = rows(100, 102);
  for (auto& row : huge)
    row.value.assign(2 * room, 'x');
  tail.put(std::move(huge), {}, {}, silent);
  came = tail.take();
  ASSERT_EQ(came.rows.size(), 2U) << "one is shown, however large";
  EXPECT_EQ(came.rows[1].position, "a/1-a/101");
  tail.put(rows(102, 110), {}, {}, silent);
  EXPECT_EQ(tail.take().rows.size(), 8U) << "what was taken counts no more";
}

TEST(event_queue, a_reading_waits_until_more_is_wanted_and_loses_nothing) {
  event_queue queue(event_queue::kind::reading, 100);
  std::atomic<int> put = 0;
  const std::jthread reader([&](const std::stop_token& stop) {
    for (int i = 0; i < 30 && !stop.stop_requested(); ++i) {
      queue.put(rows(i * 10, i * 10 + 10), {}, stop, [&] {
        ++put;
        put.notify_all(); // now: put() may wait
      });
    }
  });
  const auto wait_for = [&](int count) {
    for (auto seen = put.load(); seen < count; seen = put.load())
      put.wait(seen);
  };
  wait_for(11); // the eleventh ten are one too many: they wait
  std::size_t seen = 0;
  for (auto came = queue.take(); !came.rows.empty(); came = queue.take())
    seen += came.rows.size();
  EXPECT_EQ(seen, 100U);
  EXPECT_TRUE(queue.take().wants_more);
  EXPECT_EQ(put, 11);
  queue.allow(1000);
  wait_for(30);
  while (seen < 300) {
    for (const auto& row : queue.take().rows)
      ASSERT_EQ(row.logged_at, static_cast<time_us>(seen++));
  }
  EXPECT_FALSE(queue.take().wants_more);
}

TEST(event_queue, a_reading_that_waits_ends_when_it_is_stopped) {
  event_queue queue(event_queue::kind::reading, 1);
  std::atomic<bool> put = false;
  std::jthread reader([&](const std::stop_token& stop) {
    queue.put(rows(0, 5), {}, stop, [&] {
      put = true;
      put.notify_all();
    });
  });
  put.wait(false);
  reader.request_stop();
  reader.join(); // else the test never ends
  EXPECT_EQ(queue.take().rows.size(), 1U);
}

} // namespace
} // namespace weft::monitor
