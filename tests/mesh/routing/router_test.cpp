#include "mesh/routing/router.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/routing/topic_summary.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

namespace weft::routing {
namespace {

using in = router::in;
using out = router::out;

log_id log_of(std::uint32_t number) { return {node_of(number), 0}; }
topic_pattern pattern(std::string_view text) { return topic_pattern::parse(text).value(); }

wire::topic_summary topics_of(std::string_view topic) {
  topic_summary_builder builder;
  builder.add(topic);
  return builder.summary();
}

in::member member(const true_mesh& mesh, std::uint32_t number, bool dialable = false) {
  return {mesh.member(number), fmt::format("node{}", number), true, dialable, topics_of(fmt::format("t{}.x", number))};
}

/// One router, node 0.
struct router_fixture : ::testing::Test {
  true_mesh mesh;
  mono_time now{};
  std::optional<router> machine;
  router_effects fx;

  void start() {
    machine.emplace(mesh.member(0), now);
    for (std::uint32_t other = 1; other < mesh.nodes.size(); ++other)
      tell(member(mesh, other));
    for (const auto& [to, cost] : mesh.nodes[0].links)
      tell(in::link_up{node_of(to), cost});
  }
  template <class Message>
  void tell(const Message& message) {
    if constexpr (std::is_same_v<Message, in::demanded> || std::is_same_v<Message, in::withdrawn>)
      machine->on(message);
    else
      machine->on(message, now, fx);
  }
  void later(microseconds time) {
    for (const auto until = now + time; now < until;) {
      now = now + limits::router_tick;
      machine->tick(now, fx);
    }
  }
  template <class Kind>
  std::vector<Kind> take() {
    std::vector<Kind> taken;
    for (const auto& effect : std::exchange(fx, {}))
      if (const auto* one = std::get_if<Kind>(&effect)) taken.push_back(*one);
    return taken;
  }
  void want(std::uint64_t id, std::string_view text) { tell(in::interest{id, pattern(text), {}}); }

  /// 0 - 1 - 3 and 0 - 2 - 3, the first cheaper.
  void diamond() {
    for (int i = 0; i < 4; ++i)
      mesh.add();
    mesh.link(0, 1, 1);
    mesh.link(1, 3, 1);
    mesh.link(0, 2, 4);
    mesh.link(2, 3, 1);
    start();
  }
};

TEST_F(router_fixture, pattern_gets_the_logs_of_the_nodes_that_may_have_it) {
  diamond();
  want(7, "t3.>");
  const auto effects = std::exchange(fx, {});
  ASSERT_GE(effects.size(), 2U);
  const auto& found = std::get<out::source_found>(effects[0]);
  EXPECT_EQ(found.interest, 7U);
  EXPECT_EQ(found.log, log_of(3));
  EXPECT_EQ(found.node, "node3");
  const auto& route = std::get<out::route>(effects[1]);
  EXPECT_EQ(route.hop, node_of(1));
  EXPECT_EQ(route.distance, (wire::distance{0, 1, 4}));
  EXPECT_FALSE(route.withdraw_first);
}

TEST_F(router_fixture, the_way_to_a_log_is_told_or_why_there_is_none) {
  diamond();
  const auto wanted_by_nobody = machine->way_to(log_of(3));
  EXPECT_EQ(wanted_by_nobody.hop, node_of(1));
  EXPECT_EQ(wanted_by_nobody.nodes, (std::vector<node_id>{node_of(0), node_of(1), node_of(3)}));
  EXPECT_TRUE(wanted_by_nobody.why.empty());
  want(7, "t3.>");
  tell(in::hop_refused{log_of(3), node_of(1)});
  EXPECT_EQ(machine->way_to(log_of(3)).hop, node_of(2)) << "the one that is asked";
  auto away = member(mesh, 3);
  away.alive = false;
  tell(away);
  EXPECT_FALSE(machine->way_to(log_of(3)).hop) << "the demand stands, the node does not";
  tell(member(mesh, 3));
  tell(in::hop_refused{log_of(3), node_of(2)});
  EXPECT_FALSE(machine->way_to(log_of(3)).why.empty());
  auto dead = member(mesh, 3);
  dead.alive = false;
  tell(dead);
  EXPECT_EQ(machine->way_to(log_of(3)).why, "it is dead or has left");
  EXPECT_FALSE(machine->way_to(log_of(3)).hop);
  EXPECT_EQ(machine->way_to(log_of(9)).why, "this node does not know it");
  EXPECT_EQ(machine->way_to(log_of(0)).distance, wire::distance{});
}

TEST_F(router_fixture, needs_no_tick_while_nothing_waits_for_time) {
  diamond();
  want(7, "t3.>");
  tell(in::demanded{node_of(1), 1, log_of(3)});
  EXPECT_FALSE(machine->idle()) << "a demand is refreshed";
  tell(in::withdrawn{node_of(1), 1});
  EXPECT_TRUE(machine->idle());
  tell(in::hop_refused{log_of(3), node_of(1)});
  EXPECT_FALSE(machine->idle()) << "the hop is asked again";
  later(limits::hop_avoided + limits::router_tick);
  EXPECT_TRUE(machine->idle());
}

TEST_F(router_fixture, pattern_follows_nodes_that_come_and_get_topics) {
  diamond();
  want(7, "late.>");
  EXPECT_TRUE(fx.empty());
  auto with_topic = member(mesh, 2);
  with_topic.topics = topics_of("late.x");
  tell(with_topic);
  ASSERT_EQ(take<out::source_found>().size(), 1U);
  tell(with_topic);
  EXPECT_TRUE(take<out::source_found>().empty());
  tell(in::member_gone{node_of(2)});
  EXPECT_EQ(take<out::source_gone>().size(), 1U);
  tell(with_topic);
  EXPECT_EQ(take<out::source_found>().size(), 1U);
}

TEST_F(router_fixture, one_log_is_found_whatever_topics_it_has) {
  diamond();
  tell(in::interest{7, pattern("nobody.has.it"), log_of(3)});
  EXPECT_EQ(take<out::source_found>().size(), 1U);
}

TEST_F(router_fixture, lost_link_is_answered_at_once_over_the_other_hop) {
  diamond();
  want(7, "t3.x");
  take<out::route>();
  tell(in::link_down{node_of(1)});
  const auto routes = take<out::route>();
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].hop, node_of(2));
  tell(in::link_down{node_of(2)});
  const auto none = take<out::no_route>();
  ASSERT_EQ(none.size(), 1U);
  EXPECT_EQ(none[0].why.code(), errc::no_route);
  tell(in::link_up{node_of(2), 4});
  later(limits::router_tick);
  EXPECT_EQ(take<out::route>().size(), 1U);
}

