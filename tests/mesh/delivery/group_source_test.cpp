#include "tests/mesh/delivery/group_on_log.hpp"

#include <numeric>

namespace weft::delivery {
namespace {

using namespace std::chrono_literals;

constexpr member_id ann{1}, bob{2}, cid{3};

/// Events of all slots, one each, some times over.
std::vector<std::uint16_t> every_slot(std::size_t times) {
  std::vector<std::uint16_t> slots;
  for (std::size_t i = 0; i < times; ++i)
    for (std::uint16_t of = 0; of < limits::slots; ++of)
      slots.push_back(of);
  return slots;
}
std::vector<std::uint64_t> places(std::uint64_t from, std::uint64_t until) {
  std::vector<std::uint64_t> all(until - from);
  std::iota(all.begin(), all.end(), from);
  return all;
}

TEST(group_source, one_member_gets_everything_in_order) {
  group_on_log group({1, 2, 3, 1, 2, 3});
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann], places(0, 6));
  group.publish(9);
  EXPECT_EQ(group.got[ann], places(0, 7));
  group.done_all(ann);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(7), {}}));
}

TEST(group_source, members_share_the_slots_and_each_event_goes_to_one) {
  group_on_log group({});
  for (const auto member : {ann, bob, cid})
    ASSERT_TRUE(group.join(member));
  for (int times = 0; times < 2; ++times)
    for (std::uint16_t of = 0; of < limits::slots; ++of)
      group.publish(of);
  std::vector<std::uint64_t> all;
  for (const auto member : {ann, bob, cid}) {
    EXPECT_NEAR(static_cast<double>(group.got[member].size()), 683, 2);
    all.insert(all.end(), group.got[member].begin(), group.got[member].end());
  }
  std::ranges::sort(all);
  EXPECT_EQ(all, places(0, 2048));
}

TEST(group_source, a_member_has_no_more_than_it_may_hold_and_is_read_for_again_at_half_of_it) {
  group_on_log group(std::vector<std::uint16_t>(20, 1));
  ASSERT_TRUE(group.join(ann, 4));
  EXPECT_EQ(group.got[ann], places(0, 4));
  group.done(ann, 1, 2);
  EXPECT_EQ(group.got[ann].size(), 4U);
  group.done(ann, 2, 3);
  EXPECT_EQ(group.got[ann], places(0, 6));
}

TEST(group_source, one_event_is_handed_out_however_large_it_is) {
  group_on_log group({1, 1});
  group_source::effects fx;
  group.say(group_source::in::advanced{seq{2}});
  ASSERT_TRUE(group.source.on(group_source::in::joined{ann, 10, 1}, group.now, fx)); // one byte
  group.source.on(group_source::in::saved{1}, fx);
  ASSERT_TRUE(std::holds_alternative<group_source::out::read>(fx.back()));
  fx.clear();
  group.source.on(
      group_source::in::read_done{first_epoch, seq{0}, seq{2}, {{seq{0}, slot{1}, 100}, {seq{1}, slot{1}, 100}}},
      group.now, fx);
  EXPECT_EQ(std::get<group_source::out::hand_out>(fx.front()).offers, std::vector<std::uint32_t>{0});
}

