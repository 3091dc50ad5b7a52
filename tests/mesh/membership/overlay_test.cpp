// Overlays alone and together, see overlay_testing.hpp for the network.
#include "mesh/base/planted_bug.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/membership/overlay_testing.hpp"

#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using in = overlay::in;
using out = overlay::out;

struct overlay_mesh : ::testing::Test {
  std::uint64_t seed = test_seed();
  testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
  overlay_world world{seed};

  void start(std::uint32_t count, microseconds apart) {
    for (std::uint32_t n = 0; n < count; ++n) {
      world.start(n);
      world.run(apart);
    }
  }
  /// 40 nodes; even and odd ones do not know each other.
  void start_halves() {
    world.tell_members = false;
    world.seed_of = [](std::uint32_t n) { return n % 2; };
    for (std::uint32_t n = 0; n < 40; ++n) {
      world.start(n);
      for (std::uint32_t m = n % 2; m < n; m += 2) {
        world.tell(n, in::known{node(m)});
        world.tell(m, in::known{node(n)});
      }
      world.run(200ms);
    }
    world.run(60s);
    ASSERT_EQ(world.reachable(), 20U);
  }
  void expect_sound() {
    EXPECT_EQ(world.reachable(), world.living().size());
    EXPECT_EQ(world.one_sided(), 0U);
    EXPECT_LE(world.degrees().rbegin()->first, limits::active_view_max);
  }
};

TEST_F(overlay_mesh, in_a_small_mesh_everybody_is_everybodys_neighbour_and_nothing_changes_at_rest) {
  for (std::uint32_t count = 2; count <= 6; ++count) {
    SCOPED_TRACE(count);
    world = overlay_world(seed + count);
    start(count, 300ms);
    world.run(30s);
    EXPECT_EQ(world.degrees(), (std::map<std::size_t, int>{{count - 1, static_cast<int>(count)}}));
    EXPECT_EQ(world.one_sided(), 0U);
    const auto changes = world.changes;
    const auto messages = world.messages;
    world.run(1h);
    EXPECT_EQ(world.changes, changes);
    EXPECT_LE(world.messages - messages, count * 60U * 4 / 3 * (limits::shuffle_walk + 1));
  }
}

TEST_F(overlay_mesh, ten_nodes_join_through_one_seed) {
  start(10, 100ms);
  world.run(30s);
  expect_sound();
}

TEST_F(overlay_mesh, a_hundred_nodes_join_through_one_seed) {
  start(100, 10ms);
  world.run(60s);
  expect_sound();
  EXPECT_GE(world.degrees().begin()->first, 2U);
}

TEST_F(overlay_mesh, nodes_that_all_start_at_once_come_together) { // T27
  start(100, 0us);
  world.run(60s);
  expect_sound();
}

TEST_F(overlay_mesh, nobody_is_a_neighbour_of_one_side_after_churn_and_slow_replies) {
  for (std::uint64_t round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    world = overlay_world(seed + round);
    world.delay_most = round % 2 == 0 ? 4s : 50ms; // longer than a Neighbor is awaited
    start(24, 200ms);
    for (int i = 0; i < 100; ++i) {
      const auto n = static_cast<std::uint32_t>(world.random().below(24));
      const auto m = static_cast<std::uint32_t>(world.random().below(24));
      if (n != m) world.cut(std::minmax(n, m));
      if (i % 20 == 0 && n != 0) {
        world.vanish(n);
        world.run(100ms);
        world.start(n);
      }
      world.run(500ms);
    }
    world.delay_most = 50ms;
    world.run(90s);
    ASSERT_EQ(world.one_sided(), 0U);
    ASSERT_TRUE(world.connected());
    ASSERT_LE(world.degrees().rbegin()->first, limits::active_view_max);
  }
}

TEST_F(overlay_mesh, a_neighbour_sent_away_without_a_word_would_be_noticed) {
  plant(planted_bug::one_sided_neighbor);
  start(30, 10ms);
  world.run(60s);
  plant(planted_bug::none);
  EXPECT_GT(world.one_sided(), 0U);
}

