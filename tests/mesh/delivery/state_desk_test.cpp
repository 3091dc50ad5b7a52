// tests/mesh/delivery/state_desk_test.cpp: who may take part in a group with state at one log; and two homes, members
// and moves at random.
#include "mesh/base/limits.hpp"
#include "mesh/delivery/state_desk.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <array>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>

namespace weft::delivery {
namespace {

using enum wire::claim_stage;
using enum state_desk::verdict;
using wire::claim_stage;
using wire::group_membership;

constexpr member_id ann{1}, bob{2};
constexpr auto lease = microseconds(limits::group_lease);
constexpr auto held_for = microseconds(limits::group_lease + limits::group_lease_margin);

group_membership member(member_id who, claim_stage stage, std::uint64_t term = 0, wire::state_shard shard = {},
                        std::uint64_t process = 0) {
  group_membership made;
  made.group = "stock";
  made.member = who;
  made.alone = true;
  made.claim = stage;
  made.term = term;
  made.shard = shard;
  made.process = wire::process_id{process};
  return made;
}

struct desk_at_a : ::testing::Test {
  desk_at_a() { desk.begin({}, "", now); }
  state_desk::verdict admit(const group_membership& who, bool has_others = false) {
    const auto answer = desk.admit(who, has_others, now);
    why = answer.why ? answer.why->code() : errc::ok;
    return answer.is;
  }
  void save() {
    desk.saving();
    desk.saved();
  }
  /// Under its first term.
  void at_work(const group_membership& who) {
    EXPECT_EQ(admit(who), waits);
    save();
    auto begun = who;
    begun.claim = claim_stage::at_work;
    begun.term = desk.claims()[who.shard.number].term;
    EXPECT_EQ(admit(begun), waits);
    save();
  }

  state_desk desk{"stock", "a", false};
  mono_time now{1'000'000};
  errc why = errc::ok;
};

TEST_F(desk_at_a, a_term_counts_when_it_is_on_the_disk) {
  EXPECT_EQ(admit(member(ann, asks)), waits);
  EXPECT_FALSE(desk.is_on_disk());
  save();
  EXPECT_EQ(admit(member(ann, reads, 1)), takes_part);
  EXPECT_EQ(admit(member(bob, asks)), refused);
  EXPECT_EQ(why, errc::locked);
}

TEST_F(desk_at_a, who_is_refused_leaves_nothing_behind) {
  EXPECT_EQ(admit(member(ann, asks, 0, {3, 8}, 7), true), refused);
  EXPECT_EQ(why, errc::busy);
  EXPECT_EQ(desk.claims(), state_claims{});
  EXPECT_TRUE(desk.is_on_its_way());
  EXPECT_EQ(admit(member(ann, asks, limits::state_terms_ahead_max + 1, {3, 8}, 7)), refused);
  EXPECT_EQ(admit(member(bob, asks, 0, {12, 16}, 8)), waits) << "another number, which nobody has yet";
  desk.tick(now, true);
  EXPECT_EQ(desk.claims().size(), 16U);
}

TEST_F(desk_at_a, a_home_that_moves_lets_its_holder_leave_and_sends_on_when_that_is_on_the_disk) {
  at_work(member(ann, asks));
  desk.move("b", now);
  EXPECT_EQ(desk.take_asked_back(), std::vector{ann});
  EXPECT_TRUE(desk.is_wanted_back(member(ann, claim_stage::at_work, 1)));
  EXPECT_EQ(admit(member(bob, asks)), refused);
  EXPECT_EQ(why, errc::locked) << "it is at work";
  desk.left(member(ann, claim_stage::at_work, 1), now);
  EXPECT_EQ(admit(member(bob, asks)), refused);
  EXPECT_EQ(why, errc::busy) << "after a crash it would be the home yet";
  save();
  EXPECT_EQ(admit(member(bob, asks)), sent_on);
  wire::flow_opened word;
  desk.describe_sent_on(member(bob, asks), word);
  EXPECT_EQ(word.home, "b");
  EXPECT_EQ(word.term, 0U) << "no grant";
  EXPECT_EQ(word.given, 1U);
  EXPECT_EQ(word.begun, 1U);
  EXPECT_EQ(admit(member(ann, none, 2)), waits) << "as at any log";
}

TEST_F(desk_at_a, a_node_that_becomes_the_home_lets_only_the_last_holder_in_for_a_lease) {
  EXPECT_EQ(admit(member(ann, none, 3)), waits);
  desk.move("a", now);
  save();
  EXPECT_EQ(admit(member(bob, asks)), refused);
  EXPECT_EQ(why, errc::locked);
  now = now + held_for + microseconds{1};
  EXPECT_EQ(admit(member(bob, asks)), waits);
  EXPECT_EQ(desk.claims()[0], (state_claim{bob, 4, 0, {}, true})) << "what was gone on with it does not know";
}

TEST_F(desk_at_a, hears_that_another_home_gives_terms) {
  desk.move("a", now);
  at_work(member(ann, asks));
  EXPECT_EQ(admit(member(ann, none, 1)), takes_part);
  EXPECT_EQ(desk.home(), "a");
  EXPECT_EQ(admit(member(bob, none, 5)), waits);
  EXPECT_EQ(desk.home(), "");
  EXPECT_EQ(desk.claims()[0].begun, 0U);
}

TEST_F(desk_at_a, a_holder_is_asked_until_it_has_given_its_shard_back) {
  at_work(member(ann, asks, 0, {0, 2}, 7));
  at_work(member(bob, asks, 0, {1, 2}, 7));
  EXPECT_EQ(admit(member(member_id{3}, asks, 0, {0, 2}, 8)), refused);
  const auto asked = desk.take_asked_back();
  ASSERT_EQ(asked.size(), 1U);
  const std::uint16_t shard = asked[0] == ann ? 0 : 1;
  EXPECT_EQ(admit(member(member_id{3}, asks, 0, {shard, 2}, 8)), refused);
  EXPECT_TRUE(desk.take_asked_back().empty()) << "once over a flow";
  const auto holder = member(asked[0], claim_stage::at_work, 1, {shard, 2}, 7);
  EXPECT_TRUE(desk.is_wanted_back(holder)) << "and over the next";
  desk.left(holder, now);
  EXPECT_EQ(admit(member(member_id{3}, asks, 0, {shard, 2}, 8)), waits);
}

/// Two nodes with logs, either of which an operator makes the home, while members come, are lost and obey late.
class two_homes {
public:
  explicit two_homes(std::mt19937_64& random) : random_(random) {
    for (auto& one : at_)
      one.desk.begin({}, "", now_);
  }
  void step() {
    now_ = now_ + microseconds(static_cast<std::int64_t>(below(3'000'000)));
    for (auto& one : at_)
      one.desk.tick(now_, true);
    const member_id who{1 + below(4)};
    auto& one = members_[who];
    switch (below(9)) {
    case 0: { // a node crashes
      auto& node = at_[below(2)];
      node.desk.begin(node.claims, node.home, now_);
      return;
    }
    case 1: // a member crashes
      one = {};
      return;
    case 2: // an operator
      if (below(4) > 0) return;
      move(below(2) == 0 ? "a" : "b");
      return;
    case 3: // it leaves, and says so
      if (one.term > 0) node(one.home).desk.left(member(who, claim_stage::at_work, one.term), now_);
      one = {};
      return;
    default: act(who, one);
    }
  }

private:
  struct log_node {
    state_desk desk;
    state_claims claims{}; // on its disk
    std::string home{};
  };
  struct life {
    std::string home = "a"; // that its program names, or was sent to
    std::uint64_t term = 0, known = 0;
    mono_time lease_until{};
    bool begun = false;
  };

