#include "mesh/telemetry/rollup_maker.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>

namespace weft::telemetry {
namespace {

constexpr std::int64_t second = 1'000'000;

/// A node that is looked at once a second.
class rolled_up : public testing::Test {
protected:
  FrameT frame(bool whole = false) {
    FrameT made;
    made.node = "shop";
    made.whole = whole;
    return made;
  }
  static void topic(FrameT& to, const std::string& name, std::uint64_t end) {
    auto& row = *to.topics.emplace_back(std::make_unique<TopicT>());
    row.name = name;
    row.end = end;
  }
  static void lag(FrameT& to, std::uint64_t events, double seconds) {
    auto& row = *to.lag.emplace_back(std::make_unique<LagT>());
    row.name = "packers";
    row.topic = "orders";
    row.events = events;
    row.seconds = seconds;
  }
  static void flow(FrameT& to, std::uint64_t events) {
    auto& row = *to.flows.emplace_back(std::make_unique<FlowT>());
    row.from = "shop";
    row.to = "depot";
    row.pattern = "orders";
    row.events = events;
    row.bytes = 100 * events;
  }
  static void latency(FrameT& to, const sketch& of) {
    auto& row = *to.latencies.emplace_back(std::make_unique<LatencyT>());
    row.what = "publish";
    row.name = "orders";
    set_buckets(row, of);
  }
  static void gone(FrameT& to, Kind kind, std::string key) {
    auto& row = *to.gone.emplace_back(std::make_unique<GoneT>());
    row.kind = kind;
    row.key = std::move(key);
  }
  void look(FrameT of) {
    of.whole = of.whole || now == 0; // as a node's first frame is
    maker.take(of);
    maker.look_done(now += second);
  }
  void look_at_topic(std::uint64_t end) {
    auto made = frame();
    topic(made, "orders", end);
    look(std::move(made));
  }

  rollup_maker maker;
  std::int64_t now = 0;
};

TEST_F(rolled_up, a_counter_has_its_sum_and_the_spread_of_its_rates) {
  look_at_topic(1000); // from here on
  look_at_topic(1010);
  look(frame()); // not told: it has not changed
  look_at_topic(1040);
  const auto made = maker.close();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->until_us - made->from_us, 3 * second);
  EXPECT_EQ(made->looks, 3U);
  ASSERT_EQ(made->topics.size(), 1U);
  const auto& row = *made->topics[0];
  EXPECT_EQ(row.published, 40U);
  EXPECT_EQ(row.end, 1040U);
  EXPECT_DOUBLE_EQ(row.published_per_s->least(), 0);
  EXPECT_DOUBLE_EQ(row.published_per_s->mean(), 40.0 / 3);
  EXPECT_DOUBLE_EQ(row.published_per_s->most(), 30);
}

TEST_F(rolled_up, spans_follow_each_other_without_a_hole) {
  look_at_topic(0);
  look_at_topic(5);
  const auto first = maker.close();
  look_at_topic(25);
  const auto second_one = maker.close();
  ASSERT_TRUE(first && second_one);
  EXPECT_EQ(second_one->from_us, first->until_us);
  EXPECT_EQ(second_one->topics.at(0)->published, 20U);
}

TEST_F(rolled_up, one_look_is_no_span) {
  EXPECT_FALSE(maker.close());
  look_at_topic(7);
  EXPECT_FALSE(maker.close());
}

TEST_F(rolled_up, what_begins_within_the_span_counts_from_nothing) {
  look(frame());
  auto with = frame();
  flow(with, 30);
  topic(with, "new", 4);
  look(with);
  const auto made = maker.close();
  EXPECT_EQ(made->flows.at(0)->events, 30U);
  EXPECT_EQ(made->topics.at(0)->published, 4U);
}

TEST_F(rolled_up, a_counter_that_falls_was_begun_anew) {
  auto with = frame();
  flow(with, 1000);
  look(with);
  with = frame();
  flow(with, 3);
  look(with);
  EXPECT_EQ(maker.close()->flows.at(0)->events, 3U);
}

TEST_F(rolled_up, what_goes_is_told_with_what_it_had_and_then_no_more) {
  auto with = frame();
  flow(with, 0);
  look(with);
  with = frame();
  flow(with, 12);
  look(with);
  with = frame();
  gone(with, Kind::flow, "shop/depot/orders/");
  look(with);
  EXPECT_EQ(maker.close()->flows.at(0)->events, 12U);
  look(frame());
  EXPECT_TRUE(maker.close()->flows.empty());
}

TEST_F(rolled_up, what_a_whole_frame_and_those_behind_it_do_not_have_is_gone) {
  auto with = frame();
  lag(with, 5, 1);
  flow(with, 1);
  look(with);
  with = frame(true);
  maker.take(with);
  with = frame(); // the rest of the same look
  flow(with, 2);
  look(with);
  (void)maker.close();
  look(frame());
  const auto next = maker.close();
  EXPECT_TRUE(next->lag.empty());
  with = frame();
  flow(with, 9);
  look(with);
  EXPECT_EQ(maker.close()->flows.at(0)->events, 7U) << "it was there all the time";
}

TEST_F(rolled_up, it_begins_with_a_look_that_is_whole) {
  auto part = frame();
  maker.take(part);
  maker.look_done(second);
  EXPECT_EQ(maker.began_us(), 0);
  auto first = frame(true);
  topic(first, "orders", 5000); // what was published before is no news
  maker.take(first);
  maker.look_done(2 * second);
  auto next = frame();
  topic(next, "orders", 5010);
  maker.take(next);
  maker.look_done(3 * second);
  const auto made = maker.close();
  ASSERT_TRUE(made);
  ASSERT_EQ(made->topics.size(), 1U);
  EXPECT_EQ(made->topics[0]->published, 10U);
}

TEST_F(rolled_up, latencies_from_before_the_first_look_are_not_told) {
  sketch took;
  took.add(std::chrono::microseconds(100));
  auto first = frame(true);
  latency(first, took);
  maker.take(first);
  maker.look_done(second);
  took.add(std::chrono::microseconds(200));
  auto next = frame();
  latency(next, took);
  maker.take(next);
  maker.look_done(2 * second);
  const auto made = maker.close();
  ASSERT_TRUE(made);
  ASSERT_EQ(made->latencies.size(), 1U);
  EXPECT_EQ(made->latencies[0]->count, 1U);
}

TEST_F(rolled_up, a_clock_that_is_set_back_takes_the_span_with_it) {
  const std::int64_t ahead = 1'000'000 * second;
  for (int i = 0; i <= 10; ++i) {
    auto one = frame(i == 0);
    topic(one, "orders", 100U * static_cast<unsigned>(i));
    maker.take(one);
    maker.look_done((i < 5 ? ahead : 0) + i * second);
  }
  const auto made = maker.close();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->until_us, 10 * second);
  EXPECT_EQ(made->until_us - made->from_us, 9 * second); // one look has no length
  EXPECT_EQ(made->topics[0]->published, 1000U);
}