TEST_F(overlay_mesh, a_thousand_nodes_join_and_half_of_them_vanish) {
  start(1000, 20ms);
  world.run(60s);
  expect_sound();
  EXPECT_LE(world.degrees()[1], 10);
  const auto changes = world.changes;
  const auto messages = world.messages;
  world.run(10min);
  EXPECT_LE(world.changes - changes, 100U * 10) << "a tenth of a change a node in ten minutes";
  EXPECT_LE(world.messages - messages, 1000U * 10 * (limits::shuffle_walk + 2));
  auto all = world.living();
  std::shuffle(all.begin(), all.end(), world.random());
  for (std::size_t i = 0; i < 500; ++i)
    world.vanish(all[i]);
  world.run(55s);
  expect_sound();
}

TEST_F(overlay_mesh, halves_that_find_each_other_grow_together) { // T29
  start_halves();
  for (std::uint32_t n = 0; n < 40; ++n)
    for (std::uint32_t m = 0; m < 40; ++m)
      if (n != m) world.tell(n, in::known{node(m)});
  world.run(60s);
  expect_sound();
}

TEST_F(overlay_mesh, one_word_about_being_apart_joins_two_halves) { // T29
  start_halves();
  world.tell(4, in::apart{node(7)});
  world.run(10s);
  expect_sound();
}

TEST_F(overlay_mesh, one_that_leaves_is_nobodys_neighbour_and_all_others_hang_together) {
  start(20, 100ms);
  world.run(30s);
  world.leave(3);
  world.run(12s);
  for (const auto n : world.living())
    EXPECT_FALSE(world.at(n).others().contains(node(3)));
  expect_sound();
}

/// One overlay; the test plays all others.
struct one_overlay : ::testing::Test {
  std::uint64_t seed = test_seed();
  testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
  seeded_random random{seed};
  mono_time now{};
  overlay::effects fx;
  overlay self{node(0), random, now, fx};

  template <class... Args>
  void tell(const Args&... args) {
    fx.clear();
    self.on(args..., now, fx);
  }
  /// Ticks whenever it wants; the effects of that time.
  void pass(microseconds time) {
    fx.clear();
    const auto end = now + time;
    for (auto next = self.next_tick(); next <= end; next = self.next_tick()) {
      now = std::max(now, next);
      self.tick(now, fx);
    }
    now = end;
  }
  void link(std::uint32_t n) { tell(in::peer_up{node(n)}); }
  void befriend(std::uint32_t n) {
    link(n);
    tell(node(n), wire::neighbor{true});
  }
  template <class Message>
  std::vector<std::pair<std::uint32_t, Message>> sent() const {
    std::vector<std::pair<std::uint32_t, Message>> found;
    for (const auto& effect : fx)
      if (const auto* send = std::get_if<out::send>(&effect))
        if (const auto* message = std::get_if<Message>(&send->message))
          found.emplace_back(number_of(send->to), *message);
    return found;
  }
  template <class Effect>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(fx.begin(), fx.end(), [](const auto& effect) { return std::holds_alternative<Effect>(effect); }));
  }
  bool has(std::uint32_t n) const {
    const auto& all = self.neighbors();
    return std::find(all.begin(), all.end(), node(n)) != all.end();
  }
};

TEST_F(one_overlay, without_a_neighbour_needs_contact_and_joins_whoever_is_linked) {
  EXPECT_EQ(count<out::need_contact>(), 1U);
  link(1);
  EXPECT_EQ(sent<wire::join>().size(), 1U);
  EXPECT_FALSE(has(1)) << "not before its answer";
  tell(node(1), wire::neighbor_reply{true});
  EXPECT_TRUE(has(1));
  EXPECT_EQ(count<out::need_contact>(), 1U);
}

