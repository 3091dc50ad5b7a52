#include "mesh/delivery/slot_ledger.hpp"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

log_position at(std::uint64_t place, std::uint32_t count = 1) { return {epoch{count, 7}, seq{place}}; }

TEST(slot_ledger, floor_is_the_first_event_that_is_not_finished) {
  slot_ledger ledger(at(0));
  const auto first = ledger.hand_out(at(3));
  const auto second = ledger.hand_out(at(5));
  EXPECT_EQ(ledger.floor(), at(3));
  ledger.finish(second);
  EXPECT_EQ(ledger.floor(), at(3));
  EXPECT_EQ(ledger.finished(), std::vector{at(5)});
  ledger.finish(first);
  EXPECT_EQ(ledger.floor(), at(6));
  EXPECT_TRUE(ledger.finished().empty());
  ledger.pass(at(9));
  EXPECT_EQ(ledger.floor(), at(9));
}

TEST(slot_ledger, what_is_taken_back_is_handed_out_again_and_what_is_finished_is_not) {
  slot_ledger ledger(at(0));
  static_cast<void>(ledger.hand_out(at(1)));
  const auto second = ledger.hand_out(at(2));
  static_cast<void>(ledger.hand_out(at(4)));
  ledger.finish(second);
  ledger.take_back();
  EXPECT_EQ(ledger.next(), at(1));
  EXPECT_EQ(ledger.out(), 0U);
  EXPECT_TRUE(ledger.wants(at(1)));
  const auto again = ledger.hand_out(at(1));
  EXPECT_FALSE(ledger.wants(at(2)));
  EXPECT_TRUE(ledger.wants(at(4)));
  EXPECT_EQ(ledger.finished(), std::vector{at(2)}); // still, while 1 is out
  ledger.finish(again);
  EXPECT_EQ(ledger.floor(), at(3));
}

TEST(slot_ledger, taken_back_twice_it_still_knows_what_is_finished) {
  slot_ledger ledger(at(0));
  static_cast<void>(ledger.hand_out(at(1)));
  ledger.finish(ledger.hand_out(at(2)));
  ledger.take_back();
  ASSERT_TRUE(ledger.wants(at(1)));
  static_cast<void>(ledger.hand_out(at(1)));
  ASSERT_FALSE(ledger.wants(at(2)));
  ledger.take_back();
  ASSERT_TRUE(ledger.wants(at(1)));
  static_cast<void>(ledger.hand_out(at(1)));
  EXPECT_FALSE(ledger.wants(at(2)));
}

TEST(slot_ledger, what_a_read_passed_over_is_remembered_while_an_earlier_event_is_out) {
  slot_ledger ledger(at(0), {at(5)});
  const auto first = ledger.hand_out(at(2));
  ledger.pass(at(9)); // 5 was not offered, and is finished
  EXPECT_EQ(ledger.finished(), std::vector{at(5)});
  ledger.finish(first);
  EXPECT_EQ(ledger.floor(), at(9));
  EXPECT_EQ(ledger.remembered(), 0U);
}

TEST(slot_ledger, what_is_known_to_be_processed_is_passed_over) {
  slot_ledger ledger(at(3));
  ledger.know(at(7));
  ledger.know(at(5));
  ledger.know(at(5));
  ledger.know(at(2)); // long ago
  EXPECT_EQ(ledger.finished(), (std::vector{at(5), at(7)}));
  EXPECT_TRUE(ledger.wants(at(4)));
  EXPECT_FALSE(ledger.wants(at(5)));
  EXPECT_EQ(ledger.floor(), at(6));
}

TEST(slot_ledger, goes_on_in_a_later_epoch) {
  slot_ledger ledger(at(7));
  const auto first = ledger.hand_out(at(8));
  const auto second = ledger.hand_out(at(8, 2)); // the epoch before had its last events elsewhere
  ledger.finish(second);
  EXPECT_EQ(ledger.floor(), at(8));
  ledger.finish(first);
  EXPECT_EQ(ledger.floor(), at(9, 2));
}

TEST(slot_ledger, a_long_queue_is_finished_from_its_end) {
  slot_ledger ledger(at(0));
  std::vector<slot_ledger::number> numbers;
  for (std::uint64_t place = 0; place < 1000; ++place)
    numbers.push_back(ledger.hand_out(at(place)));
  for (std::uint64_t place = 999; place > 0; --place)
    ledger.finish(numbers[place]);
  EXPECT_EQ(ledger.remembered(), 1000U);
  ledger.finish(numbers[0]);
  EXPECT_EQ(ledger.floor(), at(1000));
  EXPECT_EQ(ledger.remembered(), 0U);
}

TEST(slot_ledger, what_somebody_else_processed_is_passed_over) {
  slot_ledger ledger(at(10));
  ledger.learn(at(20), {at(25)});
  EXPECT_EQ(ledger.floor(), at(20));
  EXPECT_EQ(ledger.next(), at(20));
  EXPECT_EQ(ledger.finished(), (std::vector{at(25)}));
  ASSERT_TRUE(ledger.wants(at(22)));
  ledger.hand_out(at(22));
  EXPECT_FALSE(ledger.wants(at(25)));
}

TEST(slot_ledger, what_is_out_and_was_processed_elsewhere_is_not_handed_out_again) {
  slot_ledger ledger(at(10));
  const auto first = ledger.hand_out(at(10));
  ledger.hand_out(at(15));
  ledger.hand_out(at(30));
  ledger.finish(first + 1);
  ledger.learn(at(20), {});
  EXPECT_EQ(ledger.floor(), at(20));
  EXPECT_TRUE(ledger.finished().empty());
  EXPECT_EQ(ledger.next().seq, seq{31});
  ledger.finish(first); // its holder did not know
  EXPECT_EQ(ledger.floor(), at(30));
  ledger.take_back();
  EXPECT_EQ(ledger.next(), at(30));
}

TEST(slot_ledger, a_slot_that_is_taken_back_goes_on_behind_what_was_processed_elsewhere) {
  slot_ledger ledger(at(10));
  ledger.hand_out(at(10));
  ledger.learn(at(20), {at(25)});
  ledger.take_back();
  EXPECT_EQ(ledger.floor(), at(20));
  EXPECT_EQ(ledger.finished(), (std::vector{at(25)}));
  ledger.learn(at(15), {}); // older word
  EXPECT_EQ(ledger.floor(), at(20));
}

} // namespace
} // namespace weft::delivery
