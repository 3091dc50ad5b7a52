#include "gui/core/mesh_fold.hpp"

#include "tests/gui/core/frame_maker.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using limits::second;
using telemetry::Kind;

constexpr time_us start = 1'800'000'000 * second;

class mesh_fold_picture : public testing::Test {
protected:
  /// The next frame of a node, `at` seconds after the start.
  frame_maker next(const std::string& node, double at, bool whole = false) {
    return {node, ++sequences_[node], start + static_cast<time_us>(at * second), whole};
  }
  bool take(frame_maker& made) { return fold_.take(std::move(made.frame), made_at(made)); }
  bool say(const std::string& node, double at, bool whole = false) {
    auto made = next(node, at, whole);
    return take(made);
  }
  snapshot look(double at) { return fold_.snapshot_at(start + static_cast<time_us>(at * second)); }
  static time_us made_at(const frame_maker& made) { return made.frame.time_us; }

  static const node_view& node(const snapshot& of, const std::string& name) {
    const auto at = std::ranges::find(of.nodes, name, &node_view::name);
    if (at == of.nodes.end()) throw std::out_of_range(name);
    return *at;
  }

  mesh_fold fold_{"shop"};
  std::map<std::string, std::uint64_t> sequences_;
};

TEST_F(mesh_fold_picture, rows_that_a_whole_frame_does_not_have_are_gone) {
  auto first = next("a", 0, true);
  first.topic("orders", 5);
  first.topic("carts", 5);
  take(first);
  auto part = next("a", 1);
  part.topic("orders", 6);
  take(part);
  EXPECT_EQ(look(1).topics.size(), 2U);
  auto whole = next("a", 2, true);
  whole.topic("orders", 6);
  take(whole);
  ASSERT_EQ(look(2).topics.size(), 1U);
  EXPECT_EQ(look(2).topics[0].name, "orders");
}

TEST_F(mesh_fold_picture, rows_that_are_said_to_be_gone_go) {
  auto first = next("a", 0, true);
  first.topic("orders", 5);
  first.lag("packers", "orders", 1, 1);
  first.flow("a", "b", {"a"}, 1);
  first.service("packer", "running");
  take(first);
  auto then = next("a", 1);
  then.gone(Kind::topic, "orders");
  then.gone(Kind::lag, "packers/orders");
  then.gone(Kind::flow, "a/b/orders/packers");
  then.gone(Kind::service, "packer");
  then.gone(Kind::link, "that was never there");
  take(then);
  const auto now = look(1);
  EXPECT_TRUE(now.topics.empty() && now.lag.empty() && now.flows.empty() && now.services.empty());
}

TEST_F(mesh_fold_picture, a_hole_waits_for_the_next_whole_frame_and_says_so) {
  say("a", 0, true);
  EXPECT_TRUE(node(look(0), "a").whole);
  sequences_["a"] += 1; // is lost
  auto after = next("a", 2);
  after.topic("orders", 3);
  take(after);
  EXPECT_FALSE(node(look(2), "a").whole);
  EXPECT_EQ(look(2).topics.size(), 1U) << "what came after the hole is newer than what is known";
  say("a", 3);
  EXPECT_FALSE(node(look(3), "a").whole);
  say("a", 4, true);
  EXPECT_TRUE(node(look(4), "a").whole);
}

TEST_F(mesh_fold_picture, who_begins_to_listen_in_between_waits_for_a_whole_frame) {
  sequences_["a"] = 16;
  say("a", 0);
  EXPECT_FALSE(node(look(0), "a").whole);
}

TEST_F(mesh_fold_picture, a_frame_that_came_before_is_no_news) {
  auto first = next("a", 0, true);
  first.topic("orders", 5);
  const auto copy = first.frame;
  EXPECT_TRUE(take(first));
  EXPECT_TRUE(say("a", 1));
  EXPECT_FALSE(fold_.take(copy, start + 2 * second));
  EXPECT_TRUE(node(look(2), "a").whole);
}

TEST_F(mesh_fold_picture, a_process_that_is_started_again_begins_anew) {
  auto first = next("a", 0, true);
  first.topic("orders", 500);
  first.service("packer", "running");
  take(first);
  auto again = frame_maker("a", 1, start + 5 * second, true);
  again.frame.started_us = start + 4 * second;
  again.topic("orders", 510);
  EXPECT_TRUE(take(again));
  const auto now = look(5);
  EXPECT_TRUE(now.services.empty());
  EXPECT_EQ(now.topics.at(0).published_per_s, 0) << "there is one look at the new process";
  EXPECT_FALSE(say("a", 6)) << "a frame of the old process that was under way";
}