TEST_F(router_fixture, node_that_is_away_has_no_route_and_stays_a_source) {
  diamond();
  want(7, "t3.x");
  take<out::route>();
  auto dead = member(mesh, 3);
  dead.alive = false;
  tell(dead);
  machine->tick(now, fx);
  EXPECT_EQ(take<out::no_route>().size(), 1U);
  tell(member(mesh, 3));
  machine->tick(now, fx);
  const auto effects = std::exchange(fx, {});
  for (const auto& effect : effects)
    EXPECT_FALSE(std::holds_alternative<out::source_found>(effect));
  EXPECT_TRUE(std::any_of(effects.begin(), effects.end(),
                          [](const auto& effect) { return std::holds_alternative<out::route>(effect); }));
}

TEST_F(router_fixture, hop_stays_for_a_small_gain_and_moves_for_a_large_one) {
  diamond();
  want(7, "t3.x");
  take<out::route>();
  tell(in::link_up{node_of(2), 0});
  mesh.link(0, 2, 0);
  tell(member(mesh, 2));
  machine->tick(now, fx);
  EXPECT_TRUE(take<out::route>().empty()); // 3 against 4
  tell(in::link_up{node_of(1), 2});
  machine->tick(now, fx);
  const auto routes = take<out::route>();
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].hop, node_of(2));
  EXPECT_FALSE(routes[0].withdraw_first);
}

TEST_F(router_fixture, hop_that_refuses_is_avoided_for_a_while) {
  diamond();
  want(7, "t3.x");
  take<out::route>();
  tell(in::hop_refused{log_of(3), node_of(1)});
  EXPECT_EQ(take<out::route>().at(0).hop, node_of(2));
  tell(in::hop_refused{log_of(3), node_of(2)});
  EXPECT_EQ(take<out::no_route>().at(0).why.code(), errc::busy);
  later(limits::hop_avoided);
  EXPECT_EQ(take<out::route>().at(0).hop, node_of(1));
}

TEST_F(router_fixture, hop_that_refuses_again_is_avoided_longer) {
  diamond();
  want(7, "t3.x");
  const auto until_asked = [this] {
    tell(in::hop_refused{log_of(3), node_of(1)});
    take<out::route>(); // over the other one
    for (const auto began = now;;) {
      later(limits::router_tick);
      for (const auto& route : take<out::route>())
        if (route.hop == node_of(1)) return now - began;
    }
  };
  EXPECT_LE(until_asked(), limits::router_tick);
  microseconds longest{};
  for (int i = 0; i < 10; ++i)
    longest = std::max(longest, until_asked());
  EXPECT_EQ(longest, microseconds(limits::hop_avoided));
}

TEST_F(router_fixture, hop_whose_links_changed_since_it_refused_is_asked_at_once) {
  diamond();
  want(7, "t3.x");
  tell(in::hop_refused{log_of(3), node_of(1)});
  tell(in::hop_refused{log_of(3), node_of(2)});
  take<out::no_route>();
  mesh.add();
  mesh.link(1, 4, 1);
  tell(member(mesh, 1));
  machine->tick(now, fx);
  EXPECT_EQ(take<out::route>().at(0).hop, node_of(1));
}

TEST_F(router_fixture, silent_hop_is_left_for_another_one_and_asked_again_when_there_is_none) { // T48
  diamond();
  want(7, "t3.x");
  take<out::route>();
  tell(in::hop_refused{log_of(3), node_of(1), {}, true});
  EXPECT_EQ(take<out::route>().at(0).hop, node_of(2));
  tell(in::hop_refused{log_of(3), node_of(2), {}, true});
  const auto effects = std::exchange(fx, {});
  ASSERT_EQ(effects.size(), 1U) << "no demand downstream ends for it";
  EXPECT_EQ(std::get<out::route>(effects[0]).hop, node_of(2));
}

/// Node 1 is the only way to 3's log; a demand of this node stands there, and one of node 2 here.
struct router_with_one_hop : router_fixture {
  router_with_one_hop() {
    diamond();
    tell(in::link_down{node_of(2)});
    tell(in::link_up{node_of(2), 4});
    mesh.nodes[2].links.erase(3);
    mesh.nodes[3].links.erase(2);
    tell(member(mesh, 2));
    tell(member(mesh, 3));
    want(7, "t3.x");
    tell(in::demanded{node_of(1), 11, log_of(3)});
    tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 20}});
    machine->tick(now, fx);
    fx.clear();
  }
};

TEST_F(router_with_one_hop, that_refuses_one_demand_goes_on_with_the_others_and_is_asked_again_later) {
  tell(in::hop_refused{log_of(3), node_of(1)}); // a second demand, of another filter
  EXPECT_TRUE(fx.empty()) << "no demand of a peer ends for it";
  EXPECT_EQ(machine->hop_of(log_of(3)), node_of(1));
  later(limits::router_tick);
  const auto routes = take<out::route>();
  ASSERT_EQ(routes.size(), 1U) << "once, for who was refused";
  EXPECT_EQ(routes[0].hop, node_of(1));
  EXPECT_FALSE(routes[0].withdraw_first);
  later(limits::router_tick);
  EXPECT_TRUE(take<out::route>().empty());
}

