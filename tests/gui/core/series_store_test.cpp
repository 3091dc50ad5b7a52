#include "gui/core/series_store.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace weft::monitor {
namespace {

using limits::minute;
using limits::second;

constexpr time_us start = 1'800'000'000 * second;
const series_key key{figure::published_per_s, "shop"};

TEST(series_store, a_span_that_is_not_over_is_never_given) {
  series_store store;
  for (time_us at = start; at < start + 10 * second; at += second / 10) {
    store.add(key, at, 1);
    const auto points = store.points(key, start, at + minute, 600);
    for (const auto& point : points)
      ASSERT_LE(point.at + second / 10, at);
    ASSERT_EQ(points.size(), static_cast<std::size_t>((at - start) / (second / 10)));
  }
  const auto seconds = store.points(key, start, start + 10 * second, 10);
  ASSERT_EQ(seconds.size(), 9U) << "the last second has a sample missing";
  for (const auto& point : seconds)
    EXPECT_EQ(point.count, 10U);
}

TEST(series_store, keeps_least_greatest_sum_and_count_of_a_span) {
  series_store store;
  for (const double value : {5, 2, 9, 4})
    store.add(key, start + static_cast<time_us>(value) * second / 10, value);
  store.add(key, start + second, 1);
  const auto points = store.points(key, start, start + second, 1);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].at, start);
  EXPECT_EQ(points[0].min, 5) << "a sample that is older than the last is passed over";
  EXPECT_EQ(points[0].max, 9);
  EXPECT_EQ(points[0].sum, 14);
  EXPECT_EQ(points[0].count, 2U);
}

TEST(series_store, gives_the_finest_level_that_fits) {
  series_store store;
  for (time_us at = start; at <= start + 10 * minute; at += second / 10)
    store.add(key, at, 1);
  const auto end = start + 10 * minute;
  const auto step = [&](time_us length, std::size_t most) {
    const auto points = store.points(key, end - length, end, most);
    return points.size() < 2 ? 0 : points[1].at - points[0].at;
  };
  EXPECT_EQ(step(20 * second, 200), second / 10);
  EXPECT_EQ(step(20 * second, 199), second);
  EXPECT_EQ(step(60 * second, 1000), second) << "the finest one does not reach back so far";
  EXPECT_EQ(step(10 * minute, 60), 10 * second);
  EXPECT_EQ(step(10 * minute, 10), minute);
  EXPECT_EQ(step(10 * minute, 5), 2 * minute) << "the coarsest one's points are put together";
}

TEST(series_store, spans_without_a_sample_are_left_out) {
  series_store store;
  store.add(key, start, 1);
  store.add(key, start + 5 * second, 2);
  store.add(key, start + 7 * second, 3);
  const auto points = store.points(key, start, start + 7 * second, 7);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[1].at, start + 5 * second);
  EXPECT_TRUE(store.points({figure::published_per_s, "other"}, start, start + minute, 100).empty());
  EXPECT_TRUE(store.points(key, start + minute, start, 100).empty());
  EXPECT_TRUE(store.points(key, start, start + minute, 0).empty());
}

TEST(series_store, keeps_a_day_in_minutes_and_no_more) {
  series_store store;
  for (time_us at = start; at <= start + 30 * limits::hour; at += 10 * second)
    store.add(key, at, 1);
  const auto end = start + 30 * limits::hour;
  const auto day = store.points(key, start, end, 3000);
  EXPECT_EQ(day.size(), 1439U) << "1440 spans, of which the newest is not over";
  EXPECT_EQ(day.back().at, end - minute);
}