TEST_F(mesh_fold_picture, both_ends_words_are_one_link) {
  for (double at = 0; at < 3; ++at) {
    auto a = next("a", at, true);
    auto& to_b = a.link("b");
    to_b.kind = "overlay";
    to_b.bytes_sent = static_cast<std::uint64_t>(1000 * at);
    to_b.bytes_received = static_cast<std::uint64_t>(50 * at);
    to_b.round_trip_s = 0.020;
    take(a);
    auto b = next("b", at, true);
    auto& to_a = b.link("a");
    to_a.bytes_sent = static_cast<std::uint64_t>(50 * at);
    to_a.bytes_received = static_cast<std::uint64_t>(1000 * at);
    to_a.round_trip_s = 0.022;
    take(b);
  }
  const auto now = look(2);
  ASSERT_EQ(now.links.size(), 1U);
  const auto& link = now.links[0];
  EXPECT_EQ(link.a + link.b + link.kind, "aboverlay");
  EXPECT_DOUBLE_EQ(link.a_to_b_bytes_per_s, 1000);
  EXPECT_DOUBLE_EQ(link.b_to_a_bytes_per_s, 50);
  EXPECT_DOUBLE_EQ(link.round_trip_s.value(), 0.020);
  EXPECT_EQ(link.shown, health::ok);
}

TEST_F(mesh_fold_picture, a_node_that_only_another_one_names_is_shown) {
  auto a = next("a", 0, true);
  a.link("b");
  take(a);
  const auto now = look(0);
  EXPECT_EQ(node(now, "b").shown, health::unknown);
  EXPECT_EQ(node(now, "b").heard_at, 0);
}