TEST(group_source, who_takes_nothing_does_not_stop_the_others) {
  group_on_log group({});
  ASSERT_TRUE(group.join(ann, 10));
  ASSERT_TRUE(group.join(bob, 10'000));
  for (const auto of : every_slot(4))
    group.publish(of);
  EXPECT_EQ(group.got[ann].size(), 10U);
  EXPECT_EQ(group.got[bob].size(), 2048U);
  for (std::size_t had = 0; had != group.got[ann].size();) { // it catches up as it finishes
    had = group.got[ann].size();
    group.done_all(ann);
  }
  EXPECT_EQ(group.got[ann].size(), 2048U);
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    std::vector<std::uint64_t> of_slot;
    std::ranges::copy_if(group.got[ann], std::back_inserter(of_slot),
                         [&](auto place) { return group.log[place] == of; });
    EXPECT_TRUE(std::ranges::is_sorted(of_slot));
  }
}

TEST(group_source, what_is_new_does_not_wait_until_those_behind_have_caught_up) {
  group_on_log group(std::vector<std::uint16_t>(10'000, 1), {0, at(0), {}});
  group_cursor from{0, at(10'000), {{slot{1}, at(0), {}}}};
  group_on_log apart(group.log, from);
  apart.holds_reads = true;
  ASSERT_TRUE(apart.join(ann, 100'000));
  apart.publish(2);
  for (int i = 0; i < 4; ++i)
    apart.answer_read();
  EXPECT_TRUE(std::ranges::find(apart.got[ann], 10'000U) != apart.got[ann].end());
  EXPECT_LT(apart.got[ann].size(), 100U);
}

TEST(group_source, a_slot_moves_when_its_holder_has_finished_what_it_has_of_it) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  ASSERT_TRUE(group.join(bob, 10'000));
  EXPECT_EQ(group.revoked[ann].count(), 512U);
  EXPECT_EQ(group.source.draining(), 512U);
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    group.publish(of);
  EXPECT_TRUE(group.got[bob].empty());
  EXPECT_EQ(group.got[ann].size(), 1024U + 512U); // of those that stay it gets more meanwhile
  group.done(ann, 1, 1025);
  EXPECT_EQ(group.source.draining(), 0U);
  EXPECT_EQ(group.got[bob].size(), 512U);
}

TEST(group_source, who_is_away_gets_nothing_more_and_keeps_its_slots) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  group.done_all(ann);
  group_source::in::away gone{ann};
  group.source.on(gone);
  const auto before = group.got[ann].size();
  group.publish(1);
  EXPECT_EQ(group.got[ann].size(), before);
  EXPECT_EQ(group.source.holder(slot{1}), ann);
  ASSERT_TRUE(group.join(ann, 10'000));
  EXPECT_EQ(group.got[ann].size(), 1U);
}

TEST(group_source, whose_way_is_full_gets_nothing_until_it_has_room_and_others_go_on) {
  group_on_log group(every_slot(0));
  ASSERT_TRUE(group.join(ann, 10'000));
  ASSERT_TRUE(group.join(bob, 10'000));
  group.say(group_source::in::blocked{ann, true});
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    group.publish(of);
  EXPECT_TRUE(group.got[ann].empty());
  EXPECT_EQ(group.got[bob].size(), 512U);
  group.pass(std::chrono::seconds(1)); // time alone makes no room
  EXPECT_TRUE(group.got[ann].empty());
  group.say(group_source::in::blocked{ann, false});
  EXPECT_EQ(group.got[ann].size(), 512U);
}

TEST(group_source, word_about_a_slot_of_another_one_moves_nothing) {
  group_holders holders{{ann, slot_set().set()}};
  group_on_log group(every_slot(1), {0, at(0), {}}, holders); // ann may be at work
  ASSERT_TRUE(group.join(bob, 10'000));
  group.handled({bob, {}, {}, {{at(1), slot{1}}}, {{at(2), slot{2}}}});
  EXPECT_EQ(group.source.holder(slot{1}), ann);
  EXPECT_EQ(group.source.holder(slot{2}), ann);
  EXPECT_TRUE(group.got[bob].empty());
}

TEST(group_source, what_only_passes_over_others_events_is_no_progress) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  EXPECT_EQ(group.source.progress(), 0U);
  group.done(ann, 1, 2);
  EXPECT_GT(group.source.progress(), 0U);
}

TEST(group_source, a_slot_that_is_not_finished_stops_no_other_one) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  ASSERT_TRUE(group.join(bob, 10'000));
  const auto stuck = static_cast<std::uint16_t>(group.revoked[ann]._Find_first()); // its number is its place + 1
  group.done(ann, 1, stuck + 1U);
  group.done(ann, stuck + 2U, 1025);
  EXPECT_EQ(group.source.draining(), 1U);
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    group.publish(of);
  EXPECT_EQ(group.got[bob].size(), 511U);
  EXPECT_EQ(group.source.cursor().needed_from(), at(stuck));
  group.done(ann, stuck + 1U, stuck + 2U);
  EXPECT_EQ(group.got[bob].size(), 512U);
}

TEST(group_source, what_is_given_back_goes_to_the_next_holder_in_order) {
  slot_assignment meant;
  meant.add(ann);
  meant.add(bob);
  std::uint16_t moves = 0;
  while (meant.member_of(slot{moves}) != bob)
    ++moves;
  group_on_log group(std::vector<std::uint16_t>(6, moves));
  ASSERT_TRUE(group.join(ann));
  ASSERT_TRUE(group.join(bob));
  group.done(ann, 1, 2);
  group.done(ann, 3, 4);
  group.give_back(ann, 4, 7);
  EXPECT_TRUE(group.got[bob].empty()); // ann has begun the second one
  group.give_back(ann, 2, 3);
  EXPECT_EQ(group.got[bob], (std::vector<std::uint64_t>{1, 3, 4, 5}));
}

TEST(group_source, after_something_was_given_back_its_slot_waits_for_what_has_begun) {
  group_on_log group(std::vector<std::uint16_t>(4, 1));
  ASSERT_TRUE(group.join(ann));
  group.give_back(ann, 3, 5);
  group.publish(1);
  EXPECT_EQ(group.got[ann], places(0, 4)); // 2, 3 and 4 would overtake 0 and 1 at another holder
  group.done(ann, 1, 3);
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{0, 1, 2, 3, 2, 3, 4}));
}

TEST(group_source, what_a_lost_member_had_not_finished_is_handed_out_again) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  ASSERT_TRUE(group.join(bob, 10'000));
  group.done(ann, 1, 101);
  group.done(ann, 201, 301);
  group.lose(ann);
  auto expected = places(100, 200);
  for (const auto place : places(300, 1024))
    expected.push_back(place);
  auto got = group.got[bob];
  std::ranges::sort(got);
  EXPECT_EQ(got, expected);
  EXPECT_EQ(group.source.members(), 1U);
}

TEST(group_source, who_commits_after_its_slots_moved_changes_nothing) { // T34
  group_on_log group({1, 1, 1});
  ASSERT_TRUE(group.join(ann));
  group.lose(ann);
  ASSERT_TRUE(group.join(bob));
  group.done(ann, 1, 4);
  EXPECT_EQ(group.source.cursor().needed_from(), at(0));
  EXPECT_EQ(group.got[bob], places(0, 3));
}

TEST(group_source, acknowledgements_may_come_twice_and_in_any_order) { // T34
  group_on_log group({1, 1, 1});
  ASSERT_TRUE(group.join(ann));
  group.done(ann, 3, 4);
  group.done(ann, 2, 4);
  group.done(ann, 1, 3);
  group.done(ann, 1, 4);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(3), {}}));
}

TEST(group_source, who_commits_what_it_was_never_sent_has_to_come_anew_or_loses_its_share) { // T34
  group_on_log group({1, 1, 1});
  ASSERT_TRUE(group.join(ann));
  group.done(ann, 1, 9);
  ASSERT_EQ(group.expelled.size(), 1U);
  EXPECT_EQ(group.expelled[0].why.code(), errc::ack_beyond_end);
  EXPECT_EQ(group.source.cursor().needed_from(), at(0));
  ASSERT_TRUE(group.join(bob));
  EXPECT_TRUE(group.got[bob].empty());
  EXPECT_EQ(group.source.holder(slot{1}), ann); // it may be at work
  group.pass(limits::group_lease + limits::group_lease_margin + 1us);
  EXPECT_NE(group.source.holder(slot{1}), ann);
}

TEST(group_source, a_member_that_comes_anew_gets_what_it_had_not_finished) {
  group_on_log group({1, 1, 2, 2});
  ASSERT_TRUE(group.join(ann));
  group.done(ann, 2, 4);
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{0, 3}));
}

TEST(group_source, a_silent_member_loses_its_share_and_one_that_renews_does_not) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.pass(limits::group_lease);
  group.renew(ann, 1);
  EXPECT_EQ(group.renewals.at(0).number, 1U);
  group.pass(limits::group_lease + limits::group_lease_margin);
  EXPECT_TRUE(group.expelled.empty());
  group.pass(1us);
  ASSERT_EQ(group.expelled.size(), 1U);
  EXPECT_EQ(group.expelled[0].why.code(), errc::timed_out);
  EXPECT_FALSE(group.source.holder(slot{1}));
}

TEST(group_source, goes_on_from_its_cursor_without_what_was_finished) {
  group_on_log before({1, 2, 1, 2, 3, 3});
  ASSERT_TRUE(before.join(ann));
  before.done(ann, 1, 2);
  before.done(ann, 4, 6);
  group_on_log after(before.log, before.source.cursor());
  ASSERT_TRUE(after.join(bob));
  auto got = after.got[bob];
  std::ranges::sort(got);
  EXPECT_EQ(got, (std::vector<std::uint64_t>{1, 2, 5}));
}

TEST(group_source, a_slot_with_too_much_behind_one_event_waits_and_others_go_on) { // T36
  group_on_log group(std::vector<std::uint16_t>(limits::group_slot_events_max + 100, 1));
  group.read_events = 1000;
  ASSERT_TRUE(group.join(ann, 100'000));
  for (std::uint64_t had = 0; had != group.got[ann].size();) {
    had = group.got[ann].size();
    group.done(ann, 2, had + 1); // all but the first
  }
  EXPECT_EQ(group.got[ann].size(), limits::group_slot_events_max);
  group.publish(2);
  EXPECT_EQ(group.got[ann].back(), limits::group_slot_events_max + 100U);
  group.done_all(ann);
  EXPECT_EQ(group.got[ann].size(), limits::group_slot_events_max + 101U);
}

TEST(group_source, what_can_not_be_read_is_told_once_to_those_whose_slots_miss_it) {
  group_on_log group({1, 1, 1, 1});
  group.holds_reads = true;
  ASSERT_TRUE(group.join(ann));
  group.say(group_source::in::read_failed{error(errc::log_start, "removed by retention"), at(2)});
  ASSERT_EQ(group.gaps.size(), 1U);
  EXPECT_EQ(group.gaps[0].members, std::vector{ann});
  EXPECT_EQ(group.gaps[0].until, at(2));
  group.holds_reads = false;
  group.answer_read();
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(group.gaps.size(), 1U);
}

TEST(group_source, at_its_end_the_log_is_not_read_until_it_grows) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  const auto reads = group.reads;
  group.done_all(ann);
  EXPECT_EQ(group.reads, reads);
  group.publish(1);
  EXPECT_EQ(group.reads, reads + 1);
}

TEST(group_source, who_holds_what_is_saved_before_anything_is_handed_out_by_it) {
  group_on_log group(every_slot(1));
  group.holds_saves = true;
  ASSERT_TRUE(group.join(ann, 10'000));
  EXPECT_TRUE(group.got[ann].empty());
  EXPECT_EQ(group.saved, (group_holders{{ann, slot_set().set()}}));
  group.answer_save();
  EXPECT_EQ(group.got[ann].size(), 1024U);
  ASSERT_TRUE(group.join(bob, 10'000));
  group.done_all(ann);
  for (const auto of : every_slot(1))
    group.publish(of);
  EXPECT_TRUE(group.got[bob].empty());
  EXPECT_EQ(group.got[ann].size(), 1024U + 512U); // what stays with it does not wait
  group.holds_saves = false;
  group.answer_save();
  EXPECT_EQ(group.got[bob].size(), 512U);
}

TEST(group_source, after_a_crash_of_the_source_slots_stay_with_who_may_be_at_work) {
  group_on_log before(std::vector<std::uint16_t>(3, 1));
  ASSERT_TRUE(before.join(ann));
  group_on_log after(before.log, before.source.cursor(), before.saved);
  ASSERT_TRUE(after.join(bob));
  after.publish(1);
  EXPECT_TRUE(after.got[bob].empty());
  after.pass(limits::group_lease + limits::group_lease_margin + 1us); // it is expelled, bob too: he said nothing
  ASSERT_TRUE(after.join(bob));
  EXPECT_EQ(after.got[bob], places(0, 4));
}

TEST(group_source, after_a_crash_of_the_source_members_that_come_anew_go_on_at_once) {
  group_on_log before({1, 1, 1, 2});
  ASSERT_TRUE(before.join(ann));
  group_on_log after(before.log, before.source.cursor(), before.saved);
  ASSERT_TRUE(after.join(ann, 100, {}, {{at(0), slot{1}}, {at(3), slot{2}}}));
  EXPECT_EQ(after.got[ann], (std::vector<std::uint64_t>{1, 2})); // the others it has processed
  after.done_all(ann);
  EXPECT_EQ(after.source.cursor(), (group_cursor{0, at(4), {}}));
}

TEST(group_source, a_slot_waits_for_what_its_holder_began_over_an_older_flow) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  ASSERT_TRUE(group.join(bob, 10'000));
  const auto moving = static_cast<std::uint16_t>(group.revoked[ann]._Find_first());
  const slot_event begun{at(moving), slot{moving}};
  ASSERT_TRUE(group.join(ann, 10'000, {begun}));
  EXPECT_EQ(group.source.draining(), 1U);
  EXPECT_EQ(group.got[bob].size(), 511U);
  group.handled({ann, {}, {}, {begun}});
  EXPECT_EQ(group.source.draining(), 0U);
  EXPECT_EQ(group.got[bob].size(), 511U); // it is processed
  group.publish(moving);
  EXPECT_EQ(group.got[bob].size(), 512U);
}

TEST(group_source, who_lost_its_share_teaches_nobody_what_it_processed) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.lose(ann);
  ASSERT_TRUE(group.join(bob));
  group.done(bob, 1, 1);
  ASSERT_TRUE(group.join(ann, 10, {}, {{at(1), slot{1}}}));
  EXPECT_EQ(group.source.cursor().needed_from(), at(0));
}

TEST(group_source, what_is_never_finished_stops_nothing_else_while_there_is_room) {
  group_on_log group({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  ASSERT_TRUE(group.join(ann, 10));
  group.publish(11);
  group.done(ann, 7, 11); // the first six are stuck
  group.pass(1s);
  EXPECT_EQ(group.got[ann].size(), 11U);
  for (std::uint16_t of = 12; of < 100; ++of) {
    group.publish(of);
    group.done(ann, 7, group.got[ann].size() + 1);
  }
  EXPECT_EQ(group.got[ann].size(), 99U);
}

TEST(group_source, a_full_slot_that_is_finished_from_its_front_goes_on) {
  group_on_log group(std::vector<std::uint16_t>(limits::group_slot_events_max, 1));
  group.read_events = 1000;
  ASSERT_TRUE(group.join(ann, 100'000));
  for (std::uint64_t had = 0; had != group.got[ann].size();) {
    had = group.got[ann].size();
    group.done(ann, 2, had + 1); // all but the first
  }
  ASSERT_TRUE(group.join(ann, 100, {}, {{at(0), slot{1}}})); // it had processed that, and could not tell
  group.publish(1);
  EXPECT_EQ(group.got[ann].back(), limits::group_slot_events_max);
}

TEST(group_source, who_is_not_known_to_be_there_has_to_come_anew) {
  group_on_log before({1, 1});
  ASSERT_TRUE(before.join(ann));
  group_on_log after(before.log, before.source.cursor(), before.saved);
  after.renew(ann, 3);
  ASSERT_EQ(after.expelled.size(), 1U);
  EXPECT_TRUE(after.renewals.empty());
  after.done(ann, 1, 3); // of a flow that this source knows nothing of
  EXPECT_EQ(after.source.cursor().needed_from(), at(0));
  EXPECT_EQ(after.source.holder(slot{1}), ann);
}

TEST(group_source, nonsense_about_slots_changes_nothing) {
  group_on_log group({1, 1});
  const slot_event nonsense{at(0), slot{5000}};
  ASSERT_TRUE(group.join(ann, 10, {nonsense}, {nonsense}));
  group.handled({ann, {{9, 2}}, {}, {nonsense}, {nonsense}});
  EXPECT_EQ(group.got[ann], places(0, 2));
}

failure_policy policy_of(after_failing then) { return {then, 3, 1s, 1min}; }

TEST(group_source, what_failed_is_tried_again_after_a_while_that_doubles) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  for (int times = 0; times < 9; ++times)
    group.fail(ann, 1);
  ASSERT_EQ(group.verdicts.size(), 9U);
  EXPECT_LE(*group.verdicts[0].again, 1s);
  EXPECT_GE(*group.verdicts[0].again, 800ms);
  EXPECT_GE(*group.verdicts[2].again, 3200ms);
  EXPECT_LE(*group.verdicts[2].again, 4s);
  EXPECT_LE(*group.verdicts[8].again, 1min);
  EXPECT_EQ(group.source.cursor().needed_from(), at(0));
  group.done(ann, 1, 3);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(2), {}}));
}

TEST(group_source, trials_are_known_to_the_next_holder) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.fail(ann, 1);
  group.lose(ann);
  group.now = group.now + 300ms;
  ASSERT_TRUE(group.join(bob));
  ASSERT_EQ(group.tried.size(), 2U); // one was lost with ann and had failed, the other was lost only
  EXPECT_EQ(group.tried[0].number, 1U);
  EXPECT_EQ(group.tried[0].trials, 2U);
  EXPECT_GE(group.tried[0].after, 500ms);
  EXPECT_EQ(group.tried[1].trials, 1U);
}

TEST(group_source, a_dead_letter_is_kept_before_it_counts_as_processed) { // T33
  group_on_log group({1, 1, 1}, {0, at(0), {}}, {}, policy_of(after_failing::dead_letter));
  ASSERT_TRUE(group.join(ann));
  for (int times = 0; times < 3; ++times)
    group.fail(ann, 1);
  EXPECT_EQ(group.verdicts.size(), 2U); // its key waits
  ASSERT_EQ(group.set_aside.size(), 1U);
  EXPECT_EQ(group.set_aside[0].tried.failures, 3U);
  EXPECT_EQ(group.set_aside[0].tried.cause, "no stock");
  EXPECT_FALSE(group.set_aside[0].parked);
  group.done(ann, 2, 4);
  EXPECT_EQ(group.source.cursor().needed_from(), at(0));
  group.keep_aside();
  ASSERT_EQ(group.verdicts.size(), 3U);
  EXPECT_FALSE(group.verdicts[2].again);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(3), {}}));
}

TEST(group_source, what_is_on_its_way_aside_is_neither_handed_out_nor_set_aside_again) {
  group_on_log group({1, 1, 1}, {0, at(0), {}}, {}, policy_of(after_failing::dead_letter));
  ASSERT_TRUE(group.join(ann));
  for (int times = 0; times < 3; ++times)
    group.fail(ann, 1);
  group.lose(ann);
  ASSERT_TRUE(group.join(bob));
  EXPECT_TRUE(group.got[bob].empty()); // what follows it would overtake it, were it not kept
  EXPECT_EQ(group.set_aside.size(), 1U);
  group.keep_aside();
  EXPECT_EQ(group.got[bob], places(1, 3));
  group.done_all(bob);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(3), {}}));
}

TEST(group_source, a_skipped_event_counts_as_processed_and_is_told) {
  group_on_log group({1, 1}, {0, at(0), {}}, {}, policy_of(after_failing::skip));
  ASSERT_TRUE(group.join(ann));
  for (int times = 0; times < 3; ++times)
    group.fail(ann, 1);
  ASSERT_EQ(group.skipped.size(), 1U);
  EXPECT_EQ(group.source.cursor().needed_from(), at(1));
}

TEST(group_source, a_rejected_event_is_a_dead_letter_at_once_and_once_however_often_it_is_said) {
  group_on_log group({1, 1}, {0, at(0), {}}, {}, policy_of(after_failing::dead_letter));
  ASSERT_TRUE(group.join(ann));
  group.fail(ann, 1);
  group.reject(ann, 1);
  group.reject(ann, 1); // again, before it is kept
  ASSERT_EQ(group.set_aside.size(), 1U);
  EXPECT_TRUE(group.set_aside[0].tried.rejected);
  EXPECT_EQ(group.set_aside[0].tried.failures, 2U);
  EXPECT_EQ(group.verdicts.size(), 1U); // that of the failure
  group.keep_aside();
  group.reject(ann, 1); // and after
  ASSERT_EQ(group.verdicts.size(), 2U);
  EXPECT_FALSE(group.verdicts[1].again);
  group.done(ann, 2, 3);
  EXPECT_EQ(group.set_aside.size(), 1U);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(2), {}}));
}

TEST(group_source, a_rejected_event_is_skipped_at_once) {
  group_on_log group({1, 1}, {0, at(0), {}}, {}, policy_of(after_failing::skip));
  ASSERT_TRUE(group.join(ann));
  group.reject(ann, 1);
  ASSERT_EQ(group.skipped.size(), 1U);
  EXPECT_TRUE(group.skipped[0].tried.rejected);
  EXPECT_EQ(group.skipped[0].tried.all(), 1U);
  EXPECT_EQ(group.source.cursor().needed_from(), at(1));
}

TEST(group_source, a_rejected_event_parks_its_key_at_once) {
  group_on_log group({1, 1, 2}, {0, at(0), {}}, {}, policy_of(after_failing::park));
  ASSERT_TRUE(group.join(ann));
  group.reject(ann, 1);
  EXPECT_EQ(group.source.parked(), parked_keys{key_in(1)});
  EXPECT_TRUE(group.revoked[ann][1]);
  ASSERT_EQ(group.set_aside.size(), 1U);
  EXPECT_TRUE(group.set_aside[0].parked);
  EXPECT_TRUE(group.set_aside[0].tried.rejected);
}

TEST(group_source, a_rejected_event_blocks_its_key_where_nothing_may_be_passed_over_and_that_can_be_seen) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.reject(ann, 1);
  ASSERT_EQ(group.verdicts.size(), 1U);
  EXPECT_LE(*group.verdicts[0].again, 1s);
  EXPECT_GE(*group.verdicts[0].again, 800ms);
  ASSERT_EQ(group.source.failing().size(), 1U);
  EXPECT_EQ(group.source.failing()[0].event, (slot_event{at(0), slot{1}}));
  EXPECT_TRUE(group.source.failing()[0].tried.rejected);
  group.fail(ann, 1); // by a member that knows better
  EXPECT_FALSE(group.source.failing()[0].tried.rejected);
  EXPECT_EQ(group.source.failing()[0].tried.failures, 2U);
  group.done(ann, 1, 3);
  EXPECT_TRUE(group.source.failing().empty());
}

TEST(group_source, what_was_rejected_while_the_group_blocked_is_given_up_by_the_next_members_policy) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.reject(ann, 1);
  group.lose(ann);
  group.source.treat_failures(policy_of(after_failing::skip));
  ASSERT_TRUE(group.join(bob));
  ASSERT_EQ(group.skipped.size(), 1U);
  EXPECT_TRUE(group.skipped[0].tried.rejected);
  EXPECT_EQ(group.got[bob], places(1, 2));
}

TEST(group_source, of_what_fails_the_first_are_told) {
  group_on_log group(std::vector<std::uint16_t>(limits::group_failing_told_max + 5, 1));
  ASSERT_TRUE(group.join(ann, 1000));
  for (std::uint64_t number = limits::group_failing_told_max + 5; number > 0; --number)
    group.fail(ann, number);
  const auto told = group.source.failing();
  ASSERT_EQ(told.size(), limits::group_failing_told_max);
  for (std::uint64_t place = 0; place < told.size(); ++place)
    EXPECT_EQ(told[place].event.at, at(place));
}

TEST(group_source, of_a_parked_key_later_events_follow_in_order_and_others_go_on) {
  group_on_log group({1, 1, 2, 1}, {0, at(0), {}}, {}, policy_of(after_failing::park));
  ASSERT_TRUE(group.join(ann));
  for (int times = 0; times < 3; ++times)
    group.fail(ann, 1);
  EXPECT_EQ(group.source.parked(), parked_keys{key_in(1)});
  EXPECT_TRUE(group.revoked[ann][1]);
  group.done(ann, 3, 4);
  group.give_back(ann, 1, 3);
  group.give_back(ann, 4, 5);
  group.publish(1);
  group.publish(2);
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{0, 1, 2, 3, 5}));
  std::vector<std::uint64_t> aside;
  for (const auto& one : group.set_aside) {
    EXPECT_TRUE(one.parked);
    aside.push_back(one.event.at.seq.value());
  }
  EXPECT_EQ(aside, (std::vector<std::uint64_t>{0, 1, 3, 4}));
  group.done(ann, 5, 6);
  group.keep_aside();
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(6), {}}));
}

