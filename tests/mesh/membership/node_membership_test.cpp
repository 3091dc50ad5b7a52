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
  };
  std::array<side, 2> sides{side{1}, side{2}};
  std::deque<std::pair<std::size_t, wire::mesh_message>> under_way; // to which
  instant now{mono_time{1'000'000}, test_wall};
  std::uint64_t link = 0;

  void SetUp() override {
    for (std::uint32_t i = 0; i < 2; ++i) {
      membership_options options;
      options.self = test_identity(i + 1);
      options.identity = fake_authority::item_of(options.self);
      options.facts.addresses = {"10.0.0.1:7400"};
      options.facts.roles = 3;
      options.facts.versions_min = options.facts.versions_max = 1;
      node_membership::effects fx;
      sides[i].machine =
          std::make_unique<node_membership>(sides[i].authority, std::move(options), sides[i].random, now, fx);
      carry_out(i, fx);
    }
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
      if (const auto* wish = std::get_if<out::persist>(&effect)) tell(who, in::persisted{wish->incarnation});
    }
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

} // namespace
} // namespace weft::membership