TEST_F(one_overlay, a_join_is_always_answered_but_a_repeated_one_starts_no_walks) {
  befriend(2);
  link(1);
  tell(node(1), wire::join{});
  EXPECT_TRUE(sent<wire::neighbor_reply>().at(0).second.accepted);
  EXPECT_EQ(sent<wire::forward_join>().size(), 1U);
  tell(node(1), wire::join{});
  EXPECT_TRUE(sent<wire::neighbor_reply>().at(0).second.accepted);
  EXPECT_TRUE(sent<wire::forward_join>().empty());
}

TEST_F(one_overlay, when_full_refuses_low_priority_and_makes_room_for_high) {
  for (std::uint32_t n = 1; n <= limits::active_view_max; ++n)
    befriend(n);
  link(9);
  tell(node(9), wire::neighbor{false});
  EXPECT_FALSE(sent<wire::neighbor_reply>().at(0).second.accepted);
  tell(node(9), wire::neighbor{true});
  EXPECT_TRUE(sent<wire::neighbor_reply>().at(0).second.accepted);
  EXPECT_EQ(sent<wire::disconnect>().size(), 1U) << "the one that goes is told";
  EXPECT_EQ(count<out::neighbor_down>(), 1U);
  EXPECT_EQ(self.neighbors().size(), limits::active_view_max);
}

TEST_F(one_overlay, an_answer_that_comes_too_late_is_taken_back) {
  link(1);
  pass(limits::neighbor_within);
  tell(node(1), wire::neighbor_reply{true});
  EXPECT_FALSE(has(1));
  EXPECT_EQ(sent<wire::disconnect>().at(0).first, 1U) << "else it alone would think that we are neighbours";
}

TEST_F(one_overlay, a_neighbour_with_a_new_link_is_asked_anew) {
  befriend(1);
  tell(in::peer_down{node(1)});
  EXPECT_FALSE(has(1));
  link(1);
  EXPECT_EQ(sent<wire::neighbor>().size(), 1U);
  tell(node(1), wire::neighbor_reply{true});
  EXPECT_TRUE(has(1));
}

TEST_F(one_overlay, a_new_node_that_is_not_known_yet_is_asked_when_it_is) {
  befriend(1);
  tell(node(1), wire::forward_join{node(7), 0});
  EXPECT_EQ(count<out::want_link>(), 0U);
  tell(in::known{node(7)});
  EXPECT_EQ(count<out::want_link>(), 1U);
}

TEST_F(one_overlay, made_up_ids_are_neither_dialled_nor_kept) { // T42
  befriend(1);
  for (std::uint32_t n = 100; n < 120; ++n)
    tell(in::known{node(n)});
  for (std::uint32_t n = 0; n < 10'000; ++n) {
    wire::shuffle walk{node(1000 + n), 0, {}};
    for (std::uint32_t i = 0; i < limits::shuffle_nodes_max; ++i)
      walk.nodes.push_back(node(1'000'000 + n * 16 + i));
    tell(node(1), walk);
    EXPECT_EQ(count<out::want_link>() + count<out::send>(), 0U);
    tell(node(1), wire::forward_join{node(1000 + n), 0});
    EXPECT_EQ(count<out::want_link>() + count<out::send>(), 0U);
  }
  EXPECT_LE(self.others().size(), 20U);
  for (const auto& id : self.others().sample(30, random))
    EXPECT_LT(number_of(id), 120U);
}

TEST_F(one_overlay, a_walk_that_comes_from_no_neighbour_is_ignored) { // T42
  for (std::uint32_t n = 1; n <= limits::active_view_max; ++n)
    befriend(n);
  link(9);
  link(10);
  tell(node(9), wire::forward_join{node(10), 0});
  EXPECT_EQ(count<out::want_link>() + count<out::send>(), 0U);
  tell(node(1), wire::forward_join{node(10), 0});
  EXPECT_EQ(sent<wire::neighbor>().size(), 1U);
}