TEST(series_store, a_series_that_is_full_takes_as_much_as_the_header_says) {
  series_store store;
  for (time_us at = start; at <= start + 25 * limits::hour; at += second / 2)
    store.add(key, at, 1);
  EXPECT_LE(store.bytes(), 46'000U);
  EXPECT_GE(store.bytes(), 40'000U);
  series_store young;
  young.add(key, start, 1);
  EXPECT_LE(young.bytes(), 1024U);
}

TEST(series_store, has_a_bounded_number_of_series) {
  series_store store;
  for (std::size_t i = 0; i < limits::series_max + 5; ++i)
    store.add({figure::lag_seconds, std::to_string(i)}, start, 1);
  EXPECT_EQ(store.known(figure::lag_seconds).size(), limits::series_max);
  EXPECT_EQ(store.refused(), 5U);
  store.add({figure::lag_seconds, "new"}, start + 2 * limits::hour, 1);
  EXPECT_EQ(store.known(figure::lag_seconds), std::vector<std::string>{"new"}) << "idle ones make room";
}

TEST(series_store, knows_what_a_snapshot_has) {
  series_store store;
  snapshot of;
  of.at = start;
  of.nodes.resize(1);
  of.nodes[0].name = "shop";
  of.nodes[0].heard_at = start;
  of.nodes[0].published_per_s = 7;
  of.topics.resize(1);
  of.topics[0].name = "orders";
  of.groups.resize(1);
  of.groups[0].name = "packers";
  of.groups[0].worst_seconds = 3;
  of.lag.resize(1);
  of.lag[0].group = "packers";
  of.lag[0].log = "shop";
  of.lag[0].topic = "orders";
  of.links.resize(1);
  of.links[0].a = "a";
  of.links[0].b = "b";
  of.latencies.resize(1);
  of.latencies[0].what = "publish";
  of.latencies[0].name = "orders";
  of.latencies[0].took.add(std::chrono::milliseconds(2), 5);
  store.add(of);
  of.at += second;
  store.add(of);
  using names = std::vector<std::string>;
  EXPECT_EQ(store.known(figure::published_per_s), (names{"", "shop"}));
  EXPECT_EQ(store.known(figure::topic_per_s), names{"orders"});
  EXPECT_EQ(store.known(figure::lag_seconds), (names{"packers", "packers/shop/orders"}));
  EXPECT_EQ(store.known(figure::link_bytes_per_s), names{"a/b"});
  EXPECT_EQ(store.known(figure::publish_p99_ms), (names{"", "orders"}));
  EXPECT_EQ(store.points(key, start, start + second, 1).at(0).sum, 7);
}

/// Against a plain list of samples: whatever is asked for, points are what the samples make, within the bounds.
TEST(series_store, is_what_a_list_of_samples_would_be) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  for (int round = 0; round < 30; ++round) {
    series_store store;
    std::vector<std::pair<time_us, double>> samples;
    time_us at = start + static_cast<time_us>(drawn() % 100'000'000);
    for (int i = 0; i < 400; ++i) {
      at += 1 + static_cast<time_us>(drawn() % (i % 7 == 0 ? 3'000'000 : 200'000));
      samples.emplace_back(at, drawn() % 1000);
      store.add(key, at, samples.back().second);
    }
    const auto from = samples.front().first + static_cast<time_us>(drawn() % 30'000'000);
    const auto until = from + 1 + static_cast<time_us>(drawn() % 60'000'000);
    const auto most = 1 + drawn() % 300;
    const auto points = store.points(key, from, until, most);
    ASSERT_LE(points.size(), most);
    for (std::size_t i = 0; i < points.size(); ++i) {
      ASSERT_GE(points[i].count, 1U);
      ASSERT_TRUE(i == 0 || points[i - 1].at < points[i].at);
      const auto step = [&] { // the least that has as many samples
        for (const auto length : {second / 10, second, 10 * second, minute, 2 * minute, 3 * minute, 4 * minute}) {
          double sum = 0;
          std::uint32_t count = 0;
          for (const auto& [when, value] : samples)
            if (when >= points[i].at && when < points[i].at + length) {
              sum += value;
              ++count;
            }
          if (count == points[i].count && sum == points[i].sum) return length;
        }
        return time_us{0};
      }();
      ASSERT_NE(step, 0) << "no span has these samples";
    }
  }
}

} // namespace
} // namespace weft::monitor
