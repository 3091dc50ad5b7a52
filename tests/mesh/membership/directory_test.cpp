// tests/mesh/membership/directory_test.cpp: what a directory believes, and for how long.
#include "mesh/membership/directory.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "tests/mesh/membership/fake_authority.hpp"

#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;
using event = directory_event;

constexpr std::uint32_t self = 0, sender = 99;

struct directory_fixture : ::testing::Test {
  fake_authority by{test_id(self)};
  directory nodes{by, test_id(self), [this](const wire::node_record& record) {
                    return record.id == test_id(1) ? first_kept_for : microseconds{};
                  }};
  microseconds first_kept_for{}; // after its end
  instant now{{1'000'000'000}, test_wall};
  directory_events events;

  taken take(const wire::item& item, std::uint32_t from = sender) {
    auto result = nodes.take(item, test_id(from), now);
    collect();
    return result;
  }
  taken take(const identity& from) { return take(fake_authority::item_of(from)); }
  taken take(const wire::node_record& record) { return take(record_item(record)); }
  taken take(const wire::accusation& word) { return take(accusation_item(word)); }
  void collect() {
    for (auto& one : nodes.take_events())
      events.push_back(std::move(one));
  }
  void know(std::uint32_t number, std::uint64_t incarnation = 1) {
    take(test_identity(number));
    take(test_record(number, incarnation));
    ASSERT_NE(nodes.find(test_id(number)), nullptr);
    events.clear();
  }
  void pass(microseconds time) {
    now = {now.mono + time, now.wall + time};
    nodes.tick(now);
    collect();
  }
  const member& node(std::uint32_t number) { return *nodes.find(test_id(number)); }
  member_state state(std::uint32_t number) { return node(number).state; }
  void conclude_dead(std::uint32_t number, std::uint64_t incarnation = 1) {
    nodes.conclude_dead(test_id(number), wire::incarnation{incarnation}, now.mono);
    collect();
  }
  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& one : events)
      if (const auto* of_kind = std::get_if<Event>(&one)) found.push_back(*of_kind);
    return found;
  }
  bool is_held(std::uint64_t key) const {
    return nodes.held().version_of(key).has_value() && nodes.find(key).has_value();
  }
};

TEST_F(directory_fixture, a_node_is_a_member_when_its_identity_and_a_record_are_known) {
  EXPECT_TRUE(take(test_identity(1)).news.empty()) << "an identity alone is no news";
  EXPECT_EQ(nodes.find(test_id(1)), nullptr);
  const auto result = take(test_record(1, 1));
  ASSERT_EQ(result.news.size(), 2U);
  EXPECT_EQ(result.news[0].kind, wire::item_kind::identity) << "first, so that others can check the record";
  EXPECT_EQ(all<event::member_added>().size(), 1U);
  EXPECT_EQ(state(1), member_state::alive);
  EXPECT_EQ(nodes.held().size(), 2U);
}

TEST_F(directory_fixture, a_record_before_its_identity_waits_and_the_identity_is_asked_for) {
  const auto result = take(test_record(1, 1));
  EXPECT_EQ(result.wanted, std::vector{test_id(1)});
  EXPECT_TRUE(result.news.empty());
  EXPECT_EQ(take(test_identity(1)).news.size(), 2U);
  EXPECT_EQ(state(1), member_state::alive);
  EXPECT_EQ(nodes.waiting(), 0U);
}

TEST_F(directory_fixture, the_own_identity_waits_for_its_first_record_however_long_that_takes) {
  take(test_identity(self));
  take(test_identity(1));
  pass(24h);
  EXPECT_EQ(nodes.waiting(), 1U);
  EXPECT_EQ(take(test_record(self, 1, 1, now.wall)).news.size(), 2U);
}

TEST_F(directory_fixture, a_member_is_found_by_id_number_and_name) {
  know(7);
  EXPECT_EQ(nodes.find_number(node_number{7}), nodes.find(test_id(7)));
  EXPECT_EQ(nodes.find_name("node-7"), nodes.find(test_id(7)));
  EXPECT_EQ(nodes.find_name("node-8"), nullptr);
}

