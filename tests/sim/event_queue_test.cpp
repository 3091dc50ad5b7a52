#include "tests/sim/event_queue.hpp"

#include "tests/mesh/base/test_seed.hpp"
#include "tests/sim/seeds.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::sim {
namespace {

struct recorder final : event_handler {
  std::vector<std::uint64_t> fired;
  void fire(std::uint64_t a, std::uint64_t) override { fired.push_back(a); }
};

TEST(sim_event_queue, earliest_first_and_of_one_moment_what_was_asked_for_first) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random random(seed);
  event_queue queue;
  recorder seen;
  std::vector<std::pair<std::int64_t, std::uint64_t>> expected;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const auto at = between(random, 0, 300);
    expected.emplace_back(at, i);
    queue.at({at}, seen, i);
  }
  std::ranges::sort(expected);
  while (queue.run_next({1000})) {}
  ASSERT_EQ(seen.fired.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(seen.fired[i], expected[i].second);
  EXPECT_EQ(queue.now(), virtual_time{1000});
}

TEST(sim_event_queue, what_is_asked_for_in_the_past_comes_now) {
  event_queue queue;
  recorder seen;
  EXPECT_FALSE(queue.run_next({50}));
  queue.at({10}, seen, 1);
  EXPECT_TRUE(queue.run_next({50}));
  EXPECT_EQ(queue.now(), virtual_time{50});
}

} // namespace
} // namespace weft::sim
