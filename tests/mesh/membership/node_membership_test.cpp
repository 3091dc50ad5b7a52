#include "mesh/membership/node_membership.hpp"

#include "tests/mesh/membership/fake_authority.hpp"

#include <deque>
#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using in = node_membership::in;
using out = node_membership::out;

/// Two nodes that say everything to each other at once, over one link at a time.
struct pair_of_nodes : ::testing::Test {
  struct side {
    explicit side(std::uint32_t number) : authority(test_id(number)), random(number) {}
    fake_authority authority;
    seeded_random random;
    std::unique_ptr<node_membership> machine;
    std::map<node_id, std::vector<wire::item>> kept; // over restarts
  };
  std::array<side, 2> sides{side{1}, side{2}};
  std::deque<std::pair<std::size_t, wire::mesh_message>> under_way; // to which
  instant now{mono_time{1'000'000}, test_wall};
  own_facts facts;
  std::uint64_t link = 0;
  bool disk_waits = false; // the first node's
  std::vector<wire::incarnation> waiting;

  void SetUp() override {
    facts.addresses = {"10.0.0.1:7400"};
    facts.roles = 3;
    facts.versions_min = facts.versions_max = 1;
    for (std::size_t i = 0; i < 2; ++i)
      begin_anew(i, {});
  }
  template <class In>
  void tell(std::size_t whom, In input) {
    node_membership::effects fx;
    sides[whom].machine->on(std::move(input), now, fx);
    carry_out(whom, fx);
  }
  void carry_out(std::size_t who, const node_membership::effects& fx) {
    for (const auto& effect : fx) {
      if (const auto* sent = std::get_if<out::send>(&effect)) under_way.emplace_back(1 - who, sent->message);
      if (const auto* tried = std::get_if<out::dial>(&effect)) tell(who, in::dial_failed{tried->dial});
      if (const auto* wish = std::get_if<out::persist>(&effect)) persist(who, wish->incarnation);
      if (const auto* wish = std::get_if<out::keep>(&effect))
        sides[who].kept[wish->member] = {wish->identity, wish->record};
    }
  }
  void persist(std::size_t who, wire::incarnation incarnation) {
    if (who == 0 && disk_waits)
      waiting.push_back(incarnation);
    else
      tell(who, in::persisted{incarnation});
  }
  void disk_goes_on() {
    disk_waits = false;
    for (const auto incarnation : std::exchange(waiting, {}))
      tell(0, in::persisted{incarnation});
    pass_messages();
  }
  /// Forgets all but the incarnation that was on its disk.
  void begin_anew(std::size_t who, wire::incarnation last) {
    membership_options options;
    options.self = test_identity(static_cast<std::uint32_t>(who) + 1);
    options.identity = fake_authority::item_of(options.self);
    options.last = last;
    options.facts = facts;
    node_membership::effects fx;
    sides[who].machine =
        std::make_unique<node_membership>(sides[who].authority, std::move(options), sides[who].random, now, fx);
    carry_out(who, fx);
  }
  void pass_messages() {
    while (!under_way.empty()) {
      auto [to, message] = std::move(under_way.front());
      under_way.pop_front();
      tell(to, in::message{peer_link{link}, std::move(message)});
    }
  }
  void open() {
    ++link;
    for (std::size_t i = 0; i < 2; ++i)
      tell(i, in::link_opened{peer_link{link}, test_id(2 - static_cast<std::uint32_t>(i)), {}});
    pass_messages();
  }
  void close() {
    for (std::size_t i = 0; i < 2; ++i)
      tell(i, in::link_closed{peer_link{link}, link_end::closed});
    under_way.clear();
  }
  void later(microseconds time) {
    for (const auto until = now.mono + time; now.mono < until;) {
      now = {now.mono + microseconds{100'000}, now.wall + microseconds{100'000}};
      for (std::size_t i = 0; i < 2; ++i) {
        node_membership::effects fx;
        sides[i].machine->tick(now, fx);
        carry_out(i, fx);
      }
      pass_messages();
    }
  }
  std::optional<wire::incarnation> known_incarnation() {
    const auto* known = sides[1].machine->members().find(test_id(1));
    return known == nullptr ? std::nullopt : std::optional(known->record.incarnation);
  }
  /// What the second node knows that its link with the first costs.
  std::optional<int> announced_cost() {
    const auto* known = sides[1].machine->members().find(test_id(1));
    if (known == nullptr || known->record.links.empty()) return std::nullopt;
    return known->record.links.front().cost;
  }
};

