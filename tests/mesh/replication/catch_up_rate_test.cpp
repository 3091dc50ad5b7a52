#include "mesh/replication/catch_up_rate.hpp"

#include <gtest/gtest.h>

namespace weft::replication {
namespace {

TEST(catch_up_rate, what_is_taken_in_is_spread_over_time) {
  catch_up_rate rate(1'000'000);
  const mono_time now{5'000'000};
  EXPECT_EQ(rate.take(100'000, now), now + microseconds(100'000));
  EXPECT_EQ(rate.take(100'000, now), now + microseconds(200'000));
}

TEST(catch_up_rate, what_was_not_used_is_not_saved) {
  catch_up_rate rate(1'000'000);
  static_cast<void>(rate.take(100'000, mono_time{0}));
  const mono_time later{60'000'000};
  EXPECT_EQ(rate.take(1000, later), later + microseconds(1000));
}

} // namespace
} // namespace weft::replication