TEST_F(router_with_one_hop, that_refused_is_asked_at_once_when_its_links_change) {
  for (int i = 0; i < 5; ++i)
    tell(in::hop_refused{log_of(3), node_of(1)});
  fx.clear();
  mesh.add();
  mesh.link(1, 4, 1);
  tell(member(mesh, 1));
  machine->tick(now, fx);
  EXPECT_EQ(take<out::route>().size(), 1U);
}

TEST_F(router_with_one_hop, that_refuses_the_last_demand_is_no_hop) {
  tell(in::hop_refused{log_of(3), node_of(1)});
  tell(in::withdrawn{node_of(1), 11});
  tell(in::hop_refused{log_of(3), node_of(1)});
  EXPECT_FALSE(machine->hop_of(log_of(3)));
  const auto effects = std::exchange(fx, {});
  EXPECT_TRUE(std::ranges::any_of(effects, [](const auto& one) { return std::holds_alternative<out::no_route>(one); }));
  EXPECT_TRUE(std::ranges::any_of(effects, [](const auto& one) { return std::holds_alternative<out::refuse>(one); }))
      << "it may know another way";
}

TEST_F(router_fixture, hop_that_refused_goes_on_with_what_stands_there_when_the_other_one_refuses_too) {
  diamond();
  want(7, "t3.x");
  tell(in::demanded{node_of(1), 11, log_of(3)});
  tell(in::hop_refused{log_of(3), node_of(1)});
  ASSERT_EQ(machine->hop_of(log_of(3)), node_of(2)) << "who was refused may fare better there";
  fx.clear();
  tell(in::hop_refused{log_of(3), node_of(2)});
  EXPECT_EQ(machine->hop_of(log_of(3)), node_of(1));
  EXPECT_TRUE(take<out::no_route>().empty());
}

TEST_F(router_fixture, last_interest_that_goes_ends_the_route_and_its_links) {
  diamond();
  want(7, "t3.x");
  want(8, "t3.>");
  EXPECT_EQ(take<out::want_link>().at(0).node, node_of(1));
  tell(in::interest_gone{7});
  EXPECT_TRUE(fx.empty());
  tell(in::interest_gone{8});
  EXPECT_EQ(take<out::release_link>().at(0).node, node_of(1));
  EXPECT_FALSE(machine->hop_of(log_of(3)));
}

TEST_F(router_fixture, node_of_the_own_zone_is_dialled_and_the_path_serves_meanwhile) {
  diamond();
  tell(member(mesh, 3, true));
  want(7, "t3.x");
  const auto effects = std::exchange(fx, {});
  ASSERT_EQ(effects.size(), 4U);
  EXPECT_EQ(std::get<out::want_link>(effects[1]).node, node_of(3));
  EXPECT_EQ(std::get<out::route>(effects[2]).hop, node_of(1));
  EXPECT_EQ(std::get<out::want_link>(effects[3]).node, node_of(1));
  tell(in::link_up{node_of(3), 9});
  const auto routes = take<out::route>();
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].hop, node_of(3));
}

TEST_F(router_fixture, node_that_could_not_be_dialled_is_tried_again_later) {
  diamond();
  tell(member(mesh, 3, true));
  want(7, "t3.x");
  take<out::want_link>();
  tell(in::unreachable{node_of(3)});
  EXPECT_EQ(take<out::release_link>().at(0).node, node_of(3));
  later(limits::unreachable_avoided - std::chrono::seconds(1));
  EXPECT_TRUE(take<out::want_link>().empty());
  later(std::chrono::seconds(2));
  EXPECT_EQ(take<out::want_link>().at(0).node, node_of(3));
}

TEST_F(router_fixture, wildcard_in_a_large_mesh_does_not_dial_everybody) {
  mesh.add();
  for (std::uint32_t i = 1; i <= 200; ++i) {
    mesh.add();
    mesh.link(i, i - 1);
  }
  start();
  for (std::uint32_t i = 1; i <= 200; ++i)
    tell(member(mesh, i, true));
  want(7, ">");
  EXPECT_LE(take<out::want_link>().size(), limits::direct_links_max + 1); // and the hop
}

TEST_F(router_fixture, peer_is_served_only_while_it_is_farther) {
  diamond();
  tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 4}});
  EXPECT_EQ(take<out::refuse>().at(0).why.code(), errc::no_route); // as near as this node
  tell(in::peer_demand{node_of(2), 2, log_of(3), {0, 1, 9}});
  EXPECT_EQ(take<out::route>().size(), 1U);
  tell(in::peer_refresh{node_of(2), {{2, {0, 1, 3}}}});
  const auto refused = take<out::refuse>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].subscription, 2U);
  EXPECT_FALSE(machine->hop_of(log_of(3)));
}

TEST_F(router_fixture, planted_bug_accepts_as_near) {
  diamond();
  plant(planted_bug::equal_distance_accepted);
  tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 4}});
  plant(planted_bug::none);
  EXPECT_TRUE(take<out::refuse>().empty());
}

TEST_F(router_fixture, when_the_own_distance_grows_demanders_go_first_and_then_another_hop_is_asked) {
  diamond();
  tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 5}});
  fx.clear();
  tell(in::link_down{node_of(1)});
  const auto effects = std::exchange(fx, {});
  ASSERT_FALSE(effects.empty());
  EXPECT_EQ(std::get<out::refuse>(effects[0]).peer, node_of(2)); // or it would be its own upstream
}