TEST_F(directory_fixture, only_a_higher_version_replaces_a_record) {
  know(1, 5);
  EXPECT_TRUE(take(test_record(1, 5, 1)).news.empty());
  EXPECT_TRUE(take(test_record(1, 4, 9)).news.empty());
  EXPECT_EQ(take(test_record(1, 5, 2)).news.size(), 1U);
  EXPECT_EQ(take(test_record(1, 6, 1)).news.size(), 1U);
  EXPECT_TRUE(take(test_record(1, 5, 9)).news.empty());
  EXPECT_EQ(node(1).record.incarnation, wire::incarnation{6});
}

TEST_F(directory_fixture, a_changed_record_tells_what_changed) {
  know(1);
  auto record = test_record(1, 1, 2);
  record.zone = "north";
  record.links = {{node_number{3}, 4}};
  take(record);
  ASSERT_EQ(all<event::record_changed>().size(), 1U);
  EXPECT_EQ(all<event::record_changed>()[0].what, (record_changes{.links = true, .zone = true}));
  take(test_record(1, 1, 3));
  record.revision = 4;
  events.clear();
  take(test_record(1, 1, 5));
  EXPECT_TRUE(events.empty()) << "a refresh changes nothing";
}

TEST_F(directory_fixture, the_certificate_goes_over_what_a_record_says_of_name_number_and_roles) {
  take(test_identity(1));
  auto record = test_record(1, 1);
  record.name = "another";
  record.number = node_number{9};
  record.roles = 0xffff;
  take(record);
  EXPECT_EQ(node(1).record.name, "node-1");
  EXPECT_EQ(node(1).record.number, node_number{1});
  EXPECT_EQ(node(1).record.roles, 3U);
}

// T42
TEST_F(directory_fixture, a_forged_item_is_refused_and_its_sender_blamed) {
  know(1);
  know(2);
  auto record = record_item(test_record(1, 9));
  record.signature[0] ^= 1U;
  EXPECT_EQ(take(record).offences.size(), 1U);
  EXPECT_EQ(take(signed_item(wire::item_kind::node_record, test_record(1, 9), test_id(2))).offences.size(), 1U);
  EXPECT_EQ(take(signed_item(wire::item_kind::accusation, test_accusation(1, 2), test_id(1))).offences.size(), 1U);
  EXPECT_EQ(take(wire::item{wire::item_kind::identity, shared_bytes::copy(as_bytes("other mesh")), {}}).offences.size(),
            1U);
  EXPECT_EQ(take(wire::item{wire::item_kind::node_record, shared_bytes::copy(as_bytes("garbage")), {}}).offences.size(),
            1U);
  EXPECT_EQ(node(1).record.incarnation, wire::incarnation{1});
  EXPECT_EQ(state(1), member_state::alive);
}

TEST_F(directory_fixture, who_sent_what_waited_is_blamed_and_not_who_sent_the_identity) {
  auto forged = record_item(test_record(1, 1));
  forged.signature[0] ^= 1U;
  take(forged, 55);
  const auto result = nodes.take(fake_authority::item_of(test_identity(1)), test_id(66), now);
  ASSERT_EQ(result.offences.size(), 1U);
  EXPECT_EQ(result.offences[0].peer, test_id(55));
}

TEST_F(directory_fixture, an_expired_identity_is_refused_without_blame) {
  auto old = test_identity(1);
  old.not_after = test_wall - 1h;
  EXPECT_TRUE(take(old).offences.empty());
  EXPECT_EQ(nodes.waiting(), 0U);
}

TEST_F(directory_fixture, an_identity_is_checked_once) {
  know(1);
  const auto before = by.checked;
  take(test_identity(1));
  EXPECT_EQ(by.checked, before);
}

TEST_F(directory_fixture, an_accusation_makes_suspect_and_a_higher_incarnation_revives) {
  know(1);
  know(2);
  EXPECT_EQ(take(test_accusation(1, 2)).news.size(), 1U);
  EXPECT_EQ(state(1), member_state::suspect);
  EXPECT_EQ(all<event::accused>().size(), 1U);
  EXPECT_TRUE(is_held(key_of_accusation(test_id(1), test_id(2))));
  take(test_record(1, 1, 2));
  EXPECT_EQ(state(1), member_state::suspect) << "a higher revision revives nobody";
  take(test_record(1, 2));
  EXPECT_EQ(state(1), member_state::alive);
  EXPECT_TRUE(node(1).accusations.empty());
  EXPECT_FALSE(is_held(key_of_accusation(test_id(1), test_id(2))));
}

