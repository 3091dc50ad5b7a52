// tests/mesh/delivery/state_claim_test.cpp: who may have the state of a group; all pairs, and many members at random.
#include "mesh/base/limits.hpp"
#include "mesh/delivery/claim_keeper.hpp"
#include "mesh/delivery/state_claim.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <string>

namespace weft::delivery {
namespace {

using wire::claim_stage;
using wire::group_membership;

constexpr member_id ann{1}, bob{2};
constexpr claim_place at_log{"stock", "hub"};

group_membership member(member_id who, claim_stage stage, std::uint64_t term) {
  group_membership made;
  made.group = "stock";
  made.member = who;
  made.alone = true;
  made.claim = stage;
  made.term = term;
  return made;
}
group_membership without_state(member_id who) {
  group_membership made;
  made.member = who;
  return made;
}

/// What came of it, as a line.
std::string outcome(const state_claim& known, const group_membership& of, const claim_place& at = at_log) {
  const auto is = admit(known, of, at);
  if (!is) return std::string(to_string(is.error().code()));
  const auto& after = is->after;
  std::string line = std::to_string(after.only.value()) + " term " + std::to_string(after.term);
  if (after.begun > 0)
    line += " begun " + std::to_string(after.begun) + " by " + std::to_string(after.begun_by.value());
  if (after.held) line += " held";
  return is->replaces ? line + " replaces" : line;
}

/// What two logs that know of the one claim know together.
state_claim both(const state_claim& one, const state_claim& other) {
  return merged(state_claims{one}, state_claims{other})[0];
}

constexpr state_claim nobody{}, anns_stays{ann, 0}, anns_third{ann, 3, 3, ann, true},
    anns_unbegun{ann, 3, 2, bob, true};

TEST(state_claim, who_has_no_state_takes_part_where_there_is_none) {
  EXPECT_EQ(outcome(nobody, without_state(ann)), "0 term 0");
  EXPECT_EQ(outcome(anns_stays, without_state(bob)), "denied");
  EXPECT_EQ(outcome(anns_third, without_state(ann)), "denied");
}

TEST(state_claim, a_state_that_stays_is_its_members_for_ever) {
  const auto stays = claim_stage::none;
  EXPECT_EQ(outcome(nobody, member(ann, stays, 0)), "1 term 0");
  EXPECT_EQ(outcome(anns_stays, member(ann, stays, 0)), "1 term 0");
  EXPECT_EQ(outcome(anns_stays, member(bob, stays, 0)), "denied");
  EXPECT_EQ(outcome(nobody, member(ann, stays, 0), {"stock", "hub", false, true}), "busy");
  EXPECT_EQ(outcome(anns_third, member(ann, stays, 0)), "denied") << "one that moves may be another's by now";
}

TEST(state_claim, other_logs_take_the_higher_term) {
  const auto there = claim_stage::none;
  EXPECT_EQ(outcome(nobody, member(bob, there, 4)), "2 term 4 replaces");
  EXPECT_EQ(outcome(nobody, member(bob, there, 4), {"stock", "hub", false, true}), "busy");
  EXPECT_EQ(outcome(anns_stays, member(ann, there, 1)), "1 term 1") << "it begins to move";
  EXPECT_EQ(outcome(anns_stays, member(bob, there, 9)), "denied") << "its state never moved";
  EXPECT_EQ(outcome({ann, 3}, member(bob, there, 2)), "locked");
  EXPECT_EQ(outcome({ann, 3}, member(bob, there, 3)), "locked");
  EXPECT_EQ(outcome({ann, 3}, member(ann, there, 2)), "locked");
  EXPECT_EQ(outcome({ann, 3}, member(ann, there, 3)), "1 term 3");
  EXPECT_EQ(outcome({ann, 3}, member(bob, there, 4)), "2 term 4 replaces");
  EXPECT_EQ(outcome({ann, 3}, member(bob, there, 4), {"stock", "hub", true}), "2 term 4 replaces") << "a copy, too";
}

TEST(state_claim, who_hears_of_a_term_that_it_did_not_give_knows_no_longer_what_was_gone_on_with) {
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::none, 4)), "2 term 4 replaces");
  EXPECT_EQ(outcome(anns_third, member(ann, claim_stage::none, 4)), "1 term 4");
  EXPECT_EQ(outcome(anns_third, member(ann, claim_stage::none, 3)), "1 term 3 begun 3 by 1 held");
}