TEST_F(router_fixture, hop_that_has_become_farther_is_left_before_its_demand_is_taken) {
  diamond();
  want(1, "t3.>");
  ASSERT_EQ(machine->hop_of(log_of(3)), node_of(1));
  mesh.nodes[1].links.erase(3);
  mesh.nodes[3].links.erase(1);
  tell(member(mesh, 1));
  tell(member(mesh, 3)); // decided again with the next tick
  fx.clear();
  tell(in::peer_demand{node_of(1), 1, log_of(3), {0, 1, 20}});
  EXPECT_EQ(machine->hop_of(log_of(3)), node_of(2)) << "or each would be the other's hop";
  EXPECT_TRUE(take<out::refuse>().empty());
}

TEST_F(router_fixture, hop_that_demands_the_log_here_is_left_although_its_record_says_that_it_is_nearer) {
  diamond();
  want(1, "t3.>");
  ASSERT_EQ(machine->hop_of(log_of(3)), node_of(1));
  fx.clear();
  tell(in::peer_demand{node_of(1), 1, log_of(3), {0, 1, 20}}); // it has lost its link, and its new record is on the way
  ASSERT_EQ(machine->hop_of(log_of(3)), node_of(2)) << "or each would be the other's hop";
  const auto routes = take<out::route>();
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_TRUE(routes[0].withdraw_first);
  tell(in::peer_withdraw{node_of(1), 1});
  later(limits::router_tick);
  EXPECT_EQ(machine->hop_of(log_of(3)), node_of(1)) << "it is nearer again";
}

TEST_F(router_fixture, hop_that_demands_the_log_here_and_is_the_only_one_is_refused) {
  mesh.add();
  mesh.add();
  mesh.add();
  mesh.link(0, 1, 1);
  mesh.link(1, 2, 1);
  start();
  want(1, "t2.>");
  ASSERT_EQ(machine->hop_of(log_of(2)), node_of(1));
  fx.clear();
  tell(in::peer_demand{node_of(1), 1, log_of(2), {0, 1, 20}});
  EXPECT_EQ(take<out::refuse>().size(), 1U);
  EXPECT_FALSE(machine->hop_of(log_of(2)));
}

TEST_F(router_fixture, node_without_the_relay_role_carries_only_its_own_log) {
  mesh.add("", false);
  mesh.add();
  mesh.link(0, 1);
  start();
  tell(in::peer_demand{node_of(1), 1, log_of(1), {0, 1, 99}});
  EXPECT_EQ(take<out::refuse>().at(0).why.code(), errc::denied);
  tell(in::peer_demand{node_of(1), 2, log_of(0), {0, 1, 99}});
  EXPECT_TRUE(fx.empty());
}

TEST_F(router_fixture, demand_without_refresh_ends) {
  diamond();
  tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 9}});
  later(limits::demand_life - limits::router_tick);
  tell(in::peer_refresh{node_of(2), {{1, {0, 1, 9}}}});
  later(limits::demand_life - limits::router_tick);
  EXPECT_TRUE(take<out::refuse>().empty());
  later(limits::router_tick);
  EXPECT_EQ(take<out::refuse>().at(0).why.code(), errc::timed_out);
}

TEST_F(router_fixture, peer_that_refreshes_a_demand_that_was_lost_hears_so) {
  diamond();
  tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 9}});
  tell(in::peer_refresh{node_of(2), {{1, {0, 1, 9}}, {77, {0, 1, 9}}}});
  const auto refused = take<out::refuse>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].peer, node_of(2));
  EXPECT_EQ(refused[0].subscription, 77U);
  EXPECT_EQ(refused[0].why.code(), errc::cancelled);
}

TEST_F(router_fixture, peer_gets_no_more_demands_than_a_link_may_have) { // T42
  diamond();
  for (std::uint64_t i = 0; i <= limits::flows_per_link_max; ++i)
    tell(in::peer_demand{node_of(2), i, log_of(3), {0, 1, 9}});
  const auto refused = take<out::refuse>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].why.code(), errc::busy);
  tell(in::link_down{node_of(2)});
  EXPECT_FALSE(machine->hop_of(log_of(3)));
}

TEST_F(router_fixture, demands_beyond_the_configured_numbers_are_told_that_it_is_busy) { // T42
  diamond();
  machine.emplace(mesh.member(0), now, peer_demands::caps{3, 2});
  for (std::uint32_t other = 1; other < 4; ++other)
    tell(member(mesh, other));
  tell(in::link_up{node_of(1), 1});
  tell(in::link_up{node_of(2), 4});
  for (std::uint64_t number = 1; number <= 3; ++number)
    tell(in::peer_demand{node_of(2), number, log_of(3), {0, 1, 9}});
  const auto of_peer = take<out::refuse>();
  ASSERT_EQ(of_peer.size(), 1U);
  EXPECT_EQ(of_peer[0].subscription, 3U);
  EXPECT_EQ(of_peer[0].why.code(), errc::busy);
  EXPECT_NE(of_peer[0].why.message().find("routing.demands_per_link"), std::string::npos);
  tell(in::peer_demand{node_of(1), 1, log_of(0), {0, 1, 9}});
  tell(in::peer_demand{node_of(1), 2, log_of(0), {0, 1, 9}});
  const auto of_all = take<out::refuse>();
  ASSERT_EQ(of_all.size(), 1U);
  EXPECT_EQ(of_all[0].why.code(), errc::busy);
  EXPECT_NE(of_all[0].why.message().find("routing.demands "), std::string::npos);
}

TEST_F(router_fixture, demands_for_logs_of_nobody_leave_nothing_behind) { // T42
  diamond();
  for (std::uint32_t i = 100; i < 1100; ++i)
    tell(in::peer_demand{node_of(2), i, log_of(i), {7, 1, 9}});
  EXPECT_EQ(take<out::refuse>().size(), 1000U);
}