TEST_F(directory_fixture, an_accusation_of_an_older_incarnation_is_ignored) {
  know(1, 2);
  know(2);
  EXPECT_TRUE(take(test_accusation(1, 2, 1)).news.empty());
  EXPECT_EQ(state(1), member_state::alive);
}

// T42
TEST_F(directory_fixture, nobody_else_raises_an_incarnation) {
  know(1);
  know(2);
  EXPECT_TRUE(take(test_accusation(1, 2, 7)).news.empty());
  EXPECT_EQ(node(1).record.incarnation, wire::incarnation{1});
  EXPECT_EQ(state(1), member_state::alive);
  take(test_record(1, 7));
  EXPECT_EQ(state(1), member_state::suspect) << "it had waited for the record";
}

#ifdef WEFT_PLANTED_BUGS
TEST_F(directory_fixture, planted_bug_others_incarnation_raised_is_one) {
  know(1);
  know(2);
  plant(planted_bug::others_incarnation_raised);
  take(test_accusation(1, 2, 7));
  plant(planted_bug::none);
  EXPECT_EQ(node(1).record.incarnation, wire::incarnation{7});
}

TEST_F(directory_fixture, planted_bug_dead_never_expired_is_one) {
  know(1);
  conclude_dead(1);
  plant(planted_bug::dead_never_expired);
  pass(25h);
  plant(planted_bug::none);
  EXPECT_NE(nodes.find(test_id(1)), nullptr);
}
#endif

TEST_F(directory_fixture, an_accuser_has_to_be_a_member) {
  know(1);
  EXPECT_EQ(take(test_accusation(1, 2)).wanted, std::vector{test_id(2)});
  EXPECT_EQ(state(1), member_state::alive);
  take(test_identity(2));
  EXPECT_EQ(state(1), member_state::alive);
  EXPECT_EQ(take(test_record(2, 1)).news.size(), 3U);
  EXPECT_EQ(state(1), member_state::suspect);
}

TEST_F(directory_fixture, nobody_accuses_itself) {
  know(1);
  EXPECT_EQ(take(test_accusation(1, 1)).offences.size(), 1U);
}

TEST_F(directory_fixture, the_three_newest_accusers_are_held_whatever_the_order) {
  for (std::uint32_t i = 1; i <= 6; ++i)
    know(i);
  for (const std::uint32_t accuser : {4U, 2U, 6U, 3U, 5U})
    take(test_accusation(1, accuser, 1, 1, test_wall + std::chrono::seconds(accuser)));
  ASSERT_EQ(node(1).accusations.size(), limits::accusers_max);
  for (std::uint32_t i = 0; i < 3; ++i)
    EXPECT_EQ(node(1).accusations[i].word.accuser, test_id(6 - i));
  EXPECT_FALSE(is_held(key_of_accusation(test_id(1), test_id(3))));
  EXPECT_EQ(nodes.held().size(), 12U + 3U);
  EXPECT_TRUE(take(test_accusation(1, 2, 1, 1, test_wall + 2s)).news.empty());
}

TEST_F(directory_fixture, an_accuser_counts_once_with_its_highest_count) {
  know(1);
  know(2);
  take(test_accusation(1, 2, 1, 2));
  EXPECT_TRUE(take(test_accusation(1, 2, 1, 1)).news.empty());
  EXPECT_TRUE(take(test_accusation(1, 2, 1, 2)).news.empty());
  EXPECT_EQ(take(test_accusation(1, 2, 1, 3, test_wall + 1s)).news.size(), 1U);
  EXPECT_EQ(node(1).accusations.size(), 1U);
}

TEST_F(directory_fixture, death_is_concluded_for_the_present_incarnation_only) {
  know(1, 2);
  conclude_dead(1, 1);
  EXPECT_EQ(state(1), member_state::alive);
  conclude_dead(1, 2);
  EXPECT_EQ(state(1), member_state::dead);
  know(2);
  take(test_accusation(1, 2, 2));
  EXPECT_EQ(state(1), member_state::dead) << "nothing at this incarnation makes it better";
  take(test_record(1, 3));
  EXPECT_EQ(state(1), member_state::alive);
}

