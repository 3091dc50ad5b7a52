#include "mesh/delivery/handling_times.hpp"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace weft::delivery {
namespace {

using std::chrono::microseconds;

class times_of_a_member : public testing::Test {
protected:
  /// (microseconds, events) of each that it told.
  std::vector<std::pair<std::int64_t, std::uint64_t>> ended(std::uint64_t from, std::uint64_t until, std::int64_t at) {
    std::vector<std::pair<std::int64_t, std::uint64_t>> all;
    times.ended({from, until}, mono_time{} + microseconds(at),
                [&](microseconds took, std::uint64_t events) { all.emplace_back(took.count(), events); });
    return all;
  }
  void handed(std::uint64_t from, std::uint64_t until, std::int64_t at) {
    times.handed({from, until}, mono_time{} + microseconds(at));
  }
  using told = std::vector<std::pair<std::int64_t, std::uint64_t>>;
  handling_times times;
};

TEST_F(times_of_a_member, are_from_the_hand_out_to_its_word) {
  handed(1, 4, 100);
  handed(4, 10, 150);
  EXPECT_EQ(ended(1, 6, 200), (told{{100, 3}, {50, 2}}));
  EXPECT_EQ(ended(6, 10, 350), (told{{200, 4}}));
  EXPECT_EQ(times.runs(), 0U);
}

TEST_F(times_of_a_member, may_end_in_any_order) {
  handed(1, 11, 0);
  EXPECT_EQ(ended(8, 11, 10), (told{{10, 3}}));
  EXPECT_EQ(ended(1, 8, 20), (told{{20, 7}}));
}

TEST_F(times_of_a_member, count_an_event_once_whatever_it_says) {
  handed(1, 4, 0);
  EXPECT_EQ(ended(1, 4, 10), (told{{10, 3}}));
  EXPECT_EQ(ended(1, 4, 20), told{});
  EXPECT_EQ(ended(0, 1'000'000, 30), told{});
  EXPECT_EQ(ended(9, 3, 30), told{});
}

TEST_F(times_of_a_member, of_what_it_never_speaks_of_are_forgotten) {
  for (std::uint64_t i = 0; i < limits::group_window_events_max + 10; ++i)
    handed(i, i + 1, 0);
  EXPECT_EQ(times.runs(), limits::group_window_events_max);
}

} // namespace
} // namespace weft::delivery