TEST_F(router_fixture, refused_demand_says_how_far_both_are) {
  diamond();
  tell(in::peer_demand{node_of(2), 1, log_of(3), {0, 1, 4}});
  const auto why = take<out::refuse>().at(0).why;
  EXPECT_EQ(why.code(), errc::no_route);
  EXPECT_NE(why.message().find("0 zone boundaries and cost 4, it has 0 and 4"), std::string::npos) << why.message();
}

TEST_F(router_fixture, missing_route_names_the_log_and_who_refused) {
  diamond();
  want(7, "t3.x");
  tell(in::hop_refused{log_of(3), node_of(1)});
  tell(in::hop_refused{log_of(3), node_of(2)});
  EXPECT_EQ(take<out::no_route>().at(0).why.message(),
            "none of node1, node2 carries the log of node3: they refused, or demand it here");
  tell(in::link_down{node_of(1)});
  tell(in::link_down{node_of(2)});
  want(8, "t1.x");
  EXPECT_EQ(take<out::no_route>().back().why.message(), "no neighbour leads to the log of node1");
}

TEST_F(router_fixture, standing_demands_are_refreshed_in_one_message_a_hop) {
  diamond();
  want(7, "t3.x");
  tell(in::demanded{node_of(1), 11, log_of(3)});
  tell(in::demanded{node_of(1), 12, log_of(1)});
  tell(in::demanded{node_of(1), 13, log_of(3)});
  tell(in::withdrawn{node_of(1), 13});
  fx.clear();
  later(limits::demand_refresh);
  const auto sent = take<out::refresh>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].hop, node_of(1));
  EXPECT_EQ(sent[0].demands, (std::vector<wire::standing_demand>{{11, {0, 1, 4}}, {12, {0, 1, 2}}}));
}

TEST_F(router_fixture, distance_that_shrank_is_told_at_once) {
  diamond();
  want(7, "t3.x");
  tell(in::demanded{node_of(1), 11, log_of(3)});
  tell(in::link_up{node_of(1), 0});
  mesh.link(0, 1, 0);
  tell(member(mesh, 1));
  fx.clear();
  machine->tick(now, fx);
  EXPECT_EQ(take<out::refresh>().at(0).demands.at(0).distance, (wire::distance{0, 1, 3}));
}

TEST_F(router_fixture, distance_that_shrank_is_told_to_a_hop_of_before_too_while_demands_stand_there) {
  for (int i = 0; i < 4; ++i)
    mesh.add();
  mesh.link(0, 1, 8);
  mesh.link(1, 3, 1);
  mesh.link(0, 2, 12);
  mesh.link(2, 3, 1);
  start();
  want(7, "t3.x");
  tell(in::demanded{node_of(1), 11, log_of(3)});
  mesh.link(0, 2, 0);
  tell(in::link_up{node_of(2), 0});
  tell(member(mesh, 2));
  fx.clear();
  machine->tick(now, fx);
  EXPECT_EQ(machine->hop_of(log_of(3)), node_of(2));
  const auto sent = take<out::refresh>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].hop, node_of(1));
  EXPECT_EQ(sent[0].demands, (std::vector<wire::standing_demand>{{11, {0, 1, 3}}}));
}

TEST_F(router_fixture, distance_that_grew_is_told_with_the_next_refresh) {
  diamond();
  want(7, "t3.x");
  tell(in::demanded{node_of(1), 11, log_of(3)});
  mesh.link(0, 1, 3);
  tell(in::link_up{node_of(1), 3});
  mesh.link(1, 3, 3);
  const auto told = machine->told_to_hops({log_of(3), node_of(3)});
  tell(member(mesh, 1));
  EXPECT_EQ(machine->told_to_hops({log_of(3), node_of(3)}), told) << "decided later";
  EXPECT_EQ(machine->distance_to_tell({log_of(3), node_of(3)}), told) << "another demand says no more";
  fx.clear();
  later(limits::demand_refresh);
  EXPECT_GT(take<out::refresh>().at(0).demands.at(0).distance, *told);
}

// --- holders of copies

/// Node 0 of 0 - 1 - 3 and 0 - 2, 0 - 4: 3 has a log, 2 and 4 hold copies.
struct router_with_holders : router_fixture {
  router_with_holders() {
    for (int i = 0; i < 5; ++i)
      mesh.add();
    mesh.link(0, 1);
    mesh.link(1, 3);
    mesh.link(0, 2);
    mesh.link(0, 4);
    start();
    tell(in::holders{log_of(3), {node_of(2), node_of(4)}});
  }
  void owner(bool alive) {
    auto one = member(mesh, 3);
    one.alive = alive;
    tell(one);
    machine->tick(now, fx);
  }
};

TEST_F(router_with_holders, log_of_a_node_that_is_away_comes_from_its_first_holder_and_back_when_it_returns) {
  want(7, "t3.>");
  EXPECT_TRUE(take<out::moved>().empty());
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>"), node_of(3));
  owner(false);
  const auto away = take<out::moved>();
  ASSERT_EQ(away.size(), 1U);
  EXPECT_EQ(away[0].source, node_of(2));
  EXPECT_EQ(away[0].hop, node_of(2));
  EXPECT_EQ(away[0].pattern, "t3.>");
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>"), node_of(2));
  owner(true);
  const auto back = take<out::moved>();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].source, node_of(3));
  EXPECT_EQ(back[0].hop, node_of(1));
  EXPECT_FALSE(machine->hop_of({log_of(3), node_of(2)})) << "nobody looks to the holder any more";
}