const hashed_key key_1 = key_in(1);
const hashed_key other_1{key_1.value() + 1}; // with the same hash

/// A group whose key 1 is parked, with all that was published of it.
struct parked_group : ::testing::Test {
  parked_group() {
    EXPECT_TRUE(group.join(ann));
    group.fail(ann, 1);
    group.give_back(ann, 2, 3); // as it was asked
    group.done(ann, 3, 4);
    group.give_back(ann, 4, 5);
    for (int i = 0; i < 3; ++i)
      group.keep_aside();
    EXPECT_EQ(group.parked[key_1], (std::set<std::uint64_t>{0, 1, 3}));
  }
  group_on_log group{{1, 1, 2, 1}, {0, at(0), {}}, {}, [] {
                       auto policy = policy_of(after_failing::park);
                       policy.deliveries_max = 1;
                       return policy;
                     }()};
};

TEST_F(parked_group, unparked_goes_on_in_order_and_before_what_is_new) {
  const auto before = group.got[ann].size();
  group.unpark(key_1);
  group.publish(1);
  auto came = group.got_first(ann);
  came.erase(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(came, (std::vector<std::uint64_t>{0, 1, 3, 7})); // 4 to 6 are these once more
  EXPECT_TRUE(group.source.parked().empty());
  EXPECT_TRUE(group.parked[key_1].empty());
}

TEST_F(parked_group, what_was_published_while_it_was_replayed_comes_behind) {
  group.holds_replays = true;
  const auto before = group.got[ann].size();
  group.unpark(key_1);
  group.publish(1); // at 4, before the others are there again
  group.answer_replay();
  EXPECT_EQ(group.source.parked(), parked_keys{key_1}) << "4 is on its way aside";
  group.keep_aside();
  group.answer_replay();
  auto came = group.got_first(ann);
  came.erase(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(came, (std::vector<std::uint64_t>{0, 1, 3, 4}));
  EXPECT_TRUE(group.source.parked().empty());
}

TEST_F(parked_group, what_fails_again_stays_parked_with_those_behind_it) {
  const auto before = group.got[ann].size();
  group.unpark(key_1);
  group.fail(ann, before + 1);
  group.give_back(ann, before + 2, before + 4);
  for (int i = 0; i < 4; ++i)
    group.keep_aside();
  EXPECT_EQ(group.source.parked(), parked_keys{key_1});
  EXPECT_EQ(group.parked[key_1], (std::set<std::uint64_t>{0, 1, 3}));
  group.unpark(key_1);
  const auto again = group.got_first(ann);
  EXPECT_EQ(std::vector(again.end() - 3, again.end()), (std::vector<std::uint64_t>{0, 1, 3}));
}

TEST_F(parked_group, what_an_earlier_source_has_replayed_comes_before_what_it_passed_over) {
  group.holds_replays = true;
  group.holds_reads = true;
  group.unpark(key_1);
  group.publish(1); // at 4: it comes before the others in the log
  group.answer_replay();
  group_on_log next(group.log, group.source.cursor(), {{ann, slot_set().set()}}, policy_of(after_failing::park),
                    {key_1});
  next.replayed = group.replayed;
  next.holds_reads = true;
  ASSERT_TRUE(next.join(ann));
  next.unpark(key_1); // nothing is kept, and yet not all was handed out
  EXPECT_EQ(next.source.parked(), parked_keys{key_1});
  next.holds_reads = false;
  next.answer_read();
  next.keep_aside();
  EXPECT_EQ(next.got_first(ann), (std::vector<std::uint64_t>{0, 1, 3, 4}));
  EXPECT_TRUE(next.source.parked().empty());
}

/// The record may say that a key is parked which went on just before the source crashed.
TEST_F(parked_group, what_a_member_has_begun_of_a_parked_key_stays_its) {
  group_on_log next({1, 1, 1, 2}, {0, at(1), {}}, {{ann, slot_set().set()}}, policy_of(after_failing::park), {key_1});
  ASSERT_TRUE(next.join(ann, 1000, {{at(1), slot{1}}}));
  EXPECT_EQ(next.got[ann], (std::vector<std::uint64_t>{1, 3})) << "and what follows it is parked";
  next.keep_aside();
  EXPECT_EQ(next.parked[key_1], (std::set<std::uint64_t>{2}));
  ASSERT_TRUE(next.join(bob));
  EXPECT_EQ(next.source.holder(slot{1}), ann);
  next.done(ann, 1, 2);
  EXPECT_EQ(next.source.cursor().of(slot{1}).floor, at(4));
}

TEST_F(parked_group, a_key_that_is_not_parked_needs_no_replay) {
  group.holds_replays = true;
  group.unpark(key_in(2));
  group.say(group_source::in::replayed{key_in(2), at(0)});
  EXPECT_EQ(group.source.parked(), parked_keys{key_1});
}

TEST_F(parked_group, another_key_of_the_same_hash_goes_on) {
  const auto before = group.got[ann].size();
  group.keys.emplace(4, other_1);
  group.publish(1); // at 4
  group.publish(1);
  EXPECT_EQ(group.got[ann].size(), before + 1);
  EXPECT_EQ(group.got[ann].back(), 4U);
  group.keep_aside();
  EXPECT_EQ(group.parked[key_1], (std::set<std::uint64_t>{0, 1, 3, 5}));
  group.unpark(other_1);
  EXPECT_EQ(group.source.parked(), parked_keys{key_1}) << "it was not parked";
}

TEST_F(parked_group, two_keys_of_one_hash_are_parked_and_go_on_each_for_itself) {
  group.keys.emplace(4, other_1);
  group.publish(1); // at 4
  group.fail(ann, group.got[ann].size());
  group.keep_aside();
  EXPECT_EQ(group.source.parked(), (parked_keys{key_1, other_1}));
  const auto before = group.got[ann].size();
  group.unpark(other_1);
  EXPECT_EQ(group.source.parked(), parked_keys{key_1});
  ASSERT_EQ(group.got_first(ann).size(), before + 1);
  EXPECT_EQ(group.got_first(ann).back(), 4U);
  group.publish(1);
  group.keep_aside();
  EXPECT_EQ(group.parked[key_1].size(), 4U);
}

TEST_F(parked_group, where_only_the_hash_is_known_all_its_keys_are_parked_and_go_on_together) {
  const auto known_as = class_of(hash_of(key_1)); // by a record of a former version
  group_on_log next({1, 1, 2}, {0, at(0), {}}, {}, policy_of(after_failing::park), {known_as});
  next.keys.emplace(1, other_1);
  ASSERT_TRUE(next.join(ann));
  EXPECT_EQ(next.got[ann], std::vector<std::uint64_t>{2});
  next.keep_aside();
  EXPECT_EQ(next.source.parked(), parked_keys{known_as}) << "none of them is parked for itself";
  next.unpark(known_as);
  EXPECT_EQ(next.got_first(ann), (std::vector<std::uint64_t>{2, 0, 1}));
  EXPECT_TRUE(next.source.parked().empty());
}

TEST(group_source, what_members_do_not_survive_is_tried_alone_and_then_set_aside) { // T33
  group_on_log group(std::vector<std::uint16_t>(40, 1), {0, at(0), {}}, {}, {after_failing::dead_letter, 5, 1s, 1min});
  std::uint64_t lost = 0;
  for (; group.set_aside.empty() && lost < 20; ++lost) {
    const member_id member{100 + lost};
    ASSERT_TRUE(group.join(member, 10));
    const auto& got = group.got[member];
    for (std::size_t place = 0; place < got.size() && got[place] != 3; ++place) // 3 kills it
      group.done(member, place + 1, place + 2);
    group.lose(member);
  }
  EXPECT_EQ(lost, 6U); // the last one did not get it
  ASSERT_TRUE(group.join(ann, 100));
  ASSERT_EQ(group.set_aside.size(), 1U);
  EXPECT_EQ(group.set_aside[0].event.at, at(3));
  group.keep_aside();
  for (std::size_t had = 0; had != group.got[ann].size();) {
    had = group.got[ann].size();
    group.done_all(ann);
  }
  EXPECT_EQ(group.set_aside.size(), 1U); // nothing that was innocent
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(40), {}}));
}

