#include "mesh/delivery/group_member.hpp"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

using namespace std::chrono_literals;
using permit = group_member::permit;
using ranges = std::vector<number_range>;

slot_event event(std::uint64_t place, std::uint16_t of = 1) { return {{epoch{1, 7}, seq{place}}, slot{of}}; }

struct group_member_fixture : ::testing::Test {
  group_member_fixture() { static_cast<void>(member.open(now)); }
  mono_time now{};
  group_member member;

  std::vector<std::optional<group_member::ticket>>
  come(std::uint64_t first_number, const std::vector<slot_event>& events, const std::vector<tried_event>& tried = {}) {
    auto tickets = member.arrived(first_number, events, tried, now);
    EXPECT_TRUE(tickets);
    return tickets.value_or(std::vector<std::optional<group_member::ticket>>{});
  }
  void process(group_member::ticket of) {
    EXPECT_EQ(member.may_begin(of, now), permit::begin);
    member.finish(of);
  }
  void confirm() { member.renewed(member.renew(now)); }
};

TEST_F(group_member_fixture, tells_what_it_processed_in_ranges) {
  const auto tickets = come(1, {event(10), event(11), event(12), event(13)});
  for (const auto place : {3U, 0U, 1U})
    process(*tickets[place]);
  const auto report = member.take_report();
  EXPECT_EQ(report.done, (ranges{{1, 3}, {4, 5}}));
  EXPECT_TRUE(report.returned.empty());
  EXPECT_TRUE(member.take_report().empty());
}

TEST_F(group_member_fixture, a_missing_number_ends_the_flow) {
  come(1, {event(10)});
  const auto wrong = member.arrived(3, {event(12)}, {}, now);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), errc::protocol_violation);
}