TEST_F(router_with_holders, next_holder_takes_over_when_the_first_one_goes_too) {
  want(7, "t3.>");
  owner(false);
  fx.clear();
  tell(in::link_down{node_of(2)});
  EXPECT_EQ(take<out::moved>().at(0).source, node_of(4));
  tell(in::link_up{node_of(2), 3});
  EXPECT_EQ(take<out::moved>().at(0).source, node_of(2));
}

TEST_F(router_with_holders, holder_that_has_not_all_of_a_pattern_is_passed_over_for_that_pattern_for_a_while) {
  want(7, "t3.>");
  want(8, "t3.x");
  owner(false);
  fx.clear();
  tell(in::source_refused{log_of(3), node_of(2), "t3.>"});
  const auto moved = take<out::moved>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].pattern, "t3.>");
  EXPECT_EQ(moved[0].source, node_of(4));
  EXPECT_EQ(machine->source_of(log_of(3), "t3.x"), node_of(2));
  tell(in::source_refused{log_of(3), node_of(4), "t3.>"});
  EXPECT_TRUE(take<out::moved>().empty()) << "it waits where it is, or for the log's own node";
  later(limits::source_avoided);
  EXPECT_EQ(take<out::moved>().at(0).source, node_of(2));
}

TEST_F(router_with_holders, holder_that_does_not_go_on_with_a_group_serves_others_of_the_pattern) {
  want(7, "t3.>");
  tell(in::interest{8, topic_pattern::parse("t3.>").value(), log_of(3), "packers"});
  owner(false);
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>", "packers"), node_of(2));
  fx.clear();
  tell(in::source_refused{log_of(3), node_of(2), "t3.>", "packers"});
  const auto moved = take<out::moved>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].group, "packers");
  EXPECT_EQ(moved[0].source, node_of(4));
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>"), node_of(2));
  owner(true);
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>", "packers"), node_of(3));
}

TEST_F(router_with_holders, members_of_a_group_ask_by_the_list_also_where_there_is_a_copy) {
  tell(in::holders{log_of(3), {node_of(2), node_of(0), node_of(4)}});
  tell(in::holds{log_of(3)});
  want(7, "t3.>");
  tell(in::interest{8, topic_pattern::parse("t3.>").value(), log_of(3), "packers"});
  owner(false);
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>"), node_of(0));
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>", "packers"), node_of(2)) << "where the other members are";
  tell(in::link_down{node_of(2)});
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>", "packers"), node_of(0));
}

TEST_F(router_with_holders, only_holder_that_refuses_one_flow_keeps_the_others_and_is_asked_again_later) {
  tell(in::holders{log_of(3), {node_of(2)}});
  want(7, "t3.>");
  owner(false);
  tell(in::demanded{node_of(2), 11, log_of(3), node_of(2)});
  fx.clear();
  tell(in::source_refused{log_of(3), node_of(2), "t3.>"});
  EXPECT_TRUE(fx.empty());
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>"), node_of(2));
  later(limits::source_avoided);
  const auto effects = std::exchange(fx, {});
  std::vector<out::route> routes;
  for (const auto& effect : effects) {
    EXPECT_FALSE(std::holds_alternative<out::moved>(effect));
    if (const auto* route = std::get_if<out::route>(&effect)) routes.push_back(*route);
  }
  ASSERT_EQ(routes.size(), 1U) << "for who was refused";
  EXPECT_EQ(routes[0].source, node_of(2));
  EXPECT_EQ(routes[0].hop, node_of(2));
  owner(true);
  EXPECT_EQ(take<out::moved>().at(0).source, node_of(3));
}

TEST_F(router_with_holders, holder_that_serves_some_has_them_back_when_the_others_refuse) {
  want(7, "t3.>");
  owner(false);
  tell(in::demanded{node_of(2), 11, log_of(3), node_of(2)});
  tell(in::source_refused{log_of(3), node_of(2), "t3.>"});
  fx.clear();
  tell(in::source_refused{log_of(3), node_of(4), "t3.>"});
  const auto moved = take<out::moved>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].source, node_of(2));
  EXPECT_EQ(moved[0].hop, node_of(2));
}

TEST_F(router_with_holders, interest_that_comes_while_the_node_is_away_finds_its_log_at_a_holder) {
  owner(false);
  want(7, "t3.>");
  const auto effects = std::exchange(fx, {});
  ASSERT_FALSE(effects.empty());
  EXPECT_TRUE(std::holds_alternative<out::source_found>(effects[0]));
  EXPECT_EQ(machine->source_of(log_of(3), "t3.>"), node_of(2));
  EXPECT_EQ(machine->way_to(log_of(3)).source, node_of(2));
}

TEST_F(router_with_holders, holders_that_are_heard_of_later_serve_interests_that_wait) {
  tell(in::holders{log_of(3), {}});
  want(7, "t3.>");
  owner(false);
  EXPECT_TRUE(take<out::moved>().empty());
  tell(in::holders{log_of(3), {node_of(4)}});
  EXPECT_EQ(take<out::moved>().at(0).source, node_of(4));
  tell(in::holders{log_of(3), {}});
  const auto gone = take<out::moved>();
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].source, node_of(3));
  EXPECT_FALSE(gone[0].hop);
}

TEST_F(router_with_holders, copy_here_is_asked_before_others) {
  want(7, "t3.>");
  owner(false);
  fx.clear();
  tell(in::holds{log_of(3)});
  const auto moved = take<out::moved>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].source, node_of(0));
  EXPECT_EQ(moved[0].hop, node_of(0)) << "its hop is this node";
  tell(in::holds{log_of(3), false});
  EXPECT_EQ(take<out::moved>().at(0).source, node_of(2));
}