TEST_F(pair_of_nodes, link_that_was_never_measured_is_announced_as_a_dear_one) {
  open();
  later(std::chrono::seconds(15));
  EXPECT_EQ(announced_cost(), wire::unmeasured_cost);
  tell(0, in::cost{test_id(2), 6});
  later(limits::record_interval + std::chrono::seconds(1));
  EXPECT_EQ(announced_cost(), 6);
}

TEST_F(pair_of_nodes, link_that_is_made_anew_costs_what_the_one_before_did) {
  open();
  tell(0, in::cost{test_id(2), 6});
  later(std::chrono::seconds(15));
  ASSERT_EQ(announced_cost(), 6);
  close();
  open();
  later(std::chrono::seconds(15));
  EXPECT_EQ(announced_cost(), 6);
}

/// They don't know each other as its neighbours any more, and it can't say that it is gone.
TEST_F(pair_of_nodes, node_that_was_lost_while_all_its_neighbours_started_again_is_missed) {
  auto record = test_record(3, 1);
  record.links = {{node_number{1}, 0}, {node_number{2}, 0}};
  const std::vector<wire::item> kept{fake_authority::item_of(test_identity(3)), record_item(record)};
  for (auto& each : sides) {
    node_membership::effects fx;
    each.machine->restore(kept, now, fx);
  }
  open();
  later(std::chrono::seconds(90));
  const auto* known = sides[0].machine->members().find(test_id(3));
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->state, member_state::dead);
}

/// Copies are read by the topics of a node that is not there.
TEST_F(pair_of_nodes, topics_of_a_node_that_is_away_are_known_after_a_restart) {
  open();
  facts.topics.prefixes = {"orders"};
  tell(0, in::facts{facts});
  later(std::chrono::seconds(15));
  close();
  begin_anew(1, {});
  node_membership::effects fx;
  for (const auto& [member, items] : sides[1].kept)
    sides[1].machine->restore(items, now, fx);
  const auto* known = sides[1].machine->members().find(test_id(1));
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->record.topics, facts.topics);
}

TEST_F(pair_of_nodes, restored_node_that_hears_its_own_later_record_before_its_disk_is_ready_goes_above_it) {
  open();
  for (int life = 0; life < 3; ++life) { // the record that others hold is of incarnation 4
    close();
    begin_anew(0, *sides[0].machine->incarnation());
    open();
  }
  later(std::chrono::seconds(2));
  ASSERT_EQ(known_incarnation(), wire::incarnation{4});
  close();
  disk_waits = true;
  begin_anew(0, wire::incarnation{1});
  open();
  later(std::chrono::minutes(1));
  disk_goes_on();
  later(std::chrono::seconds(15));
  EXPECT_EQ(known_incarnation(), wire::incarnation{5});
  EXPECT_EQ(sides[0].machine->incarnation(), wire::incarnation{5});
}

TEST_F(pair_of_nodes, restored_node_whose_later_record_says_the_same_goes_above_it) {
  facts.links.clear();
  begin_anew(0, wire::incarnation{1});
  open();
  for (int i = 0; i < 5; ++i) { // the last one says what the first did
    facts.zone = i % 2 == 0 ? "other" : "";
    tell(0, in::facts{facts});
    later(limits::record_interval + std::chrono::seconds(1));
  }
  facts.zone = "";
  tell(0, in::facts{facts});
  later(limits::record_interval + std::chrono::seconds(1));
  close();
  begin_anew(0, wire::incarnation{1});
  open();
  later(std::chrono::minutes(1));
  EXPECT_EQ(known_incarnation(), wire::incarnation{3});
}

} // namespace
} // namespace weft::membership