TEST_F(rolled_up, lag_has_its_worst_and_its_last) {
  for (const auto& [events, seconds] : {std::pair{10, 1.0}, {500, 42.0}, {3, 0.5}}) {
    auto with = frame();
    lag(with, static_cast<std::uint64_t>(events), seconds);
    look(with);
  }
  const auto made = maker.close();
  const auto& row = *made->lag.at(0);
  EXPECT_EQ(row.events_most, 500U);
  EXPECT_DOUBLE_EQ(row.seconds_most, 42.0);
  EXPECT_EQ(row.events_last, 3U);
  look(frame());
  EXPECT_EQ(maker.close()->lag.at(0)->events_most, 3U) << "it is still so far behind";
}

TEST_F(rolled_up, a_latency_is_of_what_ended_in_the_span) {
  sketch took;
  took.add(std::chrono::microseconds(100), 4);
  look(frame());
  auto with = frame();
  latency(with, took);
  look(with);
  EXPECT_EQ(maker.close()->latencies.at(0)->count, 4U);
  took.add(std::chrono::microseconds(5000), 2);
  with = frame();
  latency(with, took);
  look(with);
  sketch expected;
  expected.add(std::chrono::microseconds(5000), 2);
  EXPECT_EQ(sketch_of(*maker.close()->latencies.at(0)), expected);
  look(frame());
  EXPECT_TRUE(maker.close()->latencies.empty());
}

TEST_F(rolled_up, what_had_nothing_to_tell_is_left_out_and_the_busiest_stay) {
  auto with = frame();
  const auto many = limits::rollup_rows_max + 10;
  for (std::size_t i = 0; i < many; ++i)
    topic(with, "t" + std::to_string(i), 0);
  look(with);
  with = frame();
  for (std::size_t i = 0; i < many; ++i)
    topic(with, "t" + std::to_string(i), i);
  look(with);
  const auto made = maker.close();
  ASSERT_EQ(made->topics.size(), limits::rollup_rows_max);
  EXPECT_EQ(made->topics.front()->published, many - 1);
}

} // namespace
} // namespace weft::telemetry
