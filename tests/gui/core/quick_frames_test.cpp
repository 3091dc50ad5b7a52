// Quick frames of a node in view, beside its others.
#include "gui/core/kept_mesh.hpp"
#include "tests/gui/core/frame_maker.hpp"

#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using limits::second;

constexpr time_us start = 1'800'000'000 * second;

class quick_frames : public testing::Test {
protected:
  static frame_maker at(double seconds, std::uint64_t sequence, bool whole = false) {
    return {"a", sequence, start + static_cast<time_us>(seconds * second), whole};
  }
  void take(frame_maker made) {
    const auto heard = made.frame.time_us;
    mesh.take(std::move(made.frame), heard);
  }
  void take_quick(frame_maker made) { mesh.take_quick(std::move(made.frame)); }
  snapshot_ptr look(double seconds) {
    mesh.close(start + static_cast<time_us>(seconds * second));
    return mesh.latest();
  }
  static frame_maker topic(frame_maker made, std::uint64_t end) {
    made.topic("orders", end);
    return made;
  }

  kept_mesh mesh{"shop"};
};

TEST_F(quick_frames, bring_what_moves_between_two_others) {
  take(topic(at(0, 1, true), 100));
  take_quick(topic(at(0.1, 1), 130));
  EXPECT_EQ(look(0.2)->topics.at(0).events, 130U);
}

TEST_F(quick_frames, leave_the_rate_of_a_steady_topic_as_it_is) {
  std::uint64_t quick = 0;
  for (std::uint64_t i = 0; i <= 40; ++i) { // 100 events a second
    const double now = static_cast<double>(i) / 10;
    if (i % 10 == 0)
      take(topic(at(now, i / 10 + 1, i == 0), 10 * i));
    else
      take_quick(topic(at(now, ++quick), 10 * i));
    if (i > 20) {
      EXPECT_NEAR(look(now + 0.01)->topics.at(0).published_per_s, 100, 6) << now;
    }
  }
}

TEST_F(quick_frames, rows_of_other_kinds_are_not_taken_for_unchanged) {
  for (std::uint64_t i = 0; i <= 4; ++i) {
    auto made = at(static_cast<double>(i), i + 1, i == 0);
    made.link("b").bytes_received = 1000 * i;
    made.topic("orders", i);
    take(std::move(made));
    take_quick(topic(at(static_cast<double>(i) + 0.9, i + 1), i));
  }
  EXPECT_NEAR(look(4.95)->links.at(0).b_to_a_bytes_per_s, 1000, 100);
}

TEST_F(quick_frames, make_nobody_heard_and_nothing_whole_and_no_row) {
  take_quick(topic(at(0, 1, true), 100)); // nobody knows this node
  EXPECT_TRUE(look(0)->nodes.empty());
  take(topic(at(1, 1, true), 100));
  auto made = at(1.1, 7, true);
  made.topic("carts", 5); // that is for its next frame to tell
  made.gone(telemetry::Kind::topic, "orders");
  take_quick(std::move(made));
  auto now = look(1.2);
  ASSERT_EQ(now->topics.size(), 1U);
  EXPECT_EQ(now->topics[0].name, "orders");
  for (std::uint64_t i = 2; i < 100; ++i)
    take_quick(topic(at(1 + static_cast<double>(i) / 10, i), 100 + i));
  EXPECT_EQ(look(11)->sums.nodes_silent, 1U) << "it has not been heard for 10 s, though quick frames came";
}

TEST_F(quick_frames, that_come_late_or_of_another_process_change_nothing) {
  take(topic(at(0, 1, true), 100));
  take(topic(at(1, 2), 200));
  take_quick(topic(at(0.5, 1), 150));
  auto made = topic(at(1.5, 1), 999);
  made.frame.started_us = 77;
  take_quick(std::move(made));
  EXPECT_EQ(look(1.6)->topics.at(0).events, 200U);
}

TEST_F(quick_frames, a_frame_that_comes_behind_a_newer_quick_one_breaks_no_rate) {
  std::uint64_t quick = 0;
  for (std::uint64_t i = 0; i <= 6; ++i) {
    take_quick(topic(at(static_cast<double>(i), ++quick), 100 * i));
    take(topic(at(static_cast<double>(i) - 0.05, i + 1, i == 0), 100 * i - (i > 0 ? 5 : 0)));
    if (i > 3) {
      EXPECT_NEAR(look(static_cast<double>(i) + 0.01)->topics.at(0).published_per_s, 100, 10) << i;
    }
  }
}

} // namespace
} // namespace weft::monitor