TEST(group_source, what_failed_in_a_slot_that_moves_is_tried_by_its_next_holder) {
  group_on_log group(every_slot(1));
  ASSERT_TRUE(group.join(ann, 10'000));
  ASSERT_TRUE(group.join(bob, 10'000));
  const auto moving = static_cast<std::uint16_t>(group.revoked[ann]._Find_first());
  group.fail(ann, moving + 1U);
  ASSERT_EQ(group.verdicts.size(), 1U);
  EXPECT_FALSE(group.verdicts[0].again);
  EXPECT_EQ(group.got[bob], std::vector<std::uint64_t>{moving});
  EXPECT_EQ(group.tried.at(0).trials, 1U);
}

TEST(group_source, who_processes_what_went_aside_breaks_nothing) {
  group_on_log group({1, 1}, {0, at(0), {}}, {}, policy_of(after_failing::dead_letter));
  ASSERT_TRUE(group.join(ann));
  for (int times = 0; times < 3; ++times)
    group.fail(ann, 1);
  group.done(ann, 1, 3);
  group.keep_aside();
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(2), {}}));
}

TEST(group_source, one_loss_of_many_events_is_held_against_none) {
  group_on_log group(every_slot(1), {0, at(0), {}}, {}, {after_failing::skip, 1, 1s, 1min});
  for (std::uint64_t lost = 0; lost < 2; ++lost) {
    ASSERT_TRUE(group.join(member_id{100 + lost}, 10'000));
    group.lose(member_id{100 + lost});
  }
  EXPECT_TRUE(group.skipped.empty());
}

TEST(group_source, what_one_that_leaves_did_not_begin_is_no_loss) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.leave(ann);
  group.lose(ann);
  ASSERT_TRUE(group.join(bob));
  EXPECT_TRUE(group.tried.empty());
}

TEST(group_source, who_survived_a_suspect_tries_others) {
  group_on_log group({1, 2});
  for (std::uint64_t lost = 0; lost < 2; ++lost) {
    ASSERT_TRUE(group.join(member_id{100 + lost}));
    group.lose(member_id{100 + lost});
  }
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann].size(), 1U); // alone
  group.fail(ann, 1);
  EXPECT_EQ(group.got[ann].size(), 2U);
}