TEST_F(mesh_fold_picture, a_flow_is_told_by_its_end_and_by_those_it_passes) {
  for (double at = 0; at < 3; ++at) {
    const auto events = static_cast<std::uint64_t>(100 * at);
    auto relay = next("b", at, true);
    relay.flow("a", "c", {"a", "b"}, events + 40);
    take(relay);
    auto end = next("c", at, true);
    end.flow("a", "c", {"a", "b", "c"}, events);
    take(end);
  }
  const auto now = look(2);
  ASSERT_EQ(now.flows.size(), 1U);
  EXPECT_EQ(now.flows[0].path, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(now.flows[0].events, 200U);
  EXPECT_DOUBLE_EQ(now.flows[0].events_per_s, 100);
  EXPECT_DOUBLE_EQ(node(now, "c").delivered_per_s, 100);
  EXPECT_DOUBLE_EQ(node(now, "b").delivered_per_s, 0);
  EXPECT_DOUBLE_EQ(now.sums.delivered_per_s, 100);
}

TEST_F(mesh_fold_picture, programs_of_two_nodes_have_flows_of_their_own) {
  for (double at = 0; at < 3; ++at) {
    const auto events = static_cast<std::uint64_t>(100 * at);
    auto source = next("a", at, true);
    source.flow("a", "b", {"a"}, events);
    source.flow("a", "c", {"a"}, events);
    take(source);
    for (const auto* end : {"b", "c"}) {
      auto consumer = next(end, at, true);
      consumer.flow("a", "the program of this node", {"a", end}, events);
      take(consumer);
    }
  }
  const auto now = look(2);
  ASSERT_EQ(now.flows.size(), 2U) << "what the source says of them is said by their ends";
  EXPECT_EQ(now.flows[0].node, "b");
  EXPECT_EQ(now.flows[1].node, "c");
  EXPECT_DOUBLE_EQ(now.sums.delivered_per_s, 200);
}

TEST_F(mesh_fold_picture, what_is_merged_at_a_relay_is_one_hop_up_to_it) {
  for (double at = 0; at < 3; ++at) {
    const auto events = static_cast<std::uint64_t>(100 * at);
    auto source = next("a", at, true);
    source.flow("a", "r", {"a"}, events);
    take(source);
    auto relay = next("r", at, true);
    relay.flow("a", "c", {"a", "r"}, events);
    relay.flow("a", "d", {"a", "r"}, events);
    take(relay);
    for (const auto* end : {"c", "d"}) {
      auto consumer = next(end, at, true);
      consumer.flow("a", "a program", {"a", "r", end}, events);
      take(consumer);
    }
  }
  const auto now = look(2);
  ASSERT_EQ(now.flows.size(), 2U);
  ASSERT_EQ(now.hops.size(), 3U);
  EXPECT_EQ(std::tie(now.hops[0].from, now.hops[0].to), std::tuple("a", "r"));
  EXPECT_EQ(now.hops[0].flows, 2U);
  EXPECT_DOUBLE_EQ(now.hops[0].events_per_s, 100) << "not the sum of both";
  EXPECT_DOUBLE_EQ(now.hops[1].events_per_s, 100);
}

TEST_F(mesh_fold_picture, a_flow_whose_end_is_silent_is_told_by_who_sends_to_it) {
  auto end = next("b", 0, true);
  end.flow("a", "a program", {"a", "b"}, 10);
  take(end);
  for (double at = 0; at < 9; ++at) {
    auto source = next("a", at, true);
    source.flow("a", "b", {"a"}, static_cast<std::uint64_t>(50 * at));
    take(source);
  }
  const auto now = look(8);
  ASSERT_EQ(now.flows.size(), 1U);
  EXPECT_EQ(now.flows[0].to, "b");
  EXPECT_DOUBLE_EQ(now.flows[0].events_per_s, 50);
}

TEST_F(mesh_fold_picture, a_node_that_is_not_heard_is_unknown) {
  say("a", 0, true);
  say("a", 1);
  EXPECT_EQ(node(look(3.5), "a").shown, health::ok);
  const auto now = look(4);
  EXPECT_EQ(node(now, "a").shown, health::unknown);
  EXPECT_NE(node(now, "a").why.find("not heard for 3.0 s"), std::string::npos);
  EXPECT_EQ(now.sums.nodes_silent, 1U);
}

TEST_F(mesh_fold_picture, a_node_that_spoke_once_is_waited_for_until_it_may_speak_again) {
  say("a", 0, true);
  EXPECT_EQ(node(look(6), "a").shown, health::ok);
  EXPECT_EQ(node(look(6.1), "a").shown, health::unknown);
}

TEST_F(mesh_fold_picture, a_node_that_speaks_seldom_is_waited_for_longer) {
  for (double at = 0; at <= 20; at += 5)
    say("a", at, true);
  EXPECT_EQ(node(look(32), "a").shown, health::ok);
  EXPECT_EQ(node(look(33), "a").shown, health::unknown);
}

TEST_F(mesh_fold_picture, a_node_that_others_take_for_dead_has_failed) {
  say("a", 0, true);
  auto b = next("b", 9, true);
  b.node("a", "dead").since_us = start + 4 * second;
  take(b);
  const auto now = look(9);
  EXPECT_EQ(node(now, "a").state, "dead");
  EXPECT_EQ(node(now, "a").shown, health::fail);
  EXPECT_EQ(node(now, "a").since, start + 4 * second);
  EXPECT_EQ(node(look(60), "a").shown, health::unknown) << "who said so is not heard either";
}

TEST_F(mesh_fold_picture, a_node_that_speaks_but_is_suspect_for_others_is_looked_at) {
  say("a", 5, true);
  auto b = next("b", 5, true);
  b.node("a", "suspect");
  take(b);
  EXPECT_EQ(node(look(5), "a").shown, health::warn);
  EXPECT_EQ(node(look(5), "a").state, "alive");
  EXPECT_EQ(node(look(5), "a").why, "b takes it for suspect");
}

TEST_F(mesh_fold_picture, a_node_that_has_left_is_no_failure) {
  say("a", 0, true);
  auto b = next("b", 9, true);
  b.node("a", "left");
  take(b);
  EXPECT_EQ(node(look(9), "a").shown, health::unknown);
  EXPECT_EQ(node(look(9), "a").state, "left");
  EXPECT_EQ(look(9).sums.nodes, 1U);
}

TEST_F(mesh_fold_picture, a_frozen_log_is_a_failure_with_its_reason) {
  auto a = next("a", 0, true);
  a.frame.log = std::make_unique<telemetry::LogT>();
  a.frame.log->frozen = true;
  a.frame.log->why = "no space is left";
  take(a);
  EXPECT_EQ(node(look(0), "a").shown, health::fail);
  EXPECT_EQ(node(look(0), "a").why, "its log is frozen: no space is left");
}

TEST_F(mesh_fold_picture, rates_are_by_the_clock_of_who_speaks) {
  for (double at = 0; at < 5; ++at) {
    auto a = next("a", at, true);
    a.topic("orders", static_cast<std::uint64_t>(at * 300));
    a.topic("_weft.telemetry", static_cast<std::uint64_t>(at * 7));
    fold_.take(std::move(a.frame), start + static_cast<time_us>(at * 1.5 * second) + 90 * second); // late, and uneven
  }
  const auto now = fold_.snapshot_at(start + 96 * second);
  EXPECT_DOUBLE_EQ(now.topics.at(1).published_per_s, 300);
  EXPECT_DOUBLE_EQ(node(now, "a").published_per_s, 300) << "what the mesh says of itself is not counted";
  EXPECT_DOUBLE_EQ(now.sums.published_per_s, 300);
  EXPECT_NEAR(node(now, "a").clock_offset_s.value(), -90, 0.01);
}

TEST_F(mesh_fold_picture, what_did_not_change_has_no_rate) {
  for (double at = 0; at < 3; ++at) {
    auto a = next("a", at, at == 0);
    a.topic("orders", static_cast<std::uint64_t>(at * 300));
    take(a);
  }
  EXPECT_DOUBLE_EQ(look(2).topics.at(0).published_per_s, 300);
  say("a", 3);
  EXPECT_DOUBLE_EQ(look(3).topics.at(0).published_per_s, 0);
  auto a = next("a", 4);
  a.topic("orders", 700);
  take(a);
  EXPECT_DOUBLE_EQ(look(4).topics.at(0).published_per_s, 100) << "since the look before, not since it last changed";
}

TEST_F(mesh_fold_picture, a_topic_with_fewer_copies_than_asked_for_warns) {
  auto a = next("a", 0, true);
  a.topic("orders", 5).replicas = 2;
  take(a);
  auto b = next("b", 0, true);
  b.topic("orders", 7);
  take(b);
  const auto now = look(0);
  ASSERT_EQ(now.topics.size(), 1U);
  EXPECT_EQ(now.topics[0].events, 12U);
  EXPECT_EQ(now.topics[0].logs.size(), 2U);
  EXPECT_EQ(now.topics[0].shown, health::warn);
  EXPECT_EQ(now.topics[0].why, "0 of 2 copies of what is in the log of a");
}

TEST_F(mesh_fold_picture, percentiles_are_of_the_last_minute_and_of_all_nodes) {
  telemetry::sketch slow;
  slow.add(std::chrono::seconds(1), 1000); // long ago
  for (double at = 0; at <= 120; at += 1) {
    telemetry::sketch of;
    of.add(std::chrono::milliseconds(2), static_cast<std::uint64_t>(at));
    for (const auto* name : {"a", "b"}) {
      auto frame = next(name, at, true);
      auto sum = slow;
      sum.add(of);
      frame.latency("delivery", "orders", sum);
      take(frame);
    }
  }
  const auto now = look(120);
  ASSERT_EQ(now.latencies.size(), 1U);
  EXPECT_EQ(now.latencies[0].what + now.latencies[0].name, "deliveryorders");
  EXPECT_NEAR(static_cast<double>(now.latencies[0].took.count()), 120, 45);
  EXPECT_NEAR(now.sums.delivery_p99_s.value(), 0.002, 0.0001);
}

TEST_F(mesh_fold_picture, services_are_shown_as_they_do) {
  auto a = next("a", 0, true);
  a.service("one", "running");
  a.service("three", "failed").why = "it threw";
  a.service("two", "waiting").why = "its disk is full";
  a.service("twin", "waiting"); // stands by
  take(a);
  const auto now = look(0);
  ASSERT_EQ(now.services.size(), 4U);
  EXPECT_EQ(now.services[0].shown, health::ok);
  EXPECT_EQ(now.services[1].shown, health::fail);
  EXPECT_EQ(now.services[2].shown, health::ok);
  EXPECT_EQ(now.services[3].shown, health::warn);
}

TEST_F(mesh_fold_picture, a_node_that_is_long_silent_is_forgotten) {
  say("a", 0, true);
  EXPECT_EQ(look(3599).nodes.size(), 1U);
  EXPECT_EQ(look(3601).nodes.size(), 0U);
}

} // namespace
} // namespace weft::monitor