TEST_F(router_with_holders, demand_leads_to_the_source_that_it_names) {
  tell(in::peer_demand{node_of(1), 1, log_of(3), {0, 1, 1}, node_of(2)});
  EXPECT_EQ(take<out::refuse>().at(0).why.code(), errc::no_route) << "not nearer to that holder";
  tell(in::peer_demand{node_of(1), 2, log_of(3), {0, 1, 30}, node_of(2)});
  const auto routes = take<out::route>();
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].source, node_of(2));
  EXPECT_EQ(routes[0].hop, node_of(2));
  EXPECT_FALSE(machine->hop_of(log_of(3))) << "the log's own node is another matter";
  tell(in::peer_withdraw{node_of(1), 2});
  EXPECT_FALSE(machine->hop_of({log_of(3), node_of(2)}));
}

TEST_F(router_with_holders, demand_at_this_node_is_accepted_only_while_it_has_a_copy) {
  tell(in::peer_demand{node_of(1), 1, log_of(3), {0, 1, 1}, node_of(0)});
  EXPECT_EQ(take<out::refuse>().at(0).why.code(), errc::not_held);
  tell(in::holds{log_of(3)});
  tell(in::peer_demand{node_of(1), 2, log_of(3), {0, 1, 1}, node_of(0)});
  EXPECT_TRUE(take<out::refuse>().empty());
  tell(in::holds{log_of(3), false});
  const auto refused = take<out::refuse>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].why.code(), errc::not_held);
}

TEST_F(router_with_holders, holders_are_not_dialled_while_a_way_leads_to_the_log) {
  tell(member(mesh, 2, true));
  want(7, "t3.>");
  for (const auto& one : take<out::want_link>())
    EXPECT_EQ(one.node, node_of(1));
}

/// Routers of a whole mesh. Demands go hop by hop; each node has at most one for a log at one source.
struct mesh_of_routers {
  struct letter {
    std::uint32_t from = 0, to = 0;
    std::variant<in::peer_demand, in::peer_withdraw, in::peer_refresh, out::refuse, in::member> what;
  };
  true_mesh mesh;
  std::mt19937_64& random;
  mono_time now{};
  std::vector<router> routers;
  struct demanded_at {
    node_id hop;
    std::uint64_t number = 0;
  };
  std::vector<std::map<log_source, demanded_at>> upstream; // by node: where it demands
  std::uint64_t numbers = 0;
  std::map<std::uint32_t, std::vector<std::uint32_t>> holders;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::deque<letter>> links;

  mesh_of_routers(true_mesh nodes, std::mt19937_64& source) : mesh(std::move(nodes)), random(source) {
    upstream.resize(mesh.nodes.size());
    for (std::uint32_t i = 0; i < mesh.nodes.size(); ++i) {
      routers.emplace_back(mesh.member(i), now);
      router_effects fx;
      for (std::uint32_t other = 0; other < mesh.nodes.size(); ++other)
        if (other != i) routers[i].on(member(mesh, other), now, fx);
      for (const auto& [to, cost] : mesh.nodes[i].links)
        routers[i].on(in::link_up{node_of(to), cost}, now, fx);
    }
  }
  void send(std::uint32_t from, const node_id& to, decltype(letter::what) what) {
    const auto there = mesh.number_of(to);
    if (from != there) links[{from, there}].push_back({from, there, std::move(what)}); // a copy here is just read
  }
  void withdraw(std::uint32_t node, const log_source& source) {
    const auto found = upstream[node].find(source);
    if (found == upstream[node].end()) return;
    const auto [hop, number] = found->second;
    routers[node].on(in::withdrawn{hop, number});
    send(node, hop, in::peer_withdraw{node_of(node), number});
    upstream[node].erase(found);
  }
  void carry_out(std::uint32_t node, router_effects& fx) {
    for (auto& effect : fx) {
      if (const auto* route = std::get_if<out::route>(&effect)) {
        const log_source source{route->log, route->source};
        withdraw(node, source);
        upstream[node][source] = {route->hop, ++numbers};
        routers[node].on(in::demanded{route->hop, numbers, route->log, route->source});
        send(node, route->hop, in::peer_demand{node_of(node), numbers, route->log, route->distance, route->source});
      } else if (const auto* none = std::get_if<out::no_route>(&effect)) {
        withdraw(node, {none->log, none->source});
      } else if (const auto* refused = std::get_if<out::refuse>(&effect)) {
        send(node, refused->peer, *refused);
      } else if (const auto* refresh = std::get_if<out::refresh>(&effect)) {
        send(node, refresh->hop, in::peer_refresh{node_of(node), refresh->demands});
      }
    }
    std::vector<log_source> unused; // a relay without anybody downstream withdraws
    for (const auto& [source, asked] : upstream[node])
      if (routers[node].hop_of(source) != asked.hop) unused.push_back(source);
    for (const auto& source : unused)
      withdraw(node, source);
  }
  void deliver(const letter& one) {
    router_effects fx;
    auto& to = routers[one.to];
    if (const auto* refused = std::get_if<out::refuse>(&one.what)) {
      for (const auto& [source, asked] : upstream[one.to])
        if (asked.number == refused->subscription) {
          const auto which = source;
          upstream[one.to].erase(which);
          to.on(in::withdrawn{node_of(one.from), refused->subscription});
          to.on(in::hop_refused{which.log, node_of(one.from), which.node}, now, fx);
          break;
        }
    } else {
      std::visit(
          [&](const auto& what) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, out::refuse>) to.on(what, now, fx);
          },
          one.what);
    }
    carry_out(one.to, fx);
  }
  bool step() {
    std::vector<std::deque<letter>*> waiting;
    for (auto& [link, queue] : links)
      if (!queue.empty()) waiting.push_back(&queue);
    if (waiting.empty()) return false;
    auto& queue = *waiting[random() % waiting.size()];
    const auto one = std::move(queue.front());
    queue.pop_front();
    deliver(one);
    return true;
  }
  void tick() {
    now = now + limits::router_tick;
    for (std::uint32_t i = 0; i < routers.size(); ++i) {
      router_effects fx;
      routers[i].tick(now, fx);
      carry_out(i, fx);
    }
  }
  void want(std::uint32_t node, std::uint32_t log) {
    router_effects fx;
    routers[node].on(in::interest{log, pattern(">"), log_of(log)}, now, fx);
    carry_out(node, fx);
  }
  /// All know the holders of all logs, and these serve them.
  void hold(std::uint32_t log, const std::vector<std::uint32_t>& nodes) {
    std::vector<node_id> ids;
    for (const auto node : nodes)
      ids.push_back(node_of(node));
    for (std::uint32_t i = 0; i < routers.size(); ++i) {
      router_effects fx;
      if (i == log) continue;
      routers[i].on(in::holders{log_of(log), ids}, now, fx);
      if (std::ranges::find(nodes, i) != nodes.end()) routers[i].on(in::holds{log_of(log)}, now, fx);
      carry_out(i, fx);
    }
    holders[log] = nodes;
  }
  /// The source that has to serve a node: the log's own, a copy here, or the first holder that a path leads to.
  [[nodiscard]] std::optional<std::uint32_t> source_for(std::uint32_t from, std::uint32_t log) const {
    if (mesh.connected(from, log)) return log;
    const auto found = holders.find(log);
    if (found == holders.end()) return std::nullopt;
    if (std::ranges::find(found->second, from) != found->second.end()) return from;
    for (const auto node : found->second)
      if (mesh.connected(from, node)) return node;
    return std::nullopt;
  }
  /// A link breaks or comes; both ends know at once, others when their letter comes.
  void change(std::uint32_t a, std::uint32_t b) {
    const bool up = !mesh.nodes[a].links.contains(b);
    if (up)
      mesh.link(a, b, static_cast<std::uint8_t>(random() % 10));
    else
      mesh.nodes[a].links.erase(b), mesh.nodes[b].links.erase(a);
    for (const auto& [end, other] : {std::pair{a, b}, std::pair{b, a}}) {
      router_effects fx;
      if (up) {
        routers[end].on(in::link_up{node_of(other), mesh.nodes[end].links.at(other)}, now, fx);
      } else {
        links[{other, end}].clear();
        std::erase_if(upstream[end], [&, away = other](const auto& item) { return item.second.hop == node_of(away); });
        routers[end].on(in::link_down{node_of(other)}, now, fx);
      }
      carry_out(end, fx);
      for (std::uint32_t i = 0; i < routers.size(); ++i)
        if (i != end) links[{end, i + 1000}].push_back({end, i, member(mesh, end)}); // gossip goes its own ways
    }
  }
  /// Follows standing demands. @returns whether they lead to the source, or nothing when they run in a circle
  std::optional<bool> leads(std::uint32_t from, const log_source& source) const {
    std::set<std::uint32_t> passed{from};
    for (auto here = from; here != mesh.number_of(source.node);) {
      const auto found = upstream[here].find(source);
      if (found == upstream[here].end()) return false;
      here = mesh.number_of(found->second.hop);
      if (!passed.insert(here).second) return std::nullopt;
    }
    return true;
  }
};