TEST(group_source, not_too_much_is_on_its_way_aside) {
  group_on_log group(std::vector<std::uint16_t>(1000, 1), {0, at(0), {}}, {}, policy_of(after_failing::park));
  ASSERT_TRUE(group.join(ann, 1));
  for (int times = 0; times < 3; ++times)
    group.fail(ann, 1);
  group.give_back(ann, 1, 2);
  EXPECT_EQ(group.set_aside.size(), limits::group_set_aside_max);
  for (int times = 0; times < 4; ++times)
    group.keep_aside();
  EXPECT_EQ(group.set_aside.size(), 1000U);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(1000), {}}));
}

TEST(group_source, what_is_there_and_can_not_be_read_yet_is_not_asked_for_again_at_once) {
  group_on_log group({1, 1, 1, 2});
  group.readable = 2; // what follows has not reached its topic's level
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann], places(0, 2));
  const auto reads = group.reads;
  group.done_all(ann);
  EXPECT_EQ(group.reads, reads);
  group.readable = 4;
  group.pass(1s);
  EXPECT_EQ(group.got[ann], places(0, 4));
}

TEST(group_source, members_beyond_the_most_are_refused) {
  group_on_log group({});
  for (std::uint64_t member = 1; member <= limits::group_members_max; ++member)
    ASSERT_TRUE(group.join(member_id{member}));
  const auto refused = group.join(member_id{9999});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::busy);
}

