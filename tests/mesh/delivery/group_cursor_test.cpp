#include "mesh/delivery/group_cursor.hpp"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

log_position at(std::uint64_t place) { return {epoch{1, 7}, seq{place}}; }

TEST(group_cursor, slots_that_are_apart_are_named_and_the_others_are_not) {
  std::vector<slot_progress> slots;
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    slots.push_back({slot{of}, at(100), {}});
  slots[3] = {slot{3}, at(40), {at(50)}};
  slots[9].floor = at(99);
  const auto cursor = gather(2, slots);
  EXPECT_EQ(cursor.floor, at(100));
  EXPECT_EQ(cursor.apart, (std::vector<slot_progress>{slots[3], slots[9]}));
  EXPECT_EQ(cursor.needed_from(), at(40));
  EXPECT_EQ(cursor.of(slot{3}), slots[3]);
  EXPECT_EQ(cursor.of(slot{4}), slots[4]);
}

TEST(group_cursor, needs_nothing_below_its_slots_when_all_are_apart) {
  std::vector<slot_progress> slots;
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    slots.push_back({slot{of}, at(100U + of), {at(5000)}});
  EXPECT_EQ(gather(0, slots).needed_from(), at(100));
}

TEST(group_cursor, two_of_one_generation_are_merged_to_what_either_knows) {
  const group_cursor a{1, at(100), {{slot{3}, at(40), {at(50), at(60)}}, {slot{5}, at(90), {}}}};
  const group_cursor b{1, at(90), {{slot{3}, at(55), {at(58)}}, {slot{5}, at(95), {}}}};
  const group_cursor both{1, at(100), {{slot{3}, at(55), {at(58), at(60)}}, {slot{5}, at(95), {}}}};
  EXPECT_EQ(merge(a, b), both);
  EXPECT_EQ(merge(b, a), both);
}

TEST(group_cursor, a_seek_makes_older_generations_count_for_nothing) {
  const group_cursor before{1, at(100), {}}, after{2, at(10), {}};
  EXPECT_EQ(merge(before, after), after);
  EXPECT_EQ(merge(after, before), after);
}

} // namespace
} // namespace weft::delivery
