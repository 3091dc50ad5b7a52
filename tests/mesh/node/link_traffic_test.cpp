#include "mesh/node/link_traffic.hpp"

#include <gtest/gtest.h>

namespace weft::node {
namespace {

mono_time at(double seconds) { return mono_time{} + microseconds(static_cast<std::int64_t>(seconds * 1e6)); }

TEST(byte_meter, rate_is_the_mean_of_the_last_seconds) {
  byte_meter meter;
  for (int second = 0; second < 20; ++second)
    meter.add(1000, at(second + 0.5));
  EXPECT_EQ(meter.total(), 20'000U);
  EXPECT_DOUBLE_EQ(meter.per_s(at(20)), 1000);
  EXPECT_DOUBLE_EQ(meter.per_s(at(22)), 600);
}

TEST(byte_meter, what_is_long_past_counts_only_in_all) {
  byte_meter meter;
  EXPECT_DOUBLE_EQ(meter.per_s(at(0)), 0);
  meter.add(5000, at(1));
  EXPECT_DOUBLE_EQ(meter.per_s(at(1.5)), 0) << "its second is not over";
  EXPECT_DOUBLE_EQ(meter.per_s(at(2)), 1000);
  EXPECT_DOUBLE_EQ(meter.per_s(at(1000)), 0);
  meter.add(10'000, at(1000));
  EXPECT_DOUBLE_EQ(meter.per_s(at(1001)), 2000);
  EXPECT_EQ(meter.total(), 15'000U);
}

TEST(link_traffic, tells_both_directions) {
  link_traffic link;
  link.sent(500, at(1));
  link.received(2500, at(1));
  const auto facts = link.at(at(2));
  EXPECT_EQ(facts.sent, 500U);
  EXPECT_EQ(facts.received, 2500U);
  EXPECT_DOUBLE_EQ(facts.sent_per_s, 100);
  EXPECT_DOUBLE_EQ(facts.received_per_s, 500);
}

} // namespace
} // namespace weft::node