// --- a copy's holder shared the log out

TEST(group_source, what_a_holder_of_a_copy_shared_out_is_not_handed_out_again) {
  group_on_log group({1, 2, 1, 2, 1, 2});
  group.say(group_source::in::taken_up{{0, at(0), {{slot{1}, at(3), {at(4)}}}}});
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{1, 3, 5}));
  group.done_all(ann);
  EXPECT_EQ(group.source.cursor(), (group_cursor{0, at(6), {}}));
}

TEST(group_source, what_is_out_when_a_holder_says_that_it_was_processed_is_finished_and_its_slot_goes_on) {
  group_on_log group({1, 1, 1, 1});
  ASSERT_TRUE(group.join(ann, 2));
  EXPECT_EQ(group.got[ann], places(0, 2));
  const auto before = group.source.progress();
  group.say(group_source::in::taken_up{{0, at(3), {}}});
  EXPECT_GT(group.source.progress(), before);
  EXPECT_EQ(group.source.cursor().of(slot{1}), (slot_progress{slot{1}, at(3), {}}));
  group.done(ann, 1, 3);
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{0, 1, 3}));
  group.lose(ann);
  ASSERT_TRUE(group.join(bob));
  EXPECT_EQ(group.got[bob], places(3, 4));
}

TEST(group_source, what_a_holder_shared_out_before_a_seek_is_of_no_account) {
  group_on_log group({1, 1, 1}, {5, at(0), {}});
  const auto before = group.source.progress();
  group.say(group_source::in::taken_up{{4, at(3), {}}});
  EXPECT_EQ(group.source.progress(), before);
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann], places(0, 3));
}