TEST_F(directory_fixture, left_is_said_by_the_node_itself_and_ended_by_a_new_start) {
  know(1);
  know(2);
  auto last = test_record(1, 1, 2);
  last.left = true;
  take(last);
  EXPECT_EQ(state(1), member_state::left);
  take(test_accusation(1, 2));
  conclude_dead(1);
  EXPECT_EQ(state(1), member_state::left);
  take(test_record(1, 2));
  EXPECT_EQ(state(1), member_state::alive);
}

// T30
TEST_F(directory_fixture, a_record_dated_ahead_of_the_clock_guard_is_refused_and_told) {
  take(test_identity(1));
  take(test_record(1, 1, 1, test_wall + limits::hlc_lead_max + 1s));
  EXPECT_EQ(nodes.find(test_id(1)), nullptr);
  ASSERT_EQ(all<event::refused>().size(), 1U);
  EXPECT_EQ(all<event::refused>()[0].why.code(), errc::not_yet_valid);
  take(test_record(1, 1, 1, test_wall + limits::hlc_lead_max));
  EXPECT_EQ(state(1), member_state::alive);
  take(test_record(1, 1, 2, test_wall + 1h));
  EXPECT_EQ(all<event::refused>().size(), 1U) << "told once a second at most";
  pass(1s);
  take(test_record(1, 1, 2, test_wall + 1h));
  ASSERT_EQ(all<event::refused>().size(), 2U);
  EXPECT_EQ(all<event::refused>()[1].count, 2U);
}

TEST_F(directory_fixture, a_record_dated_before_1970_is_refused_and_told) { // T42
  take(test_identity(1));
  for (const auto at : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    events.clear();
    pass(1s);
    take(test_record(1, 1, 1, wall_time{at}));
    EXPECT_EQ(nodes.find(test_id(1)), nullptr);
    EXPECT_EQ(all<event::refused>().size(), 1U);
  }
  know(1);
  take(test_record(1, 2, 1, wall_time{std::numeric_limits<std::int64_t>::min()}));
  EXPECT_EQ(node(1).record.incarnation, wire::incarnation{1});
}

// T30. Whoever did not hold it could not be told by the accused, who would never hear of it.
TEST_F(directory_fixture, an_accusation_is_held_whatever_its_date) {
  know(1);
  know(2);
  take(test_accusation(1, 2, 1, 1, test_wall + 1h));
  EXPECT_EQ(state(1), member_state::suspect);
}

TEST_F(directory_fixture, the_dead_and_those_that_left_are_forgotten_with_all_about_them) {
  know(1);
  know(2);
  know(3);
  take(test_accusation(1, 3));
  conclude_dead(1);
  auto last = test_record(2, 1, 2);
  last.left = true;
  take(last);
  pass(limits::member_expiry - 1s);
  EXPECT_EQ(nodes.members().size(), 3U);
  pass(limits::members_look_every);
  EXPECT_EQ(nodes.members().size(), 1U);
  EXPECT_EQ(all<event::member_removed>().size(), 2U);
  EXPECT_EQ(nodes.held().size(), 2U);
  EXPECT_EQ(nodes.find_name("node-1"), nullptr);
  EXPECT_EQ(nodes.find_number(node_number{1}), nullptr);
}

TEST_F(directory_fixture, what_expired_does_not_come_back) {
  know(1);
  conclude_dead(1);
  pass(25h);
  take(test_identity(1));
  EXPECT_TRUE(take(test_record(1, 1)).news.empty());
  EXPECT_EQ(nodes.find(test_id(1)), nullptr);
  EXPECT_EQ(take(test_record(1, 2, 1, now.wall)).news.size(), 2U) << "a new start does";
}

