#include "mesh/telemetry/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace weft::telemetry {
namespace {

using std::chrono::microseconds;

microseconds us(std::int64_t count) { return microseconds{count}; }

TEST(sketch, buckets_follow_one_another_without_a_hole) {
  std::size_t last = 0;
  for (std::int64_t at = 0; at < 1 << 20; ++at) {
    const auto index = sketch::index_of(us(at));
    ASSERT_TRUE(index == last || index == last + 1) << at;
    last = index;
  }
  EXPECT_EQ(sketch::index_of(us((std::int64_t{1} << 32) - 1)), sketch::buckets_max - 1);
}

TEST(sketch, what_is_beyond_its_range_is_in_its_first_and_last_buckets) {
  EXPECT_EQ(sketch::index_of(us(-5)), 0U);
  EXPECT_EQ(sketch::index_of(microseconds::max()), sketch::buckets_max - 1);
  sketch of;
  of.add_at(60'000, 2);
  EXPECT_EQ(of.buckets().size(), sketch::buckets_max);
  EXPECT_EQ(of.count(), 2U);
}

TEST(sketch, the_middle_of_a_bucket_is_near_all_that_it_counts) {
  for (std::int64_t at = 1; at < std::int64_t{1} << 32; at += 1 + at / 7) {
    const auto said = sketch::middle_us(sketch::index_of(us(at)));
    ASSERT_LE(std::abs(said - static_cast<double>(at)), static_cast<double>(at) / 32) << at;
  }
}

TEST(sketch, quantiles_are_those_of_the_durations) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  std::lognormal_distribution<double> durations(7, 2);
  std::vector<double> all;
  sketch of;
  for (int i = 0; i < 20'000; ++i) {
    const auto took = std::min(1e9, std::floor(durations(drawn)));
    all.push_back(took);
    of.add(us(static_cast<std::int64_t>(took)));
  }
  std::ranges::sort(all);
  for (const double part : {0.0, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = std::max(1.0, std::ceil(part * static_cast<double>(all.size())));
    const double wanted = all[static_cast<std::size_t>(rank) - 1];
    EXPECT_NEAR(of.quantile_us(part).value(), wanted, wanted / 32) << part;
  }
}

TEST(sketch, of_several_nodes_add_up) {
  sketch one;
  sketch other;
  sketch both;
  for (int i = 0; i < 500; ++i) {
    (i % 3 == 0 ? one : other).add(us(i * i));
    both.add(us(i * i));
  }
  one.add(other);
  EXPECT_EQ(one, both);
}

TEST(sketch, tells_what_came_since_a_look) {
  sketch at_first;
  at_first.add(us(10), 4);
  auto now = at_first;
  now.add(us(10), 3);
  now.add(us(5000));
  const auto news = now.since(at_first);
  EXPECT_EQ(news.count(), 4U);
  EXPECT_EQ(news.buckets().at(10), 3U);
  EXPECT_TRUE(now.since(now).empty());
  sketch anew;
  anew.add(us(10), 1);
  EXPECT_EQ(anew.since(now).count(), 1U) << "a process that was started again counts from 0";
}

TEST(sketch, of_nothing_has_no_quantile) { EXPECT_FALSE(sketch().quantile_us(0.5)); }

} // namespace
} // namespace weft::telemetry
