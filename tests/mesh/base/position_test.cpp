#include "mesh/base/position.hpp"

#include "mesh/base/hlc.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(position, text_is_node_epoch_seq_and_reads_back) {
  const named_position at{"inventory", {epoch{3, 0x9f2c}, seq{1042}}};
  EXPECT_EQ(to_string(at), "inventory/3-9f2c/1042");
  EXPECT_EQ(parse_position("inventory/3-9f2c/1042").value(), at);
}

TEST(position, refuses_anything_else) {
  for (const auto* text :
       {"", "a", "a/b", "a/3-9f2c", "a/3/1", "a/3-9f2c/", "a/3-9f2c/1x", "A/3-9f2c/1", "a/3-9f2c/-1"})
    EXPECT_FALSE(parse_position(text)) << text;
}

TEST(position, orders_by_epoch_then_seq) {
  EXPECT_LT((log_position{epoch{1, 9}, seq{100}}), (log_position{epoch{2, 0}, seq{5}}));
  EXPECT_LT((log_position{epoch{2, 0}, seq{5}}), (log_position{epoch{2, 0}, seq{6}}));
}

TEST(hlc, strictly_increases_when_the_clock_stands_or_goes_back) {
  const auto now = wall_time{1'700'000'000'000'000};
  const auto first = next_after(hlc{}, now);
  const auto second = next_after(first, now);
  const auto third = next_after(second, now - std::chrono::hours(1));
  EXPECT_EQ(first.wall(), now);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

TEST(hlc, overflowing_counter_borrows_the_next_millisecond) {
  const auto full = hlc{(1000ULL << 16U) | 0xffffU};
  EXPECT_EQ(next_after(full, wall_time{1'000'000}).value(), 1001ULL << 16U);
}

} // namespace
} // namespace weft