TEST_F(directory_fixture, the_dead_are_known_for_as_long_as_others_keep_what_they_published) {
  first_kept_for = 72h;
  know(1);
  know(2);
  conclude_dead(1);
  conclude_dead(2);
  pass(25h);
  EXPECT_NE(nodes.find(test_id(1)), nullptr);
  EXPECT_EQ(nodes.find(test_id(2)), nullptr);
  pass(48h);
  EXPECT_EQ(nodes.find(test_id(1)), nullptr);
}

TEST_F(directory_fixture, whoever_joins_later_hears_of_them_too) {
  first_kept_for = 72h;
  pass(71h);
  take(test_identity(1));
  take(test_identity(2));
  EXPECT_EQ(take(test_record(1, 1)).news.size(), 2U);
  EXPECT_TRUE(take(test_record(2, 1)).news.empty());
  EXPECT_TRUE(node(1).is_overdue(now.wall));
}

TEST_F(directory_fixture, what_is_kept_for_ever_is_never_forgotten) {
  first_kept_for = microseconds::max();
  know(1);
  conclude_dead(1);
  pass(10 * 365 * 24h);
  EXPECT_NE(nodes.find(test_id(1)), nullptr);
}

TEST_F(directory_fixture, the_dead_leave_their_room_to_those_that_live) {
  first_kept_for = microseconds::max();
  know(1);
  conclude_dead(1);
  for (std::uint32_t i = 2; i <= limits::members_kept_max; ++i) {
    (void)nodes.take(fake_authority::item_of(test_identity(i)), test_id(sender), now);
    (void)nodes.take(record_item(test_record(i, 1)), test_id(sender), now);
  }
  pass(25h);
  EXPECT_EQ(nodes.find(test_id(1)), nullptr);
  take(test_identity(1));
  EXPECT_TRUE(take(test_record(1, 1)).news.empty()) << "nor does it come back";
}

TEST_F(directory_fixture, a_member_whose_identity_expires_is_not_alive) {
  auto shortly = test_identity(1);
  shortly.not_after = test_wall + 1h;
  take(shortly);
  take(test_record(1, 1));
  pass(1h + limits::clock_skew_allowed + limits::members_look_every);
  EXPECT_EQ(state(1), member_state::dead);
  take(test_record(1, 2, 1, now.wall));
  EXPECT_EQ(state(1), member_state::dead) << "a record does not change that";
  auto renewed = test_identity(1);
  renewed.not_before = now.wall;
  EXPECT_EQ(take(renewed).news.size(), 1U);
  EXPECT_EQ(state(1), member_state::alive);
}

// T30
TEST_F(directory_fixture, a_clock_that_jumps_ten_years_ahead_and_back_leaves_no_dead) {
  know(1);
  const auto right = now.wall;
  now.wall = right + 10 * 365 * 24h;
  pass(limits::members_look_every);
  EXPECT_EQ(state(1), member_state::dead);
  now.wall = right;
  pass(limits::members_look_every);
  EXPECT_EQ(state(1), member_state::alive);
}

// T30
TEST_F(directory_fixture, a_clock_that_comes_back_revives_nobody_who_was_concluded_dead) {
  for (const std::uint32_t number : {1, 2})
    know(number);
  take(test_accusation(1, 2));
  conclude_dead(1);
  const auto right = now.wall;
  now.wall = right + 10 * 365 * 24h;
  pass(limits::members_look_every);
  take(test_accusation(2, 1));
  conclude_dead(2); // while its certificate seems to be over
  now.wall = right;
  pass(limits::members_look_every);
  EXPECT_EQ(state(1), member_state::dead);
  EXPECT_EQ(state(2), member_state::dead);
  take(test_record(1, 2));
  EXPECT_EQ(state(1), member_state::alive);
}

// T27
TEST_F(directory_fixture, of_two_nodes_with_one_name_the_newer_certificate_holds_it) {
  know(1);
  auto heir = test_identity(2);
  heir.name = "node-1";
  heir.number = node_number{1};
  heir.not_before = test_wall - 1h;
  take(heir);
  take(test_record(2, 1));
  EXPECT_EQ(nodes.find_name("node-1"), nodes.find(test_id(2)));
  EXPECT_EQ(nodes.find_number(node_number{1}), nodes.find(test_id(2)));
  const auto told = all<event::name_shared>();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].holder, test_id(2));
  EXPECT_EQ(told[0].other, test_id(1));
  EXPECT_FALSE(told[0].number);
  EXPECT_TRUE(told[1].number);
}