TEST_F(group_member_fixture, gives_back_what_it_has_not_begun_of_a_slot) {
  const auto tickets = come(1, {event(10, 1), event(11, 2), event(12, 1)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.revoked(slot_set().set(1));
  EXPECT_EQ(member.may_begin(*tickets[2], now), permit::skip);
  EXPECT_EQ(member.may_begin(*tickets[1], now), permit::begin);
  EXPECT_EQ(member.take_report().returned, (ranges{{3, 4}}));
  member.finish(*tickets[0]);
  EXPECT_EQ(member.take_report().done, (ranges{{1, 2}}));
}

TEST_F(group_member_fixture, gives_back_what_was_revoked_before_it_came) {
  come(1, {event(10, 1)});
  member.revoked(slot_set().set(1), 4);
  const auto late = come(2, {event(11, 1), event(12, 2)});
  EXPECT_FALSE(late[0]);
  EXPECT_EQ(member.may_begin(*late[1], now), permit::begin);
  EXPECT_EQ(member.take_report().returned, (ranges{{1, 3}}));
  const auto anew = come(4, {event(13, 1)}); // the slot is its again
  ASSERT_TRUE(anew[0]);
  EXPECT_EQ(member.may_begin(*anew[0], now), permit::begin);
}

TEST_F(group_member_fixture, who_leaves_gives_back_what_waits_and_what_comes) {
  const auto tickets = come(1, {event(10), event(11)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.leave();
  EXPECT_EQ(come(3, {event(12)}), (std::vector<std::optional<group_member::ticket>>{std::nullopt}));
  EXPECT_EQ(member.take_report().returned, (ranges{{2, 4}}));
  EXPECT_EQ(member.under_way(), 1U);
}

TEST_F(group_member_fixture, who_leaves_tells_what_was_rejected_before_it_gives_that_back) {
  const auto tickets = come(1, {event(10)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.leave();
  member.reject(*tickets[0], "no such item");
  const auto report = member.take_report();
  ASSERT_EQ(report.failed.size(), 1U);
  EXPECT_EQ(report.failed[0].number, 1U);
  EXPECT_TRUE(report.failed[0].rejected);
  EXPECT_EQ(report.returned, (ranges{{1, 2}}));
  EXPECT_EQ(member.under_way(), 0U);
  member.judged(1, 2s, now); // the answer comes to who has nothing any more
  EXPECT_TRUE(member.take_report().empty());
}

TEST_F(group_member_fixture, begins_nothing_after_its_lease_until_it_is_renewed) {
  const auto tickets = come(1, {event(10)});
  now = now + limits::group_lease + 1us;
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::wait);
  confirm();
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
}

TEST_F(group_member_fixture, a_lease_counts_from_when_it_was_asked_for) {
  const auto tickets = come(1, {event(10)});
  const auto number = member.renew(now);
  now = now + limits::group_lease + 1us;
  member.renewed(number); // the answer was long on its way
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::wait);
}

TEST_F(group_member_fixture, what_comes_again_while_it_is_processed_is_not_given_out_twice) {
  const auto tickets = come(1, {event(10), event(11)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  static_cast<void>(member.open(now));
  const auto again = come(1, {event(10), event(11)});
  EXPECT_FALSE(again[0]);
  ASSERT_TRUE(again[1]);
  EXPECT_EQ(member.may_begin(*tickets[1], now), permit::skip);
  member.finish(*tickets[0]);
  EXPECT_EQ(member.take_report().done, (ranges{{1, 2}}));
}

TEST_F(group_member_fixture, what_comes_again_after_it_was_processed_is_answered_for) {
  const auto tickets = come(1, {event(10)});
  process(*tickets[0]);
  static_cast<void>(member.take_report()); // it is lost with the link
  static_cast<void>(member.open(now));
  EXPECT_FALSE(come(1, {event(10)})[0]);
  EXPECT_EQ(member.take_report().done, (ranges{{1, 2}}));
}

TEST_F(group_member_fixture, a_new_flow_begins_with_what_was_begun_and_what_was_processed) {
  const auto tickets = come(1, {event(10), event(11, 2), event(12, 3)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  process(*tickets[1]);
  const auto carried = member.open(now);
  EXPECT_EQ(carried.begun, std::vector{event(10)});
  EXPECT_EQ(carried.processed, (std::vector{event(11, 2)}));
}

TEST_F(group_member_fixture, what_was_begun_over_an_older_flow_is_told_when_it_is_processed) {
  const auto tickets = come(1, {event(10), event(11)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  EXPECT_EQ(member.may_begin(*tickets[1], now), permit::begin);
  static_cast<void>(member.open(now));
  member.finish(*tickets[1]);
  EXPECT_EQ(member.take_report().processed, std::vector{event(11)});
  come(1, {event(10), event(11)}); // the source sent it before it heard that
  EXPECT_EQ(member.take_report().done, (ranges{{2, 3}}));
  confirm();
  member.finish(*tickets[0]);
  EXPECT_EQ(member.take_report().done, (ranges{{1, 2}}));
}

TEST_F(group_member_fixture, what_the_source_knows_is_forgotten) {
  const auto tickets = come(1, {event(10), event(11)});
  process(*tickets[0]);
  static_cast<void>(member.take_report());
  confirm();
  process(*tickets[1]);
  static_cast<void>(member.take_report()); // not confirmed
  static_cast<void>(member.open(now));
  EXPECT_TRUE(come(1, {event(10)})[0]); // the source hands it out again on purpose: a seek
  EXPECT_FALSE(come(2, {event(11)})[0]);
}

TEST_F(group_member_fixture, what_failed_may_begin_again_when_its_time_has_come) {
  const auto tickets = come(1, {event(10), event(11)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.fail(*tickets[0], "no stock");
  EXPECT_EQ(member.take_report().failed, (std::vector<group_member::failure>{{1, "no stock"}}));
  member.judged(1, 2s, now);
  EXPECT_EQ(member.may_begin(*tickets[0], now + 1s), permit::later);
  EXPECT_EQ(member.trials(*tickets[0]), 1U);
  now = now + 2s;
  process(*tickets[0]);
  EXPECT_EQ(member.take_report().done, (ranges{{1, 2}}));
}

TEST_F(group_member_fixture, what_it_rejects_is_told_as_that) {
  const auto tickets = come(1, {event(10)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.reject(*tickets[0], "no such item");
  EXPECT_EQ(member.take_report().failed, (std::vector<group_member::failure>{{1, "no such item", true}}));
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::later);
  member.judged(1, std::nullopt, now);
  EXPECT_FALSE(member.has(*tickets[0]));
}

TEST_F(group_member_fixture, what_is_dropped_is_the_members_no_longer) {
  const auto tickets = come(1, {event(10)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.fail(*tickets[0], "no stock");
  member.judged(1, std::nullopt, now);
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::skip);
  EXPECT_EQ(member.under_way(), 0U);
}

TEST_F(group_member_fixture, what_failed_is_given_back_with_its_slot_and_judged_no_more) {
  const auto tickets = come(1, {event(10)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  member.fail(*tickets[0], "no stock");
  member.revoked(slot_set().set(1));
  EXPECT_EQ(member.take_report().returned, (ranges{{1, 2}}));
  member.judged(1, 1s, now);
  EXPECT_EQ(member.may_begin(*tickets[0], now + 1s), permit::skip);
}

TEST_F(group_member_fixture, what_others_tried_waits_for_its_time_too) {
  const auto tickets = come(1, {event(10), event(11)}, {{2, 3, 5s}});
  EXPECT_EQ(member.trials(*tickets[0]), 0U);
  EXPECT_EQ(member.trials(*tickets[1]), 3U);
  EXPECT_EQ(member.may_begin(*tickets[1], now), permit::later);
  EXPECT_EQ(member.may_begin(*tickets[1], now + 5s), permit::begin);
}

TEST_F(group_member_fixture, what_fails_over_an_older_flow_comes_again) {
  const auto tickets = come(1, {event(10)});
  EXPECT_EQ(member.may_begin(*tickets[0], now), permit::begin);
  static_cast<void>(member.open(now));
  member.fail(*tickets[0], "no stock");
  EXPECT_EQ(member.take_report().abandoned, std::vector{event(10)});
  EXPECT_TRUE(come(1, {event(10)})[0]);
}

TEST_F(group_member_fixture, an_answer_to_what_was_never_sent_changes_nothing) {
  const auto tickets = come(1, {event(10)});
  process(*tickets[0]);
  static_cast<void>(member.take_report());
  member.renewed(77);
  static_cast<void>(member.open(now));
  EXPECT_FALSE(come(1, {event(10)})[0]);
}

} // namespace
} // namespace weft::delivery