TEST(state_claim, the_home_gives_each_term_once) {
  EXPECT_EQ(outcome(nobody, member(bob, claim_stage::asks, 0)), "2 term 1 held replaces");
  EXPECT_EQ(outcome(anns_stays, member(ann, claim_stage::asks, 0)), "1 term 1 held");
  EXPECT_EQ(outcome(anns_stays, member(bob, claim_stage::asks, 0)), "denied");
  EXPECT_EQ(outcome(anns_third, member(ann, claim_stage::asks, 3)), "1 term 4 begun 3 by 1 held") << "another life";
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::asks, 0)), "2 term 4 begun 3 by 1 held replaces");
  EXPECT_EQ(outcome(anns_unbegun, member(bob, claim_stage::asks, 2)), "2 term 4 begun 2 by 2 held replaces");
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::asks, 7)), "2 term 8 held replaces")
      << "others were given, it does not know what was gone on with";
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::asks, 0), {"stock", "hub", false, true, true}), "locked");
  EXPECT_EQ(outcome(nobody, member(bob, claim_stage::asks, 0), {"stock", "hub", false, true}), "busy");
  EXPECT_EQ(outcome(anns_third, member(ann, claim_stage::asks, 3), {"stock", "hub", true}), "busy") << "a copy";
}

TEST(state_claim, the_home_hears_who_goes_on) {
  EXPECT_EQ(outcome(anns_unbegun, member(ann, claim_stage::reads, 3)), "1 term 3 begun 2 by 2 held");
  EXPECT_EQ(outcome(anns_unbegun, member(ann, claim_stage::at_work, 3)), "1 term 3 begun 3 by 1 held");
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::at_work, 2)), "locked");
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::reads, 3)), "locked");
  EXPECT_EQ(outcome(anns_third, member(ann, claim_stage::at_work, 2)), "locked");
  EXPECT_EQ(outcome(anns_third, member(bob, claim_stage::at_work, 9)), "2 term 9 begun 9 by 2 held replaces")
      << "it had given it, and has forgotten that";
  EXPECT_EQ(outcome(anns_stays, member(bob, claim_stage::at_work, 9)), "denied");
  EXPECT_EQ(outcome(anns_third, member(ann, claim_stage::at_work, 3), {"stock", "hub", true}), "busy");
}

TEST(state_claim, a_term_that_nobody_can_have_given_is_refused) {
  const auto most = 3 + limits::state_terms_ahead_max;
  for (const auto stage : {claim_stage::none, claim_stage::asks, claim_stage::reads, claim_stage::at_work}) {
    EXPECT_NE(outcome(anns_third, member(bob, stage, most)), "invalid_argument");
    EXPECT_EQ(outcome(anns_third, member(bob, stage, most + 1)), "invalid_argument");
  }
}

TEST(state_claim, the_later_of_two_records_holds) {
  EXPECT_EQ(both(anns_stays, nobody), anns_stays);
  EXPECT_EQ(both(nobody, anns_third), anns_third);
  EXPECT_EQ(both(anns_third, {bob, 4}), (state_claim{bob, 4}));
  EXPECT_EQ(both(anns_third, {bob, 2}), anns_third);
  EXPECT_EQ(both(anns_stays, {bob, 0}), anns_stays) << "the log's node had it first";
}

TEST(claim_keeper, a_holder_that_is_silent_has_lost_it_after_its_lease_and_the_margin) {
  constexpr auto lease = microseconds(limits::group_lease + limits::group_lease_margin);
  claim_keeper keeper;
  keeper.begin({anns_third}, mono_time{100});
  EXPECT_FALSE(keeper.is_held_against(ann, 0, mono_time{100}));
  EXPECT_TRUE(keeper.is_held_against(bob, 0, mono_time{100} + lease));
  EXPECT_FALSE(keeper.is_held_against(bob, 0, mono_time{101} + lease));
  keeper.heard(bob, 0, mono_time{300});
  EXPECT_FALSE(keeper.is_held_against(bob, 0, mono_time{101} + lease)) << "not of it";
  keeper.heard(ann, 0, mono_time{200});
  EXPECT_TRUE(keeper.is_held_against(bob, 0, mono_time{101} + lease));
  keeper.left(bob, 0);
  EXPECT_TRUE(keeper.is_held_against(bob, 0, mono_time{200}));
  keeper.left(ann, 0);
  EXPECT_FALSE(keeper.is_held_against(bob, 0, mono_time{200}));
  EXPECT_FALSE(keeper.is_on_disk());
}

