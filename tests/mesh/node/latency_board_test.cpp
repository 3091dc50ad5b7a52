#include "mesh/node/latency_board.hpp"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace weft::node {
namespace {

using std::chrono::microseconds;

TEST(latency_board, counts_by_kind_and_name) {
  latency_board board;
  board.add(latency::publish, "orders", microseconds(100), 3);
  board.add(latency::delivery, "orders", microseconds(200));
  board.add(latency::publish, "orders", microseconds(100));
  const auto all = board.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at({latency::publish, "orders"}).count(), 4U);
  EXPECT_EQ(all.at({latency::delivery, "orders"}).count(), 1U);
}

TEST(latency_board, gives_the_same_counts_for_a_name_and_none_that_are_empty) {
  latency_board board;
  auto& counts = board.of(latency::handler, "packers");
  EXPECT_TRUE(board.all().empty());
  EXPECT_EQ(&counts, &board.of(latency::handler, "packers"));
  EXPECT_NE(&counts, &board.of(latency::delivery, "packers"));
  counts.add(microseconds(7), 2);
  telemetry::sketch expected;
  expected.add(microseconds(7), 2);
  EXPECT_EQ(board.all().begin()->second, expected);
}

TEST(latency_board, beyond_its_names_of_a_kind_what_is_new_has_none) {
  latency_board board;
  for (std::size_t i = 0; i < limits::latency_names_max + 5; ++i)
    board.add(latency::publish, "topic-" + std::to_string(i), microseconds(1));
  board.add(latency::publish, "topic-0", microseconds(1));
  board.add(latency::delivery, "of another kind", microseconds(1));
  const auto all = board.all();
  EXPECT_EQ(all.at({latency::publish, ""}).count(), 5U);
  EXPECT_EQ(all.at({latency::publish, "topic-0"}).count(), 2U);
  EXPECT_TRUE(all.contains({latency::delivery, "of another kind"}));
}

TEST(latency_board, what_many_threads_add_is_all_there) {
  latency_board board;
  constexpr int threads = 4, each = 5000;
  {
    std::vector<std::jthread> all;
    for (int thread = 0; thread < threads; ++thread)
      all.emplace_back([&] {
        for (int i = 0; i < each; ++i)
          board.add(latency::publish, i % 2 == 0 ? "a" : "b", microseconds(i));
      });
    for (int i = 0; i < 20; ++i)
      (void)board.all();
  }
  std::uint64_t sum = 0;
  for (const auto& [of, took] : board.all())
    sum += took.count();
  EXPECT_EQ(sum, std::uint64_t{threads} * each);
}

} // namespace
} // namespace weft::node