TEST(group_source, an_event_that_failed_here_and_was_processed_there_is_not_counted_as_failing) {
  group_on_log group({1, 1});
  ASSERT_TRUE(group.join(ann));
  group.fail(ann, 1);
  EXPECT_EQ(group.source.failing().size(), 1U);
  group.say(group_source::in::taken_up{{0, at(2), {}}});
  EXPECT_TRUE(group.source.failing().empty());
}

TEST(group_source, slots_that_are_withheld_wait_and_others_go_on) {
  group_on_log group({1, 2, 1, 2}, {0, at(0), {}}, {}, {}, {key_in(1)}, slot_set().set(1));
  ASSERT_TRUE(group.join(ann));
  EXPECT_EQ(group.got[ann], (std::vector<std::uint64_t>{1, 3}));
  group.done_all(ann);
  EXPECT_EQ(group.source.cursor().of(slot{1}), (slot_progress{slot{1}, at(0), {}}));
  EXPECT_EQ(group.source.cursor().of(slot{2}).floor, at(4));
}

TEST(group_source, at_a_copy_a_slot_waits_for_who_held_it_at_the_logs_node) {
  group_on_log group({1, 1}, {0, at(0), {}}, {{ann, slot_set().set(1)}});
  ASSERT_TRUE(group.join(bob));
  EXPECT_TRUE(group.got[bob].empty());
  ASSERT_TRUE(group.join(ann, 1000, {{at(0), slot{1}}})); // it began that one over a flow from there
  EXPECT_TRUE(group.got[bob].empty());
  group.handled({ann, {}, {}, {{at(0), slot{1}}}, {}});
  auto all = group.got[ann];
  all.insert(all.end(), group.got[bob].begin(), group.got[bob].end());
  EXPECT_EQ(all, places(1, 2));
}

} // namespace
} // namespace weft::delivery