TEST(claim_keeper, a_lease_that_is_over_is_so_for_a_home_that_starts_later) {
  constexpr auto lease = microseconds(limits::group_lease + limits::group_lease_margin);
  claim_keeper keeper;
  keeper.begin({anns_third}, mono_time{100});
  keeper.tick(mono_time{100} + lease);
  EXPECT_TRUE(keeper.of(0).held);
  keeper.tick(mono_time{101} + lease);
  EXPECT_FALSE(keeper.of(0).held);
  keeper.begin(keeper.is(), mono_time{200} + lease);
  EXPECT_FALSE(keeper.is_held_against(bob, 0, mono_time{200} + lease));
}

TEST(state_claim, what_logs_know_of_shards_is_known_shard_by_shard) {
  const state_claim bobs_fourth{bob, 4, 4, bob, true};
  EXPECT_EQ(merged({anns_third, nobody}, {nobody, bobs_fourth}), (state_claims{anns_third, bobs_fourth}));
  EXPECT_EQ(merged({nobody}, {anns_third, nobody}), (state_claims{anns_third, nobody}));
  EXPECT_EQ(merged({anns_third, nobody}, {nobody}), (state_claims{anns_third, nobody}));
  EXPECT_TRUE(has_state({nobody, bobs_fourth}));
  EXPECT_FALSE(has_state({nobody, nobody}));
}

TEST(state_claim, the_number_of_shards_is_that_of_the_first_member) {
  auto asks = member(ann, claim_stage::asks, 0);
  asks.shard = {1, 4};
  EXPECT_TRUE(check_shards({nobody}, asks, at_log));
  EXPECT_TRUE(check_shards({nobody, anns_third, nobody, nobody}, asks, at_log));
  const auto refused = check_shards({anns_third, nobody}, asks, at_log);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::denied);
  EXPECT_NE(refused.error().message().find("has 2 shards, and this member has one of 4"), std::string::npos)
      << refused.error().message();
}

TEST(claim_keeper, each_shard_has_a_lease_of_its_own) {
  constexpr auto lease = microseconds(limits::group_lease + limits::group_lease_margin);
  claim_keeper keeper;
  keeper.divide(2);
  keeper.set(0, anns_third);
  keeper.set(1, anns_third);
  keeper.heard(ann, 0, mono_time{100});
  keeper.heard(ann, 1, mono_time{200});
  EXPECT_FALSE(keeper.is_held_against(bob, 0, mono_time{101} + lease));
  EXPECT_TRUE(keeper.is_held_against(bob, 1, mono_time{101} + lease));
  keeper.tick(mono_time{101} + lease);
  EXPECT_TRUE(keeper.is_any_held());
  keeper.left(ann, 1);
  EXPECT_FALSE(keeper.is_any_held());
  keeper.heard(ann, 7, mono_time{300}); // a shard that there is not
  keeper.left(ann, 7);
}

TEST(claim_keeper, who_had_a_shard_by_the_home_before_may_have_it_for_a_lease) {
  constexpr auto lease = microseconds(limits::group_lease + limits::group_lease_margin);
  claim_keeper keeper;
  keeper.begin({{ann, 3, 3, ann, false}, nobody}, mono_time{0});
  keeper.forget_begun();
  keeper.take_over_home(mono_time{100});
  EXPECT_EQ(keeper.of(0), (state_claim{ann, 3, 0, {}, true}));
  EXPECT_EQ(keeper.of(1), nobody);
  EXPECT_TRUE(keeper.is_held_against(bob, 0, mono_time{100} + lease));
  EXPECT_FALSE(keeper.is_held_against(ann, 0, mono_time{100}));
  EXPECT_FALSE(keeper.is_held_against(bob, 0, mono_time{101} + lease));
}

TEST(claim_keeper, what_changed_while_it_was_written_is_not_on_the_disk) {
  claim_keeper keeper;
  keeper.begin({nobody}, {});
  EXPECT_TRUE(keeper.is_on_disk());
  keeper.set(0, anns_third);
  EXPECT_FALSE(keeper.is_on_its_way());
  keeper.saving();
  keeper.set(0, {bob, 4});
  keeper.saved();
  EXPECT_FALSE(keeper.is_on_disk());
  keeper.saving();
  keeper.saved();
  EXPECT_TRUE(keeper.is_on_disk());
}

