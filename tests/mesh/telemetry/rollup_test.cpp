#include "mesh/telemetry/rollup.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>
#include <random>

namespace weft::telemetry {
namespace {

RollupT minute(std::int64_t from_s, std::uint64_t published, double least, double mean, double most) {
  RollupT made;
  made.node = "shop";
  made.from_us = from_s * 1'000'000;
  made.until_us = made.from_us + 60'000'000;
  made.looks = 60;
  made.events = published;
  made.events_per_s = std::make_unique<Spread>(least, mean, most);
  auto& topic = *made.topics.emplace_back(std::make_unique<RolledTopicT>());
  topic.name = "orders";
  topic.published = published;
  topic.published_per_s = std::make_unique<Spread>(least, mean, most);
  auto& took = *made.latencies.emplace_back(std::make_unique<RolledLatencyT>());
  took.what = "delivery";
  took.name = "orders";
  sketch counted;
  counted.add(std::chrono::microseconds(300), published);
  set_buckets(took, counted);
  return made;
}

TEST(rollup, is_read_as_it_was_written) {
  const auto made = minute(0, 60, 0, 1, 5);
  const auto read = decode_rollup(encode(made));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(encode(*read), encode(made));
  EXPECT_EQ(sketch_of(*read->latencies.at(0)).count(), 60U);
}

TEST(rollup, that_ends_before_it_begins_is_refused) {
  auto made = minute(100, 1, 0, 0, 0);
  made.until_us = made.from_us - 1;
  EXPECT_EQ(decode_rollup(encode(made)).error().code(), errc::corrupt);
}

TEST(rollup, with_more_rows_than_may_be_is_refused) {
  auto made = minute(0, 1, 0, 0, 0);
  for (std::size_t i = 0; i < limits::rollup_rows_max; ++i)
    made.topics.emplace_back(std::make_unique<RolledTopicT>());
  EXPECT_EQ(decode_rollup(encode(made)).error().code(), errc::too_large);
}

TEST(rollup, damage_is_refused_and_ends_nothing) {
  const auto bytes = encode(minute(0, 60, 0, 1, 5));
  std::mt19937 random(20261128);
  for (int i = 0; i < 5000; ++i) {
    auto damaged = bytes;
    damaged[random() % damaged.size()] ^= std::byte{static_cast<unsigned char>(1U << (random() % 8U))};
    damaged.resize(damaged.size() - random() % 8);
    (void)decode_rollup(damaged);
  }
  EXPECT_FALSE(decode_rollup({}));
}

TEST(rollup, two_spans_are_one_with_sums_extremes_and_a_mean_by_time) {
  auto first = minute(0, 60, 0.5, 1, 4);
  auto later = minute(60, 180, 0, 3, 9);
  auto& lag = *later.lag.emplace_back(std::make_unique<RolledLagT>());
  lag.name = "packers";
  lag.topic = "orders";
  lag.events_most = 17;
  const auto both = joined(first, later);
  EXPECT_EQ(both.from_us, 0);
  EXPECT_EQ(both.until_us, 120'000'000);
  EXPECT_EQ(both.looks, 120U);
  EXPECT_EQ(both.topics.at(0)->published, 240U);
  EXPECT_DOUBLE_EQ(both.topics.at(0)->published_per_s->least(), 0);
  EXPECT_DOUBLE_EQ(both.topics.at(0)->published_per_s->mean(), 2);
  EXPECT_DOUBLE_EQ(both.topics.at(0)->published_per_s->most(), 9);
  EXPECT_EQ(both.lag.at(0)->events_most, 17U);
  EXPECT_EQ(both.latencies.at(0)->count, 240U);
}

TEST(rollup, a_row_that_one_span_lacks_was_at_rest_there) {
  const auto busy = minute(0, 60, 1, 1, 1);
  auto idle = minute(60, 0, 0, 0, 0);
  idle.topics.clear();
  const auto both = joined(busy, idle);
  EXPECT_EQ(both.topics.at(0)->published, 60U);
  EXPECT_DOUBLE_EQ(both.topics.at(0)->published_per_s->least(), 0);
  EXPECT_DOUBLE_EQ(both.topics.at(0)->published_per_s->mean(), 0.5);
}

} // namespace
} // namespace weft::telemetry