TEST_F(one_overlay, a_neighbour_that_names_everybody_as_new_has_few_of_them_asked) { // T42
  for (std::uint32_t n = 1; n <= limits::active_view_max; ++n)
    befriend(n);
  std::uint64_t wanted = 0, gone = 0;
  const auto look = [&] {
    wanted += count<out::want_link>();
    gone += count<out::neighbor_down>();
  };
  for (std::uint32_t n = 100; n < 1100; ++n)
    tell(in::known{node(n)}), look(); // each of them may find halves, and makes about seven asks in all
  const auto before = std::exchange(wanted, 0);
  EXPECT_LE(before, 40U);
  for (std::uint32_t n = 100; n < 1100; ++n) {
    tell(node(1), wire::forward_join{node(n), 0}), look();
    if (count<out::want_link>() == 0) continue;
    tell(in::peer_up{node(n)}), look();
    tell(node(n), wire::neighbor_reply{true}), look();
    if (!has(1)) tell(node(1), wire::neighbor{true}), look();
  }
  EXPECT_GE(wanted, 1U);
  EXPECT_LE(wanted, 2 * limits::active_view_max) << "one for each walk, one for each place that it made free";
  EXPECT_LE(gone, 2 * limits::active_view_max);
  pass(10s);
  wanted = 0;
  for (std::uint32_t n = 100; n < 1100; ++n)
    tell(node(1), wire::forward_join{node(n), 0}), look();
  EXPECT_LE(wanted, 2 * limits::active_view_max) << "no more are under way at once";
}

TEST_F(one_overlay, one_source_fills_a_third_of_the_passive_view_at_most) {
  befriend(1);
  for (std::uint32_t n = 100; n < 200; ++n)
    tell(in::known{node(n)});
  const auto before = self.others().sample(limits::passive_view_max, random);
  for (std::uint32_t n = 130; n < 200; ++n)
    tell(node(1), wire::shuffle_reply{{node(n)}});
  std::size_t kept = 0;
  for (const auto& id : before)
    kept += self.others().contains(id) ? 1 : 0;
  EXPECT_GE(kept + limits::passive_per_source_max, before.size());
}

TEST_F(one_overlay, is_no_storm_when_everybody_refuses) {
  for (std::uint32_t n = 1; n <= 200; ++n)
    tell(in::known{node(n)});
  std::size_t asks = 0;
  const auto refuse_all = [&] {
    for (auto todo = fx; !todo.empty(); todo = fx) {
      overlay::effects more;
      for (const auto& effect : todo) {
        if (const auto* want = std::get_if<out::want_link>(&effect)) self.on(in::peer_up{want->id}, now, more);
        if (const auto* send = std::get_if<out::send>(&effect)) {
          asks += std::holds_alternative<wire::disconnect>(send->message) ? 0 : 1;
          self.on(send->to, wire::neighbor_reply{false}, now, more);
        }
      }
      fx = more;
    }
  };
  for (int tenth = 0; tenth < 6000; ++tenth) {
    pass(100ms);
    refuse_all();
  }
  EXPECT_GE(asks, 100U) << "it never gives up";
  EXPECT_LE(asks, 1500U);
}

TEST_F(one_overlay, a_member_that_is_gone_is_in_no_view) {
  befriend(1);
  tell(in::known{node(1)});
  tell(in::known{node(2)});
  tell(in::gone{node(1)});
  tell(in::gone{node(2)});
  EXPECT_TRUE(self.neighbors().empty());
  EXPECT_EQ(self.others().size(), 0U);
}

TEST_F(one_overlay, after_leaving_says_and_does_nothing) {
  befriend(1);
  fx.clear();
  self.on(in::leave{}, fx);
  EXPECT_TRUE(sent<wire::disconnect>().at(0).second.leaving);
  tell(node(1), wire::join{});
  link(2);
  pass(1h);
  EXPECT_TRUE(fx.empty());
}

} // namespace
} // namespace weft::membership