  std::uint64_t below(std::uint64_t most) { return random_() % most; }
  log_node& node(const std::string& name) { return at_[name == "a" ? 0 : 1]; }
  void save(log_node& one) {
    one.desk.saving();
    one.claims = one.desk.claims();
    one.home = one.desk.home();
    one.desk.saved();
  }
  /// Both hear it, in any order, and have it on disk before they answer.
  void move(const std::string& to) {
    const auto first = below(2);
    for (const auto which : {first, 1 - first}) {
      at_[which].desk.move(to, now_);
      save(at_[which]);
    }
  }
  void act(member_id who, life& one) {
    auto& home = node(one.home);
    const auto stage = one.term == 0 ? asks : one.begun ? claim_stage::at_work : reads;
    const auto sent = now_;
    const auto answer = home.desk.admit(member(who, stage, one.term == 0 ? one.known : one.term), false, now_);
    if (answer.is == refused) {
      if (one.term > 0) one = life{.home = one.home};
      return;
    }
    if (answer.is == sent_on) {
      wire::flow_opened word;
      home.desk.describe_sent_on(member(who, stage), word);
      one = life{.home = word.home, .known = word.given};
      return;
    }
    if (answer.is == waits) {
      if (below(5) == 0) return; // it crashes before
      save(home);
    }
    if (one.term == 0) {
      one.term = home.desk.claims()[0].term;
      EXPECT_GT(one.term, one.known);
    } else if (!one.begun) {
      one.begun = true;
      one.lease_until = sent + lease;
      if (!say_at_work(who, one, home)) return;
    }
    one.lease_until = sent + lease;
    if (one.begun) work(who, one);
  }
  /// The home first, and then the other log.
  bool say_at_work(member_id who, life& one, log_node& home) {
    for (auto* log : {&home, log_beside(home)}) {
      const auto stage = log == &home ? claim_stage::at_work : none;
      if (log->desk.admit(member(who, stage, one.term), false, now_).is == refused) {
        one = life{.home = one.home};
        return false;
      }
      save(*log);
    }
    return true;
  }
  log_node* log_beside(const log_node& one) { return &one == &at_[0] ? &at_[1] : &at_[0]; }
  void work(member_id who, const life& one) {
    for (const auto& [id, other] : members_)
      EXPECT_FALSE(id != who && other.begun && now_ <= other.lease_until)
          << id.value() << " of term " << other.term << " and " << who.value() << " of " << one.term << " are at work";
  }

  std::mt19937_64& random_;
  mono_time now_{1'000'000};
  std::array<log_node, 2> at_{log_node{{"stock", "a", false}}, log_node{{"stock", "b", false}}};
  std::map<member_id, life> members_;
};

TEST(state_desk, two_members_never_work_at_once_though_the_home_moves) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500 && !::testing::Test::HasFailure(); ++round) {
    two_homes all(random);
    for (int step = 0; step < 300 && !::testing::Test::HasFailure(); ++step)
      all.step();
  }
}

} // namespace
} // namespace weft::delivery