/// A home that crashes and members that come, are lost, and come back, with clocks of their own. A member works while
/// it believes that the state is its.
class many_claims {
public:
  explicit many_claims(std::mt19937_64& random) : random_(random) { home_.begin({state_claim{}}, now_); }

  void step() {
    now_ = now_ + microseconds(static_cast<std::int64_t>(below(4'000'000)));
    home_.tick(now_);
    const member_id who{1 + below(4)};
    auto& one = members_[who];
    switch (below(8)) {
    case 0: // the home crashes: what is not on its disk is gone
      home_.begin({disk_}, now_);
      return;
    case 1: // the member crashes, and another life of it begins
      one.term = 0;
      one.lease_until = {};
      return;
    case 2: // it leaves
      if (one.term > 0 && one.term == home_.of(0).term) home_.left(who, 0);
      one.term = 0;
      return;
    case 3:
    case 4: // a sign of life, which may be answered late, or not at all
      if (one.term > 0) say(who, one, one.begun ? claim_stage::at_work : claim_stage::reads);
      return;
    case 5:
      if (one.term > 0 && now_ <= one.lease_until) begin(who, one);
      return;
    default:
      if (one.term == 0) say(who, one, claim_stage::asks);
    }
  }

  /// All members but one are gone for good.
  void expect_that_the_last_gets_it() {
    const member_id last{1};
    members_ = {{last, {}}};
    auto& one = members_[last];
    now_ = now_ + limits::group_lease + limits::group_lease_margin + microseconds{1};
    home_.tick(now_);
    is_calm_ = true;
    say(last, one, claim_stage::asks);
    EXPECT_GT(one.term, worked_in_);
    begin(last, one);
    EXPECT_EQ(worked_in_, one.term);
  }

private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  struct life {
    std::uint64_t term = 0, known = 0;
    bool begun = false;
    mono_time lease_until{};
  };

  void say(member_id who, life& one, claim_stage stage) {
    const auto sent = now_;
    const bool asks = stage == claim_stage::asks;
    auto at = at_log;
    at.is_held = home_.is_held_against(who, 0, now_);
    const auto may = admit(home_.of(0), member(who, stage, asks ? one.known : one.term), at);
    if (!may) {
      if (may.error().code() == errc::denied) one.term = 0;
      return;
    }
    home_.set(0, may->after);
    home_.heard(who, 0, now_);
    if (!is_calm_ && below(8) == 0) return; // it crashes before the disk has it, or the answer is lost
    home_.saving();
    home_.saved();
    disk_ = home_.of(0);
    if (!is_calm_ && below(8) == 0) return;
    if (asks) {
      one.term = disk_.term;
      one.begun = false;
      EXPECT_TRUE(given_.insert(one.term).second) << "term " << one.term << " was given twice";
    }
    one.known = one.term;
    one.lease_until = sent + limits::group_lease;
    if (stage == claim_stage::at_work) work(who, one);
  }
  void begin(member_id who, life& one) {
    one.begun = true;
    say(who, one, claim_stage::at_work);
  }
  /// @pre it believes that the state is its
  void work(member_id who, const life& one) {
    for (const auto& [id, other] : members_)
      EXPECT_FALSE(id != who && other.begun && other.term > 0 && now_ <= other.lease_until)
          << id.value() << " and " << who.value() << " are at work";
    EXPECT_GE(one.term, worked_in_) << "a term that was over";
    worked_in_ = one.term;
  }

  std::mt19937_64& random_;
  mono_time now_{1'000'000};
  claim_keeper home_;
  state_claim disk_;
  std::map<member_id, life> members_;
  std::set<std::uint64_t> given_;
  std::uint64_t worked_in_ = 0;
  bool is_calm_ = false; // nothing is lost
};

TEST(state_claim, two_members_never_work_at_once_and_no_term_comes_back) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    many_claims all(random);
    for (int step = 0; step < 400 && !::testing::Test::HasFailure(); ++step)
      all.step();
    all.expect_that_the_last_gets_it();
  }
}

} // namespace
} // namespace weft::delivery