TEST_F(directory_fixture, a_name_goes_to_who_is_left_when_its_holder_is_forgotten) {
  know(1);
  auto heir = test_identity(2);
  heir.name = "node-1";
  heir.not_before = test_wall - 1h;
  take(heir);
  take(test_record(2, 1));
  conclude_dead(2);
  pass(25h);
  EXPECT_EQ(nodes.find_name("node-1"), nodes.find(test_id(1)));
}

TEST_F(directory_fixture, a_renewed_certificate_with_another_name_renames) {
  know(1);
  auto renamed = test_identity(1);
  renamed.name = "shop";
  renamed.not_before = test_wall;
  EXPECT_EQ(take(renamed).news.size(), 1U);
  EXPECT_EQ(nodes.find_name("node-1"), nullptr);
  EXPECT_EQ(nodes.find_name("shop"), nodes.find(test_id(1)));
  EXPECT_EQ(all<event::record_changed>().at(0).what, record_changes{.name = true});
  EXPECT_TRUE(take(test_identity(1)).news.empty()) << "the older one";
}

TEST_F(directory_fixture, one_author_is_not_handed_on_for_ever) {
  know(1);
  std::size_t handed_on = 0;
  for (std::uint64_t revision = 2; revision < 1000; ++revision)
    handed_on += take(test_record(1, 1, revision)).news.size();
  EXPECT_EQ(handed_on, static_cast<std::size_t>(limits::member_news_burst));
  pass(10s);
  EXPECT_EQ(take(test_record(1, 1, 2000)).news.size(), 1U);
}

TEST_F(directory_fixture, members_are_bounded_and_strangers_beyond_are_told) {
  for (std::uint32_t i = 1; i <= limits::members_max; ++i) {
    (void)nodes.take(fake_authority::item_of(test_identity(i)), test_id(sender), now);
    (void)nodes.take(record_item(test_record(i, 1)), test_id(sender), now);
  }
  collect();
  events.clear();
  take(test_identity(20'000));
  take(test_record(20'000, 1));
  EXPECT_EQ(nodes.members().size(), limits::members_max);
  ASSERT_EQ(all<event::refused>().size(), 1U);
  EXPECT_EQ(all<event::refused>()[0].why.code(), errc::too_large);
  EXPECT_EQ(take(test_record(1, 2)).news.size(), 1U) << "members go on";
}

TEST_F(directory_fixture, what_waits_is_bounded_per_sender_in_all_and_in_time) {
  for (std::uint32_t i = 1; i <= 2 * limits::aside_items_sender_max; ++i)
    take(record_item(test_record(i, 1)), 50'000);
  EXPECT_EQ(nodes.waiting(), limits::aside_items_sender_max);
  for (std::uint32_t i = 1; i <= 2 * limits::aside_items_max; ++i)
    take(record_item(test_record(i, 1, 7)), 60'000 + i % 100);
  EXPECT_EQ(nodes.waiting(), limits::aside_items_max);
  take(test_identity(30'000));
  pass(limits::aside_kept + limits::members_look_every);
  EXPECT_EQ(nodes.waiting(), 0U);
}

TEST_F(directory_fixture, the_same_item_waits_once) {
  for (int i = 0; i < 10; ++i)
    take(test_record(1, 1));
  EXPECT_EQ(nodes.waiting(), 1U);
}

TEST_F(directory_fixture, what_is_held_adds_up_to_the_same_hash_whatever_the_order) {
  know(1);
  know(2);
  take(test_accusation(1, 2));
  take(test_record(2, 1, 5));
  directory other(by, test_id(self));
  for (const auto& item : {record_item(test_record(2, 1, 5)), fake_authority::item_of(test_identity(2)),
                           accusation_item(test_accusation(1, 2)), record_item(test_record(1, 1)),
                           fake_authority::item_of(test_identity(1))})
    (void)other.take(item, test_id(sender), now);
  EXPECT_EQ(root_of(other.held().hashes()), root_of(nodes.held().hashes()));
  EXPECT_EQ(other.held().size(), 5U);
}

} // namespace
} // namespace weft::membership