TEST(mesh_of_routers, demands_find_every_log_that_a_path_leads_to_while_links_come_and_go) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 25; ++round) {
    const auto count = 3 + static_cast<std::uint32_t>(random() % 12);
    mesh_of_routers mesh(true_mesh::random(random, count, 4, 1 + static_cast<std::uint32_t>(random() % 3), 8), random);
    const auto any = [&] { return static_cast<std::uint32_t>(random() % count); };
    std::set<std::pair<std::uint32_t, std::uint32_t>> wanted;
    for (std::uint32_t log = 0; log < count; ++log) { // of every other log two copies somewhere
      const auto a = any(), b = any();
      if (log % 2 == 0 && a != b && a != log && b != log) mesh.hold(log, {a, b});
    }
    for (int step = 0; step < 300; ++step) {
      if (const auto from = any(), log = any(); from != log && step % 10 == 0 && wanted.emplace(from, log).second)
        mesh.want(from, log);
      if (const auto a = any(), b = any(); a != b && random() % 8 == 0) mesh.change(a, b);
      if (random() % 4 == 0) mesh.tick();
      for (auto letters = random() % 6; letters > 0; --letters)
        mesh.step();
    }
    for (int second = 0; second < 40; ++second) {
      while (mesh.step()) {}
      mesh.tick();
    }
    while (mesh.step()) {}
    for (const auto& [from, log] : wanted) {
      const auto expected = mesh.source_for(from, log);
      const auto source = mesh.routers[from].source_of(log_of(log), ">");
      ASSERT_EQ(mesh.mesh.number_of(source), expected.value_or(mesh.mesh.number_of(source))) << from << " for " << log;
      const auto leads = mesh.leads(from, {log_of(log), source});
      ASSERT_TRUE(leads) << "a circle from " << from << " for log " << log;
      ASSERT_EQ(*leads, expected.has_value()) << from << " for log " << log;
    }
    for (std::uint32_t node = 0; node < count; ++node) // nobody demands what nobody wants
      for (const auto& [source, asked] : mesh.upstream[node]) {
        bool needed = false;
        for (const auto& [from, which] : wanted) {
          if (source != log_source{log_of(which), mesh.routers[from].source_of(log_of(which), ">")}) continue;
          for (auto here = from; !needed && mesh.upstream[here].contains(source);) {
            needed = here == node;
            const auto next = mesh.mesh.number_of(mesh.upstream[here].at(source).hop);
            if (std::exchange(here, next) == next) break; // a copy there
          }
        }
        ASSERT_TRUE(needed) << node;
      }
  }
}

} // namespace
} // namespace weft::routing
