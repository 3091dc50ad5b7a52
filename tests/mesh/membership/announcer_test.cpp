// tests/mesh/membership/announcer_test.cpp: when a node speaks of itself, and under which incarnation.
#include "mesh/membership/announcer.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "tests/mesh/membership/fake_authority.hpp"

#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;

struct announcer_fixture : ::testing::Test {
  fake_authority by{test_id(1)};
  seeded_random random{1};
  instant now{{1'000'000'000}, test_wall};
  own_facts facts{.epoch = epoch{1, 2},
                  .frozen_since = {},
                  .frozen_why = {},
                  .addresses = {"10.0.0.1:7400"},
                  .zone = {},
                  .roles = 3,
                  .links = {{node_number{9}, 0}},
                  .topics = {},
                  .versions_min = 1,
                  .versions_max = 1};
  announcer::effects fx;
  std::optional<announcer> self;
  std::vector<wire::node_record> announced;
  std::vector<std::uint64_t> persisting;

  void SetUp() override {
    self.emplace(by, test_identity(1), wire::incarnation{4}, facts, random, now, fx);
    carry_out();
  }
  void carry_out() {
    for (auto& effect : std::exchange(fx, {})) {
      if (const auto* persist = std::get_if<announcer::out::persist>(&effect)) {
        persisting.push_back(persist->incarnation.value());
      } else {
        const auto& item = std::get<announcer::out::announce>(effect).item;
        EXPECT_TRUE(by.verify(item.kind, item.bytes.view(), item.signature, test_identity(1)));
        announced.push_back(*wire::decode_node_record(item.bytes));
      }
    }
  }
  template <class In>
  void on(In in) {
    self->on(std::move(in), now, fx);
    carry_out();
  }
  void persisted() { on(announcer::in::persisted{wire::incarnation{persisting.back()}}); }
  void tell() { on(announcer::in::facts{facts}); }
  void pass(microseconds time) {
    now = {now.mono + time, now.wall + time};
    self->tick(now, fx);
    carry_out();
  }
};

TEST_F(announcer_fixture, nothing_is_announced_before_the_incarnation_is_persisted) {
  EXPECT_EQ(persisting, std::vector<std::uint64_t>{5});
  tell();
  pass(1h);
  EXPECT_TRUE(announced.empty());
  persisted();
  ASSERT_EQ(announced.size(), 1U);
  EXPECT_EQ(announced[0].incarnation, wire::incarnation{5});
  EXPECT_EQ(announced[0].revision, 1U);
  EXPECT_EQ(announced[0].announced, now.wall);
  EXPECT_EQ(announced[0].addresses, facts.addresses);
}

TEST_F(announcer_fixture, changes_that_can_wait_are_announced_each_ten_seconds_after_the_first_few) {
  persisted();
  for (int second = 0; second < 100; ++second) {
    facts.links = {{node_number{2}, static_cast<std::uint8_t>(second)}};
    tell();
    pass(1s);
  }
  EXPECT_EQ(announced.size(), 14U);
  EXPECT_EQ(announced[3].links[0].cost, 2) << "at once";
  EXPECT_EQ(announced.back().revision, 14U);
}

TEST_F(announcer_fixture, health_and_addresses_are_announced_at_once) {
  persisted();
  facts.frozen_since = now.wall;
  facts.frozen_why = "the disk is full";
  tell();
  facts.addresses = {"10.0.0.2:7400"};
  tell();
  ASSERT_EQ(announced.size(), 3U);
  EXPECT_EQ(announced[1].frozen_why, "the disk is full");
  EXPECT_EQ(announced[2].addresses, facts.addresses);
}

TEST_F(announcer_fixture, a_topic_after_a_quiet_time_of_topics_is_announced_at_once) {
  persisted();
  for (std::uint8_t cost = 0; cost < 10; ++cost) { // as when a node starts: no change more can be announced at once
    facts.links = {{node_number{2}, cost}};
    tell();
  }
  const auto before = announced.size();
  const auto topic = [&](const std::string& name) {
    facts.topics.prefixes = {name};
    tell();
  };
  topic("orders");
  EXPECT_EQ(announced.size(), before + 1);
  topic("payments");
  EXPECT_EQ(announced.size(), before + 1) << "it waits";
  pass(limits::record_interval);
  tell();
  EXPECT_EQ(announced.back().topics, facts.topics);
}

TEST_F(announcer_fixture, without_a_change_a_record_is_refreshed_each_half_hour) {
  persisted();
  for (int minute = 0; minute < 300; ++minute) {
    tell();
    pass(1min);
  }
  EXPECT_GE(announced.size(), 10U);
  EXPECT_LE(announced.size(), 12U);
}

// T30
TEST_F(announcer_fixture, a_wall_clock_that_was_set_gives_the_record_another_date) {
  persisted();
  for (const auto jump : {microseconds(15min), microseconds(-15min), microseconds(-50 * 365 * 24h)}) {
    now.wall = now.wall + jump;
    pass(1s);
    EXPECT_EQ(announced.back().announced, now.wall);
    const auto count = announced.size();
    pass(1s);
    EXPECT_EQ(announced.size(), count);
  }
}

TEST_F(announcer_fixture, an_accusation_is_refuted_once_and_persisted_first) {
  on(announcer::in::accused{wire::incarnation{5}});
  EXPECT_EQ(persisting.size(), 1U) << "not announced yet";
  persisted();
  on(announcer::in::accused{wire::incarnation{5}});
  on(announcer::in::accused{wire::incarnation{5}});
  EXPECT_EQ(persisting, (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(announced.size(), 1U);
  persisted();
  ASSERT_EQ(announced.size(), 2U);
  EXPECT_EQ(announced[1].incarnation, wire::incarnation{6});
  EXPECT_EQ(announced[1].revision, 1U);
}

// T42
TEST_F(announcer_fixture, an_accusation_of_another_incarnation_is_ignored) {
  persisted();
  on(announcer::in::accused{wire::incarnation{4}});
  on(announcer::in::accused{wire::incarnation{~std::uint64_t{0}}});
  EXPECT_EQ(persisting.size(), 1U);
}

TEST_F(announcer_fixture, an_own_record_that_was_made_elsewhere_is_passed_each_ten_seconds_at_most) {
  persisted();
  on(announcer::in::own_record{wire::incarnation{5}, 1});
  EXPECT_EQ(persisting.size(), 1U) << "its own";
  on(announcer::in::own_record{wire::incarnation{9}, 1});
  EXPECT_EQ(persisting.back(), 10U);
  persisted();
  on(announcer::in::own_record{wire::incarnation{20}, 1});
  EXPECT_EQ(persisting.back(), 10U);
  pass(limits::record_interval);
  EXPECT_EQ(persisting.back(), 21U);
}

TEST_F(announcer_fixture, a_record_of_the_incarnation_that_is_being_persisted_was_made_elsewhere) {
  persisted();
  facts.addresses = {"10.0.0.2:7400"};
  tell();
  ASSERT_EQ(announced.back().revision, 2U);
  on(announcer::in::own_record{wire::incarnation{5}, 3}); // of an older life, and soon its last one
  EXPECT_EQ(persisting.back(), 6U);
  on(announcer::in::own_record{wire::incarnation{6}, 2});
  persisted();
  pass(limits::record_interval);
  EXPECT_EQ(persisting.back(), 7U);
  persisted();
  EXPECT_EQ(announced.back().incarnation, wire::incarnation{7});
}

TEST_F(announcer_fixture, leaving_is_the_last_word) {
  persisted();
  on(announcer::in::leave{});
  ASSERT_EQ(announced.size(), 2U);
  EXPECT_TRUE(announced[1].left);
  facts.addresses = {"10.0.0.2:7400"};
  tell();
  on(announcer::in::accused{wire::incarnation{5}});
  pass(1h);
  EXPECT_EQ(announced.size(), 2U);
  EXPECT_EQ(persisting.size(), 1U);
  EXPECT_FALSE(self->next_tick());
}

#ifdef WEFT_PLANTED_BUGS
TEST_F(announcer_fixture, planted_bug_incarnation_not_persisted_is_one) {
  persisted();
  plant(planted_bug::incarnation_not_persisted);
  on(announcer::in::accused{wire::incarnation{5}});
  plant(planted_bug::none);
  EXPECT_EQ(persisting.size(), 1U);
  EXPECT_EQ(announced.size(), 2U);
}
#endif

} // namespace
} // namespace weft::membership
