#include "mesh/delivery/takeup.hpp"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

constexpr member_id ann{1}, bob{2};
constexpr wall_time earlier{5'000}, now{9'000};

log_position at(std::uint64_t place) { return {epoch{1, 7}, seq{place}}; }

log_id some_log() {
  std::array<std::uint8_t, 32> id{};
  id.fill(4);
  return {node_id{id}, 0};
}

/// Slot 3 is ahead of the others, and has one finished above its floor.
group_record owners_record() {
  group_record record{"packers", "retail.>", 12, {3, at(100), {{slot{3}, at(120), {at(125)}}}}, {}, {}, {}, {}};
  record.holders = {{ann, slot_set().set(3).set(5)}};
  return record;
}

/// As of a holder that took it up there, and got to `floor` in all slots.
group_record holders_record(std::uint64_t floor) {
  auto record = taken_up(some_log(), owners_record(), std::nullopt, earlier);
  record.version = 90;
  record.cursor = {3, at(floor), {}};
  record.holders = {{bob, slot_set().set(5)}};
  return record;
}

TEST(takeup, a_holder_goes_on_from_the_last_record_it_has_and_remembers_from_where) {
  const auto record = taken_up(some_log(), owners_record(), std::nullopt, now);
  EXPECT_EQ(record.cursor, owners_record().cursor);
  EXPECT_EQ(record.holders, owners_record().holders); // they may be at work
  ASSERT_TRUE(record.takeup);
  EXPECT_EQ(record.takeup->log, some_log());
  EXPECT_EQ(record.takeup->base, (group_cursor{3, at(100), {{slot{3}, at(120), {}}}}));
}

TEST(takeup, a_holder_that_comes_back_goes_on_from_what_it_had_and_from_its_first_base) {
  const auto record = taken_up(some_log(), owners_record(), holders_record(110), now);
  EXPECT_EQ(record.cursor.of(slot{0}).floor, at(110));
  EXPECT_EQ(record.cursor.of(slot{3}), (slot_progress{slot{3}, at(120), {at(125)}}));
  EXPECT_EQ(record.version, 90U);
  EXPECT_EQ(record.takeup->base.floor, at(100));
  EXPECT_EQ(record.takeup->since, earlier);
  EXPECT_EQ(record.holders, (group_holders{{ann, slot_set().set(3)}, {bob, slot_set().set(5)}}));
}

TEST(takeup, what_a_holder_had_before_a_seek_is_of_no_account) {
  auto sought = owners_record();
  sought.cursor = {4, at(20), {}};
  const auto record = taken_up(some_log(), sought, holders_record(110), now);
  EXPECT_EQ(record.cursor, sought.cursor);
  EXPECT_EQ(record.takeup->base, sought.cursor);
  EXPECT_EQ(record.takeup->since, now);
  EXPECT_EQ(record.holders, owners_record().holders);
}

TEST(takeup, slots_of_parked_keys_are_withheld) {
  auto record = owners_record();
  EXPECT_TRUE(withheld(record).none());
  record.parked = {class_of(7), hashed_key{~std::uint64_t{0}}};
  EXPECT_EQ(withheld(record), slot_set().set(0).set(1023));
}

TEST(takeup, at_a_copy_nothing_is_set_aside) {
  for (const auto then : {after_failing::block, after_failing::park, after_failing::dead_letter})
    EXPECT_EQ(at_copy({then}).then, after_failing::block);
  EXPECT_EQ(at_copy({after_failing::skip}).then, after_failing::skip);
}

TEST(takeup, the_logs_node_knows_what_either_knows) {
  auto own = owners_record();
  own.cursor = {3, at(105), {{slot{9}, at(130), {}}}};
  const auto record = merged(own, holders_record(110));
  EXPECT_EQ(record.cursor, (group_cursor{3, at(110), {{slot{9}, at(130), {}}}}));
  EXPECT_EQ(record.version, 12U);
  EXPECT_FALSE(record.takeup);
}

TEST(takeup, who_may_be_at_work_is_said_by_the_holder_and_where_it_names_nobody_by_the_logs_node) {
  const auto record = merged(owners_record(), holders_record(110));
  EXPECT_EQ(record.holders, (group_holders{{ann, slot_set().set(3)}, {bob, slot_set().set(5)}}));
}

TEST(takeup, of_two_generations_the_higher_one_holds) {
  auto own = owners_record();
  own.cursor = {4, at(20), {}};
  EXPECT_EQ(merged(own, holders_record(110)), own);
  own.cursor.generation = 2;
  const auto record = merged(own, holders_record(110));
  EXPECT_EQ(record.cursor, (group_cursor{3, at(110), {}}));
  EXPECT_EQ(record.holders, (group_holders{{bob, slot_set().set(5)}}));
}

TEST(takeup, the_state_of_the_group_stays_its_members) {
  auto taken = holders_record(110);
  taken.state[0].only = bob;
  EXPECT_EQ(merged(owners_record(), taken).state[0].only, bob);
  auto own = owners_record();
  own.state[0].only = ann;
  EXPECT_EQ(merged(own, taken).state[0].only, ann);
}

TEST(takeup, the_later_term_of_the_groups_state_holds_whatever_the_cursor_says) {
  auto own = owners_record();
  own.state = {{ann, 2, 0, {}, false}};
  for (const std::uint64_t generation : {2, 3, 4}) {
    auto later = holders_record(110);
    later.cursor.generation = generation;
    later.state = {{bob, 3, 0, {}, false}};
    for (const auto& known : {merged(own, later), taken_up(some_log(), own, later, now)}) {
      EXPECT_EQ(known.state[0].term, 3U) << generation;
      EXPECT_EQ(known.state[0].only, bob);
    }
    later.state[0].term = 1;
    EXPECT_EQ(merged(own, later).state[0].only, ann);
    EXPECT_EQ(taken_up(some_log(), own, later, now).state[0].term, 2U);
  }
}

TEST(takeup, nothing_beyond_the_logs_end_is_believed) {
  const group_cursor cursor{3, at(150), {{slot{3}, at(90), {at(95), at(100), at(101)}}}};
  EXPECT_EQ(within(cursor, at(100)), (group_cursor{3, at(100), {{slot{3}, at(90), {at(95)}}}}));
}

TEST(takeup, counted_twice_is_what_both_went_through_from_the_base_on) {
  group_cursor own{3, at(105), {{slot{3}, at(120), {}}, {slot{9}, at(130), {}}}};
  auto ranges = counted_twice(own, holders_record(110));
  ASSERT_EQ(ranges.size(), limits::slots - 1U); // slot 3 was not gone through again
  EXPECT_EQ(ranges[0], (slot_range{slot{0}, at(100), at(105)}));
  EXPECT_EQ(ranges[8], (slot_range{slot{9}, at(100), at(110)}));
  EXPECT_TRUE(counted_twice(owners_record().cursor, holders_record(110)).empty());
  own.generation = 4;
  EXPECT_TRUE(counted_twice(own, holders_record(110)).empty());
}

} // namespace
} // namespace weft::delivery
