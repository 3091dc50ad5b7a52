// What the network does to dials, frames and links, one fault at a time.
#include "tests/sim/stage_fixture.hpp"

namespace weft::sim {
namespace {

struct sim_network : stage_fixture {};

TEST_F(sim_network, dial_opens_both_ends_and_both_know_the_peer) {
  link(0, 1);
  EXPECT_EQ(heard_at(0, "opened"), virtual_time{2 * one_way.count()});
  EXPECT_EQ(heard_at(1, "accepted"), virtual_time{3 * one_way.count()});
  EXPECT_NE(w().identity(host_index{0}), w().identity(host_index{1}));
}

TEST_F(sim_network, two_dials_at_once_make_two_links) { // T28
  dial(0, 1);
  dial(1, 0);
  run(10ms);
  EXPECT_EQ(w().network().links_of(host_index{0}).size(), 2U);
}

TEST_F(sim_network, dial_to_nobody_gets_no_reply_and_to_a_killed_node_is_refused) {
  on(0).env.dial("192.0.2.1:1");
  w().kill(host_index{1});
  dial(0, 1);
  run(2 * one_way);
  EXPECT_TRUE(heard(0, "dial_failed refused"));
  run(options.network.dial_timeout);
  EXPECT_TRUE(heard(0, "dial_failed no_reply"));
}

TEST_F(sim_network, undialable_host_can_still_dial) {
  rule(path_effect::undialable, host_set::all(), only(1));
  dial(0, 1);
  run(10s);
  EXPECT_TRUE(heard(0, "dial_failed no_reply"));
  dial(1, 0);
  run(10ms);
  EXPECT_TRUE(heard(1, "opened"));
}

TEST_F(sim_network, frames_come_in_order_after_the_latency) {
  options.network.jitter = 5ms;
  dial(0, 1);
  run(50ms);
  for (const auto* text : {"a", "b", "c", "d", "e"})
    EXPECT_TRUE(on(0).say(text).taken);
  run(10ms);
  EXPECT_EQ(frames(1), "a b c d e ");
}

TEST_F(sim_network, bandwidth_queues_frames_and_a_send_tells_what_waits) {
  options.network.bandwidth = 1'000'000; // a byte a microsecond
  link(0, 1);
  const auto before = w().now();
  const std::string big(10'000, 'x');
  EXPECT_EQ(on(0).say(big).waiting_bytes, 10'000U);
  EXPECT_EQ(on(0).say("end").waiting_bytes, 10'003U);
  run(5ms);
  EXPECT_EQ(on(0).say("").waiting_bytes, 5'003U);
  run(20ms);
  EXPECT_EQ(heard_at(1, "frame end") - before, microseconds{10'003} + one_way);
}

TEST_F(sim_network, unsent_bytes_of_a_link_are_bounded) { // T24
  options.network.unsent_bytes_max = 1000;
  link(0, 1);
  rule(path_effect::clog, only(0), only(1));
  unsigned taken = 0;
  for (int i = 0; i < 100; ++i) {
    taken += on(0).say(std::string(100, 'x')).taken ? 1 : 0;
    run(2 * one_way);
  }
  EXPECT_EQ(taken, 10U);
}

TEST_F(sim_network, clogged_frames_come_in_order_when_it_ends) { // T25
  link(0, 1);
  const auto clog = rule(path_effect::clog, only(0), only(1));
  on(0).say("a");
  on(0).say("b");
  on(1).say("other_way");
  run(1s);
  EXPECT_EQ(frames(1), "");
  EXPECT_EQ(frames(0), "other_way ");
  on(0).say("c");
  run(one_way - 1us);
  w().network().remove_rule(clog);
  run(1ms);
  EXPECT_EQ(frames(1), "a b c ");
}

TEST_F(sim_network, one_way_cut_is_noticed_by_the_deaf_end_and_told_to_the_other) { // T23
  link(0, 1);
  const auto before = w().now();
  rule(path_effect::cut, only(0), only(1));
  on(1).say("still_heard");
  run(10s);
  EXPECT_EQ(frames(0), "still_heard ");
  EXPECT_EQ(heard_at(1, "closed silent") - before, options.network.heartbeat_timeout);
  EXPECT_EQ(heard_at(0, "closed broken") - before, options.network.heartbeat_timeout + one_way);
}

TEST_F(sim_network, short_cut_loses_nothing_as_tcp_sends_again) {
  link(0, 1);
  const auto cut = rule(path_effect::cut, only(0), only(1));
  on(0).say("a");
  run(2s);
  w().network().remove_rule(cut);
  run(1s);
  EXPECT_EQ(frames(1), "a ");
  EXPECT_FALSE(heard(1, "closed silent"));
}

TEST_F(sim_network, cut_loses_frames_when_the_run_says_so) {
  options.network.cut_loses_frames = true;
  link(0, 1);
  const auto cut = rule(path_effect::cut, only(0), only(1));
  on(0).say("lost");
  run(1s);
  w().network().remove_rule(cut);
  on(0).say("b");
  run(1s);
  EXPECT_EQ(frames(1), "b ");
}

TEST_F(sim_network, pair_that_is_cut_still_reaches_a_third) { // T23: A-B, B-C, not A-C
  rule(path_effect::cut, only(0), only(2));
  rule(path_effect::cut, only(2), only(0));
  link(0, 1);
  link(1, 2);
  dial(0, 2);
  run(10s);
  EXPECT_TRUE(heard(0, "dial_failed no_reply"));
  EXPECT_EQ(w().network().links_of(host_index{1}).size(), 2U);
}

TEST_F(sim_network, split_that_begins_and_ends_leaves_ways_open) {
  for (int i = 0; i < 3; ++i) {
    const auto there = rule(path_effect::cut, only(0), only(0).others());
    const auto back = rule(path_effect::cut, only(0).others(), only(0));
    run(20s);
    w().network().remove_rule(there);
    w().network().remove_rule(back);
  }
  link(0, 1);
  on(0).say("a");
  run(10ms);
  EXPECT_EQ(frames(1), "a ");
}

TEST_F(sim_network, broken_link_is_told_to_both_ends) {
  link(0, 1);
  EXPECT_EQ(w().network().break_links(host_index{0}, host_index{1}), 1U);
  run(2 * one_way);
  EXPECT_TRUE(heard(0, "closed broken"));
  EXPECT_TRUE(heard(1, "closed broken"));
  EXPECT_FALSE(on(0).say("x").taken);
  EXPECT_TRUE(w().network().links_of(host_index{0}).empty());
}

TEST_F(sim_network, close_lets_what_was_sent_before_arrive) {
  options.network.bandwidth = 100'000;
  dial(0, 1);
  run(50ms);
  on(0).say(std::string(1000, 'x'));
  on(0).say("last");
  on(0).env.close(on(0).link);
  run(1s);
  ASSERT_GE(records[1].size(), 2U);
  EXPECT_EQ(records[1].end()[-2].what, "frame last");
  EXPECT_EQ(records[1].back().what, "closed closed");
  EXPECT_FALSE(heard(0, "closed closed"));
}

TEST_F(sim_network, link_closed_in_the_callback_of_a_frame_is_over) {
  link(0, 1);
  on(1).on_frame_do = [&](link_id from) { on(1).env.close(from); };
  for (int i = 0; i < 5; ++i)
    on(0).say("x");
  run(1s);
  EXPECT_EQ(times_heard(1, "frame x"), 1U);
  EXPECT_EQ(w().network().of(host_index{1}).dropped.frames, 4U);
  EXPECT_TRUE(heard(0, "closed closed"));
}

TEST_F(sim_network, loss_duplicates_and_reordering_happen_only_while_sloppy) { // T25
  options.network.loss_per_mille = 300;
  options.network.duplicates_per_mille = 500;
  options.network.reorders_per_mille = 500;
  link(0, 1);
  const auto send_100 = [&] {
    for (int i = 0; i < 100; ++i) {
      on(0).say(std::to_string(100 + i));
      run(100us);
    }
    run(1s);
  };
  send_100();
  const auto ordered = frames(1);
  EXPECT_EQ(ordered.size(), 400U);
  w().network().set_sloppy(true);
  records[1].clear();
  send_100();
  std::map<std::string, int> times;
  bool in_order = true;
  for (std::size_t i = 0; i < records[1].size(); ++i) {
    ++times[records[1][i].what];
    if (i > 0) in_order = in_order && records[1][i - 1].what <= records[1][i].what;
  }
  EXPECT_LT(times.size(), 85U);
  EXPECT_GT(times.size(), 55U);
  EXPECT_GT(records[1].size(), times.size() + 20);
  EXPECT_FALSE(in_order);
}

TEST_F(sim_network, frames_and_bytes_are_counted_by_host_and_link) {
  options.network.loss_per_mille = 1000;
  link(0, 1);
  on(0).say("12345");
  run(10ms);
  w().network().set_sloppy(true);
  on(0).say("123");
  const auto& sender = w().network().of(host_index{0});
  const auto& taker = w().network().of(host_index{1});
  EXPECT_EQ(sender.sent, (tally{2, 8}));
  EXPECT_EQ(taker.received, (tally{1, 5}));
  EXPECT_EQ(taker.dropped, (tally{1, 3}));
  const auto way = w().network().towards(host_index{1}, on(0).link);
  ASSERT_TRUE(way);
  EXPECT_EQ(way->sent, (tally{2, 8}));
  EXPECT_EQ(way->dropped, (tally{1, 3}));
  EXPECT_EQ(w().network().towards(host_index{0}, on(0).link)->sent, (tally{0, 0}));
}

TEST_F(sim_network, latency_can_depend_on_the_pair) {
  options.network.latency_between = [](host_index from, host_index) { return from.value() == 0 ? 10ms : 1ms; };
  dial(0, 1);
  run(100ms);
  const auto before = w().now();
  on(0).say("slow");
  on(1).say("fast");
  run(100ms);
  EXPECT_EQ(heard_at(1, "frame slow") - before, microseconds{10ms});
  EXPECT_EQ(heard_at(0, "frame fast") - before, microseconds{1ms});
}

} // namespace
} // namespace weft::sim
