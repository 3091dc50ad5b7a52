// Flows of another node's log through this one: what its links hear, whatever comes and goes.
#include "mesh/routing/flow_sink.hpp"
#include "tests/actors/relay_fixture.hpp"
#include "tests/mesh/routing/log_of_entries.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace weft::actors {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

struct relays : testing::relay_fixture {
  relays() {
    link_up(a);
    link_up(c);
  }
  template <class Message>
  static std::optional<Message> last(const party& peer) {
    const auto all = peer.output->all<Message>();
    return all.empty() ? std::nullopt : std::optional(all.back());
  }
};

TEST_F(relays, a_peers_demand_is_served_from_the_hop_with_its_own_numbers_and_the_path) {
  say(c, demand(9));
  ASSERT_EQ(standing(a).size(), 1U);
  EXPECT_EQ(standing(a)[0].distance, (wire::distance{0, 1, 1}));
  EXPECT_EQ(standing(a)[0].window, limits::flow_window_bytes);
  const auto up = open(seq{5});
  run(up, 5, 8, bytes(1000));
  const auto opened = last<wire::flow_opened>(c);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->subscription, 9U);
  EXPECT_EQ(opened->at, (log_position{opening, seq{5}}));
  EXPECT_EQ(opened->node, "a");
  EXPECT_EQ(opened->path, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(c.output->runs.size(), 1U);
  EXPECT_EQ(c.output->runs[0].flow, opened->flow);
  EXPECT_EQ(c.output->runs[0].until, seq{8});
  EXPECT_EQ(c.output->payload_bytes, 1000U);
}

TEST_F(relays, equal_demands_of_peers_and_programs_have_one_flow_upstream) {
  link_up(d);
  link_up(program);
  say(c, demand(1));
  const auto first = open();
  say(d, demand(1));
  open();
  auto here = demand(1);
  here.distance.reset();
  say(program, here);
  open();
  ASSERT_EQ(standing(a).size(), 1U) << "who asked where it begins has joined";
  EXPECT_EQ(a.output->all<wire::demand>().size(), 3U);
  run(first, 0, 10, bytes(1000));
  run(first, 10, 20, bytes(5000));
  for (const auto* consumer : {&c, &d, &program}) {
    ASSERT_FALSE(consumer->output->runs.empty()) << consumer->name;
    EXPECT_EQ(consumer->output->runs.back().until, seq{20});
    EXPECT_EQ(consumer->output->payload_bytes, 6000U) << consumer->name;
  }
}

TEST_F(relays, a_demand_of_a_node_that_is_not_farther_is_refused_and_says_why) {
  for (const wire::distance theirs : {wire::distance{0, 1, 1}, wire::distance{0, 0, 0}}) {
    auto wanted = demand(9);
    wanted.distance = theirs;
    say(c, wanted);
    const auto closed = last<wire::flow_closed>(c);
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->subscription, 9U);
    EXPECT_EQ(closed->code, errc::no_route);
    c.output->said.clear();
  }
  EXPECT_TRUE(a.output->all<wire::demand>().empty());
}

TEST_F(relays, a_demand_without_a_log_or_a_distance_is_denied) {
  auto far = demand(1);
  far.distance.reset();
  auto any = demand(2);
  any.log.reset();
  say(c, far);
  say(c, any);
  ASSERT_EQ(c.output->all<wire::refused>().size(), 2U);
  for (const auto& refused : c.output->all<wire::refused>())
    EXPECT_EQ(refused.code, errc::denied);
}

TEST_F(relays, a_log_that_nobody_knows_has_no_route) {
  auto wanted = demand(1);
  wanted.log = log_id{testing::peer_id(99), 0};
  say(c, wanted);
  ASSERT_TRUE(last<wire::flow_closed>(c));
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::no_route);
}

TEST_F(relays, demands_without_end_are_refused_as_busy_and_end_with_their_link) { // T42
  constexpr std::uint64_t demands = 10'000;
  for (std::uint64_t number = 1; number <= demands; ++number)
    c.link.received(demand(number, "t" + std::to_string(number)), {});
  system.run();
  EXPECT_EQ(standing(a).size(), limits::flows_per_link_max);
  const auto refused = c.output->all<wire::refused>();
  ASSERT_EQ(refused.size(), demands - limits::flows_per_link_max);
  EXPECT_EQ(refused.back().code, errc::busy);
  EXPECT_THAT(refused.back().message, HasSubstr("routing.demands_per_link"));
  EXPECT_EQ(flows.all().size(), limits::flows_per_link_max);
  link_down(c);
  EXPECT_EQ(standing(a).size(), 0U);
  EXPECT_EQ(flows.all().size(), 0U);
  EXPECT_LE(wait(1min), 100U) << "only c's interest in the past is left";
  EXPECT_EQ(wait(1min), 0U);
}

TEST_F(relays, new_demands_are_busy_while_relays_hold_as_much_as_the_node_may) { // T42
  link_up(d);
  services.settings.relay_bytes_max = 1'000'000;
  std::vector<std::uint64_t> up;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    say(c, demand(number, "t" + std::to_string(number)));
    up.push_back(open());
    run(up.back(), 0, 1, bytes(200'000)); // kept for who comes from another hop
  }
  EXPECT_GE(services.relay_bytes, 1'000'000U);
  say(d, demand(6, "other"));
  ASSERT_TRUE(last<wire::flow_closed>(d));
  EXPECT_EQ(last<wire::flow_closed>(d)->code, errc::busy);
  EXPECT_THAT(last<wire::flow_closed>(d)->message, HasSubstr("routing.relay_bytes"));
  auto own = demand(7);
  own.log = services.own_log;
  say(d, own);
  EXPECT_TRUE(last<wire::flow_opened>(d)) << "this node's log needs no relay";
  for (const auto flow : up)
    run(flow, 1, 2, bytes(1000));
  EXPECT_EQ(c.output->payload_bytes, 5 * 201'000U) << "who is served stays served";
  for (std::uint64_t number = 1; number <= 5; ++number)
    say(c, wire::withdraw{number});
  EXPECT_EQ(services.relay_bytes, 0U);
  say(d, demand(8, "other"));
  EXPECT_EQ(standing(a).size(), 1U);
}

TEST_F(relays, who_is_behind_reads_on_its_own_while_relays_hold_as_much_as_the_node_may) { // T42
  link_up(d);
  services.settings.relay_bytes_max = 1'000'000;
  auto slow = demand(1);
  slow.window = limits::flow_window_bytes_min;
  say(c, slow);
  const auto up = open();
  for (std::uint64_t at = 0; at < 4; ++at)
    run(up, at, at + 1, bytes(500'000));
  auto fast = demand(2);
  fast.start = wire::start_kind::position;
  fast.at = {opening, seq{4}};
  say(d, fast); // shares what c has
  for (std::uint64_t at = 4; at < 10; ++at)
    run(up, at, at + 1, bytes(500'000));
  EXPECT_EQ(d.output->payload_bytes, 6 * 500'000U);
  EXPECT_LT(services.relay_bytes, 2'000'000U) << "4 MiB would be kept for c";
  const auto asked = standing(a);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked.back().start, wire::start_kind::position);
  EXPECT_EQ(asked.back().at, (log_position{opening, seq{4}})) << "where c is";
}

TEST_F(relays, a_link_has_no_more_demands_than_is_configured) { // T42
  services.settings.demands_per_link_max = 2;
  for (std::uint64_t number = 1; number <= 3; ++number)
    say(c, demand(number, "t" + std::to_string(number)));
  EXPECT_EQ(standing(a).size(), 2U);
  ASSERT_EQ(c.output->all<wire::refused>().size(), 1U);
  EXPECT_EQ(c.output->all<wire::refused>()[0].code, errc::busy);
  EXPECT_THAT(c.output->all<wire::refused>()[0].message, HasSubstr("routing.demands_per_link"));
}

TEST_F(relays, demands_over_a_link_that_is_not_in_use_are_answered_and_take_no_place_there) { // T42
  services.settings.demands_per_link_max = 2;
  router.peer_down(c.id, c.output);
  for (std::uint64_t number = 1; number <= 3; ++number)
    say(c, demand(number));
  const auto ended = c.output->all<wire::flow_closed>();
  ASSERT_EQ(ended.size(), 3U);
  for (const auto& one : ended)
    EXPECT_EQ(one.code, errc::cancelled);
  EXPECT_TRUE(c.output->all<wire::refused>().empty());
}

TEST_F(relays, a_node_has_no_more_demands_of_others_than_is_configured) { // T42
  services.settings.demands_max = 2;
  crash(kinds::router.name); // the next one has them
  link_up(d);
  say(c, demand(1));
  const auto up = open();
  say(d, demand(2, "other"));
  say(d, demand(3, "third"));
  EXPECT_EQ(standing(a).size(), 2U);
  ASSERT_TRUE(last<wire::flow_closed>(d));
  EXPECT_EQ(last<wire::flow_closed>(d)->subscription, 3U);
  EXPECT_EQ(last<wire::flow_closed>(d)->code, errc::busy);
  EXPECT_THAT(last<wire::flow_closed>(d)->message, HasSubstr("routing.demands "));
  run(up, 0, 10, bytes(5000));
  EXPECT_EQ(c.output->payload_bytes, 5000U) << "who is served stays served";
  say(c, wire::withdraw{1});
  say(d, demand(4, "third"));
  EXPECT_EQ(standing(a).size(), 2U) << "there is room again";
}

TEST_F(relays, a_demand_that_is_not_refreshed_ends) {
  say(c, demand(9));
  open();
  wait(limits::demand_life - 1s);
  EXPECT_FALSE(last<wire::flow_closed>(c));
  for (int second = 0; second < 3; ++second)
    wait(1s);
  ASSERT_TRUE(last<wire::flow_closed>(c));
  EXPECT_EQ(last<wire::flow_closed>(c)->subscription, 9U);
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::timed_out);
  EXPECT_TRUE(standing(a).empty());
}

TEST_F(relays, a_demand_that_is_refreshed_stays_and_so_does_the_one_upstream) {
  say(c, demand(9));
  const auto up = open();
  for (int second = 0; second < 60; ++second) {
    if (second % 10 == 9) say(c, wire::demand_refresh{{{9, {0, 1, 2}}}});
    run(up, 0, 0); // a hop that says nothing would be asked anew
    wait(1s);
  }
  EXPECT_FALSE(last<wire::flow_closed>(c));
  const auto refreshed = a.output->all<wire::demand_refresh>();
  EXPECT_GE(refreshed.size(), 5U);
  ASSERT_EQ(refreshed.back().demands.size(), 1U);
  EXPECT_EQ(refreshed.back().demands[0], (wire::standing_demand{standing(a)[0].subscription, {0, 1, 1}}));
  run(up, 0, 3, bytes(10));
  EXPECT_EQ(c.output->payload_bytes, 10U);
}

TEST_F(relays, one_that_comes_nearer_than_this_node_loses_its_flow) {
  say(c, demand(9));
  open();
  say(c, wire::demand_refresh{{{9, {0, 1, 1}}}});
  ASSERT_TRUE(last<wire::flow_closed>(c));
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::no_route);
  EXPECT_TRUE(standing(a).empty());
}

TEST_F(relays, a_withdrawal_ends_what_was_asked_for_it) {
  say(c, demand(9));
  open();
  say(c, wire::withdraw{9});
  EXPECT_TRUE(standing(a).empty());
  EXPECT_EQ(flows.all().size(), 0U);
  EXPECT_LE(wait(1min), 10U);
  EXPECT_EQ(wait(1min), 0U) << "nothing waits for time any more";
}

TEST_F(relays, a_node_without_the_role_relays_nothing) {
  services.roles = {};
  crash(kinds::router.name); // it begins with the new roles
  say(c, demand(9));
  ASSERT_TRUE(last<wire::flow_closed>(c));
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::denied);
  auto own = demand(10);
  own.log = services.own_log;
  say(c, own);
  EXPECT_TRUE(last<wire::flow_opened>(c)) << "its own log is another matter";
}

// --- loss

struct consumers : relays {
  consumers() {
    link_up(program);
    auto here = demand(1);
    here.distance.reset();
    say(program, here);
  }
};

TEST_F(consumers, a_program_waits_for_a_lost_hop_and_goes_on_where_it_was) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  link_down(a);
  EXPECT_FALSE(last<wire::flow_closed>(program));
  link_up(a);
  ASSERT_EQ(standing(a).size(), 1U);
  const auto again = standing(a)[0];
  EXPECT_EQ(again.start, wire::start_kind::position);
  EXPECT_EQ(again.at, (log_position{opening, seq{10}}));
  EXPECT_TRUE(again.resume);
  const auto next = open(seq{10});
  run(next, 10, 20, bytes(100));
  EXPECT_EQ(program.output->runs.back().until, seq{20});
  EXPECT_EQ(program.output->all<wire::flow_opened>().size(), 1U);
}

TEST_F(consumers, a_newer_link_of_the_hop_takes_over_at_the_same_place) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  link_up(a);
  ASSERT_EQ(standing(a).size(), 1U);
  EXPECT_EQ(standing(a)[0].at, (log_position{opening, seq{10}}));
  const auto next = open(seq{10});
  run(next, 10, 20, bytes(100));
  EXPECT_EQ(program.output->runs.back().until, seq{20});
}

TEST_F(consumers, a_peer_hears_that_the_way_is_gone) {
  say(c, demand(9));
  link_down(a);
  ASSERT_TRUE(last<wire::flow_closed>(c));
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::no_route);
}

TEST_F(consumers, a_crash_of_the_relay_loses_and_repeats_nothing) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  ASSERT_EQ(crash(kinds::relay.name), 1U);
  ASSERT_EQ(standing(a).size(), 1U) << "the demand before was withdrawn";
  EXPECT_EQ(standing(a)[0].at, (log_position{opening, seq{10}}));
  EXPECT_TRUE(standing(a)[0].resume);
  const auto next = open(seq{10});
  run(next, 10, 20, bytes(1'000'000));
  run(next, 20, 30, bytes(1'000'000));
  ASSERT_EQ(program.output->runs.size(), 3U);
  EXPECT_EQ(program.output->runs[1].from, seq{10});
  EXPECT_EQ(program.output->payload_bytes, 2'000'100U);
  EXPECT_EQ(program.output->all<wire::flow_opened>().size(), 1U);
  const auto flow = program.output->runs[0].flow;
  say(program, wire::credit{flow, 3 * limits::flow_window_bytes});
  ASSERT_TRUE(last<wire::credit>(a)) << "its credit counts from its own beginning, the new leg's from there";
  EXPECT_EQ(last<wire::credit>(a)->limit, 2'000'000U + limits::flow_window_bytes);
}

TEST_F(consumers, a_crash_of_the_router_loses_nothing) {
  say(c, demand(9, "other"));
  const auto up = open();
  ASSERT_EQ(crash(kinds::router.name), 1U);
  EXPECT_EQ(standing(a).size(), 2U);
  run(up, 0, 10, bytes(100));
  EXPECT_EQ(c.output->runs.size(), 1U);
  say(c, wire::demand_refresh{{{9, {0, 1, 2}}}});
  for (int second = 0; second < 11; ++second)
    wait(1s);
  ASSERT_TRUE(last<wire::demand_refresh>(a));
  EXPECT_EQ(last<wire::demand_refresh>(a)->demands.size(), 2U);
  link_down(a);
  link_up(a);
  EXPECT_EQ(standing(a).size(), 1U) << "the program's";
}

// --- silence

/// a is far away; d is linked with it, and a way to it.
struct silent_hops : consumers {
  silent_hops() {
    link_up(d);
    router.cost(a.id, 8);
    router.member({{d.id, node_number{d.id.bytes()[0]}, "", true, {{node_number{a.id.bytes()[0]}, 0}}},
                   "d",
                   true,
                   false,
                   {{}, {}}});
    system.run();
    up = open();
    run(up, 0, 10, bytes(100));
  }
  void seconds(int count, bool heartbeats) {
    for (; count > 0; --count) {
      wait(limits::run_heartbeat);
      if (heartbeats) run(up, 10, 10);
    }
  }
  std::uint64_t up = 0;
};

TEST_F(silent_hops, one_that_says_nothing_is_left_for_another_one_and_the_reason_is_told) { // T48
  seconds(30, true);
  EXPECT_EQ(standing(a).size(), 1U) << "heartbeats are enough";
  seconds(limits::leg_silent_after / limits::run_heartbeat + 1, false);
  EXPECT_TRUE(standing(a).empty());
  ASSERT_EQ(standing(d).size(), 1U);
  EXPECT_EQ(standing(d)[0].at, (log_position{opening, seq{10}}));
  EXPECT_FALSE(last<wire::flow_closed>(program));
  EXPECT_TRUE(std::ranges::any_of(lines, [](const auto& line) { return line.find("nothing came") != line.npos; }));
}

TEST_F(silent_hops, one_that_is_the_only_way_is_asked_again) {
  link_down(d);
  seconds(limits::leg_silent_after / limits::run_heartbeat + 1, false);
  ASSERT_EQ(standing(a).size(), 1U);
  EXPECT_EQ(a.output->all<wire::demand>().size(), 2U);
  run(open(seq{10}), 10, 20, bytes(100));
  EXPECT_EQ(program.output->runs.back().until, seq{20});
}

// --- copies

/// d and c hold copies of a's log.
struct copies : consumers {
  copies() {
    link_up(d);
    router.holders(log_of(a), {d.id, c.id});
    system.run();
  }
  /// @returns the flow's number
  std::uint64_t open_at(party& hop, seq at) {
    const auto wanted = standing(hop);
    EXPECT_EQ(wanted.size(), 1U);
    if (wanted.empty()) return 0;
    const auto flow = ++last_flow;
    say(hop, wire::flow_opened{wanted.back().subscription, flow, log_of(a), "a", {opening, at}, {"a"}});
    return flow;
  }
  void run_from(party& hop, std::uint64_t flow, std::uint64_t from, std::uint64_t until) {
    wire::run message;
    message.flow = flow;
    message.epoch = opening;
    message.from = seq{from};
    message.until = message.head = seq{until};
    say(hop, message, bytes(100));
  }
};

TEST_F(copies, serve_while_the_logs_node_is_away_and_it_goes_on_there_make_before_break) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  EXPECT_TRUE(standing(d).empty());
  link_down(a);
  ASSERT_EQ(standing(d).size(), 1U);
  EXPECT_EQ(standing(d)[0].source, d.id);
  EXPECT_EQ(standing(d)[0].at, (log_position{opening, seq{10}}));
  EXPECT_EQ(standing(d)[0].distance, (wire::distance{0, 1, 1}));
  run_from(d, open_at(d, seq{10}), 10, 20);
  EXPECT_EQ(program.output->runs.back().until, seq{20});
  link_up(a);
  ASSERT_EQ(standing(a).size(), 1U);
  EXPECT_FALSE(standing(a)[0].source) << "the log's own node is not named";
  EXPECT_EQ(standing(d).size(), 1U) << "it goes on until the log's node has opened";
  run_from(a, open_at(a, seq{20}), 20, 30);
  EXPECT_TRUE(standing(d).empty());
  EXPECT_EQ(program.output->runs.back().until, seq{30});
  EXPECT_EQ(program.output->payload_bytes, 300U);
  EXPECT_EQ(program.output->all<wire::flow_opened>().size(), 1U) << "the program notices nothing";
}

TEST_F(copies, one_that_does_not_have_all_is_passed_over_for_the_next) {
  link_down(a);
  ASSERT_EQ(standing(d).size(), 1U);
  say(d, wire::flow_closed{0, standing(d)[0].subscription, errc::not_held, "t is not here"});
  ASSERT_EQ(standing(c).size(), 1U);
  EXPECT_EQ(standing(c)[0].source, c.id);
  EXPECT_FALSE(last<wire::flow_closed>(program));
}

TEST_F(copies, a_start_that_no_copy_has_waits_and_disturbs_no_other_flow_of_the_pattern) {
  link_down(a);
  ASSERT_EQ(standing(d).size(), 1U);
  const auto flow = open_at(d, seq{0});
  run_from(d, flow, 0, 10);
  auto wanted = demand(2);
  wanted.distance.reset();
  wanted.filter.types = {"other"};
  wanted.start = wire::start_kind::position;
  wanted.at = {opening, seq{1000}};
  say(program, wanted);
  ASSERT_EQ(standing(d).size(), 2U);
  say(d, wire::flow_closed{0, standing(d)[1].subscription, errc::not_held, "the copy ends at 10"});
  for (const auto& one : c.output->all<wire::demand>())
    say(c, wire::flow_closed{0, one.subscription, errc::not_held, "this one too"});
  EXPECT_EQ(c.output->all<wire::demand>().size(), 2U) << "it might have had it";
  run_from(d, flow, 10, 20);
  EXPECT_EQ(program.output->runs.back().until, seq{20});
  EXPECT_FALSE(last<wire::flow_closed>(program));
  const auto asked = d.output->all<wire::demand>().size();
  for (int i = 0; i < 40; ++i) {
    wait(1s);
    run_from(d, flow, 20 + static_cast<std::uint64_t>(i), 21 + static_cast<std::uint64_t>(i));
  }
  EXPECT_GT(d.output->all<wire::demand>().size(), asked) << "it may have come so far";
  EXPECT_EQ(program.output->runs.back().until, seq{60});
}

TEST_F(copies, are_not_asked_for_named_subscriptions) {
  auto wanted = demand(2);
  wanted.distance.reset();
  wanted.name = "reader";
  say(program, wanted);
  ASSERT_EQ(standing(a).size(), 2U);
  link_down(a);
  ASSERT_EQ(standing(d).size(), 1U);
  EXPECT_EQ(standing(d)[0].name, "");
  wanted.subscription = 3;
  wanted.name = "another";
  say(program, wanted);
  EXPECT_EQ(standing(d).size(), 1U);
  link_up(a);
  EXPECT_EQ(standing(a).size(), 3U);
  EXPECT_FALSE(last<wire::flow_closed>(program));
}

TEST_F(copies, a_peers_demand_keeps_to_the_copy_that_it_names_and_hears_its_refusal) {
  auto wanted = demand(9);
  wanted.source = d.id;
  say(c, wanted);
  ASSERT_EQ(standing(d).size(), 1U);
  EXPECT_EQ(standing(d)[0].source, d.id);
  EXPECT_EQ(standing(a).size(), 1U) << "the program's, at the log's own node";
  say(d, wire::flow_closed{0, standing(d)[0].subscription, errc::not_held, "t is not here"});
  ASSERT_TRUE(last<wire::flow_closed>(c));
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::not_held);
}

TEST_F(copies, a_program_shares_the_flow_that_a_peer_has_of_the_copy_and_leaves_it_to_go_back) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  auto wanted = demand(9);
  wanted.source = d.id;
  wanted.start = wire::start_kind::position;
  wanted.at = {opening, seq{10}};
  say(c, wanted);
  const auto copy = open_at(d, seq{10});
  run_from(d, copy, 10, 20);
  link_down(a);
  EXPECT_EQ(standing(d).size(), 1U) << "what it lacks is in the buffer";
  EXPECT_EQ(program.output->runs.back().until, seq{20});
  link_up(a);
  EXPECT_EQ(standing(d).size(), 1U) << "the peer's";
  run_from(a, open_at(a, seq{20}), 20, 30);
  EXPECT_EQ(program.output->runs.back().until, seq{30});
  EXPECT_EQ(program.output->payload_bytes, 300U);
  EXPECT_EQ(c.output->payload_bytes, 100U);
}

TEST_F(copies, a_flow_that_has_to_move_again_while_it_is_between_two_relays_arrives) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  auto wanted = demand(9);
  wanted.source = d.id;
  wanted.start = wire::start_kind::position;
  wanted.at = {opening, seq{10}};
  say(c, wanted); // so the copy has a relay of its own
  const auto copy = open_at(d, seq{10});
  run_from(d, copy, 10, 20);
  const auto of_program = last<wire::flow_opened>(program);
  ASSERT_TRUE(of_program);
  const linked_peer peer{
      a.id, node_number{1}, "a", "test", false, true, false, false, std::make_shared<link_ref>(a.link), a.output};
  program.link.received(wire::credit{of_program->flow, 2 * limits::flow_window_bytes}, {});
  for (int i = 0; i < 3; ++i) { // relays hear of it when all has happened
    router.peer_down(a.id, a.output);
    router.peer_up(peer);
  }
  router.cost(a.id, 0);
  system.run();
  run_from(a, open_at(a, seq{10}), 10, 30);
  EXPECT_EQ(program.output->runs.back().until, seq{30});
  EXPECT_EQ(program.output->payload_bytes, 200U);
  const auto credit = last<wire::credit>(a);
  EXPECT_TRUE(credit || standing(a).back().window > limits::flow_window_bytes / 2);
}

TEST_F(copies, a_crash_of_the_router_leaves_each_flow_at_its_source) {
  link_down(a);
  const auto copy = open_at(d, seq{0});
  ASSERT_EQ(crash(kinds::router.name), 1U);
  EXPECT_EQ(standing(d).size(), 1U);
  run_from(d, copy, 0, 10);
  EXPECT_EQ(program.output->runs.back().until, seq{10});
}

TEST_F(consumers, what_the_hop_ends_for_a_passing_reason_is_demanded_there_again) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  for (const auto code : {errc::internal, errc::cancelled, errc::timed_out}) {
    const auto number = a.output->all<wire::demand>().back().subscription;
    say(a, wire::flow_closed{0, number, code, "passes"});
    EXPECT_EQ(a.output->all<wire::demand>().back().subscription, number);
    wait(limits::demand_again_after);
    const auto again = a.output->all<wire::demand>().back();
    EXPECT_NE(again.subscription, number);
    EXPECT_EQ(again.at, (log_position{opening, seq{10}}));
  }
  EXPECT_FALSE(last<wire::flow_closed>(program));
}

TEST_F(consumers, what_the_hop_will_never_serve_ends_the_flow_with_its_reason) {
  const auto number = a.output->all<wire::demand>().back().subscription;
  say(a, wire::refused{errc::denied, "not for you", number, 0});
  ASSERT_TRUE(last<wire::flow_closed>(program));
  EXPECT_EQ(last<wire::flow_closed>(program)->code, errc::denied);
  EXPECT_EQ(last<wire::flow_closed>(program)->flow, 0U) << "it never heard of the flow";
}

TEST_F(consumers, a_demand_that_the_only_hop_has_no_room_for_ends_no_other_flow_of_the_log) {
  const auto up = open();
  say(c, demand(9));
  say(c, demand(10, "other"));
  const auto number = standing(a).back().subscription;
  ASSERT_EQ(standing(a).back().pattern, "other");
  say(a, wire::flow_closed{0, number, errc::busy, "as many as it may have"});
  run(up, 0, 10, bytes(100));
  EXPECT_EQ(program.output->payload_bytes, 100U);
  EXPECT_TRUE(c.output->all<wire::flow_closed>().empty());
  EXPECT_EQ(a.output->all<wire::demand>().back().subscription, number);
  wait(limits::router_tick);
  EXPECT_NE(a.output->all<wire::demand>().back().subscription, number);
  EXPECT_EQ(a.output->all<wire::demand>().back().pattern, "other");
  say(a, wire::flow_closed{0, a.output->all<wire::demand>().back().subscription, errc::busy, "and it still has"});
  ASSERT_EQ(c.output->all<wire::flow_closed>().size(), 1U) << "c may know another way";
  EXPECT_EQ(last<wire::flow_closed>(c)->subscription, 10U);
  EXPECT_EQ(last<wire::flow_closed>(c)->code, errc::busy);
  EXPECT_FALSE(last<wire::flow_closed>(program));
}

TEST_F(consumers, a_flow_that_opens_many_times_is_dropped_and_holds_nothing) { // T42
  open();
  const auto number = standing(a).back().subscription;
  for (std::uint64_t flow = 1000; flow < 2000; ++flow)
    say(a, wire::flow_opened{number, flow, log_of(a), "a", {opening, seq{0}}, {}});
  EXPECT_TRUE(standing(a).empty());
}

// --- named subscriptions

struct named : relays {
  named() {
    link_up(program);
    auto wanted = demand(1);
    wanted.distance.reset();
    wanted.name = "reader";
    say(program, wanted);
  }
  void commit(std::uint64_t until) {
    say(program, wire::commit{last<wire::flow_opened>(program)->flow, {opening, seq{until}}});
  }
};

TEST_F(named, a_name_has_a_flow_of_its_own_and_starts_at_its_cursor) {
  auto other = demand(2);
  other.distance.reset();
  say(program, other);
  ASSERT_EQ(standing(a).size(), 2U);
  EXPECT_EQ(standing(a)[0].name, "reader");
  EXPECT_FALSE(standing(a)[0].resume);
}

TEST_F(named, commits_go_up_the_leg_that_serves_it) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  commit(7);
  commit(10);
  commit(8);
  const auto commits = a.output->all<wire::commit>();
  ASSERT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits[1], (wire::commit{up, {opening, seq{10}}}));
}

TEST_F(named, the_highest_commit_made_while_there_was_no_hop_goes_up_with_the_next) {
  const auto up = open();
  run(up, 0, 10, bytes(100));
  link_down(a);
  commit(7);
  commit(10);
  link_up(a);
  EXPECT_TRUE(a.output->all<wire::commit>().empty()) << "the number it had is another flow's on this link";
  const auto next = open(seq{10});
  const auto commits = a.output->all<wire::commit>();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0], (wire::commit{next, {opening, seq{10}}}));
}

TEST_F(named, a_name_that_is_in_use_waits_and_disturbs_no_other_flow_of_the_log) {
  auto other = demand(2);
  other.distance.reset();
  say(program, other);
  const auto up = open();
  const auto number = standing(a)[0].subscription;
  say(a, wire::flow_closed{0, number, errc::busy, "somebody has it"});
  run(up, 0, 10, bytes(100));
  EXPECT_EQ(program.output->runs.size(), 1U);
  EXPECT_EQ(a.output->all<wire::withdraw>().size(), 0U);
  wait(limits::demand_again_after);
  EXPECT_EQ(a.output->all<wire::demand>().back().name, "reader");
  EXPECT_EQ(a.output->all<wire::demand>().size(), 3U);
}

// --- a consumer that does not read

struct stuck_link : relays {
  /// Lets a send what it has credit for. @returns the cost of all that it sent
  std::uint64_t send_all(std::uint64_t flow, std::size_t run_bytes) {
    while (true) {
      std::uint64_t limit = limits::flow_window_bytes;
      for (const auto& credit : a.output->all<wire::credit>())
        if (credit.flow == flow) limit = std::max(limit, credit.limit);
      if (sent + routing::run_cost(run_bytes) > limit || until >= most) return sent;
      run(flow, until, until + 1, bytes(run_bytes));
      ++until;
      sent += routing::run_cost(run_bytes);
    }
  }
  void drain() {
    while (!c.output->lanes.empty()) {
      c.output->lanes.pop_front();
      system.run();
    }
  }
  std::uint64_t sent = 0, until = 0, most = 100;
};

TEST_F(stuck_link, holds_a_window_here_and_its_room_in_the_link_whatever_credit_the_peer_gives) { // T32
  c.output->stuck = true;
  auto wanted = demand(9);
  wanted.window = std::uint64_t{1} << 62U;
  say(c, wanted);
  const auto up = open();
  say(c, wire::credit{last<wire::flow_opened>(c)->flow, ~std::uint64_t{0}});
  send_all(up, 1'000'000);
  EXPECT_LE(c.output->held_most, limits::link_credit_bytes_max);
  EXPECT_LE(sent, limits::link_credit_bytes_max + 2 * limits::flow_window_bytes);
  EXPECT_GE(sent, limits::link_credit_bytes_max / 2);
  for (int round = 0; round < 50 && until < most; ++round) {
    drain();
    send_all(up, 1'000'000);
  }
  drain();
  ASSERT_EQ(c.output->runs.size(), most);
  for (std::uint64_t i = 0; i < most; ++i)
    EXPECT_EQ(c.output->runs[i].from, seq{i});
  EXPECT_LE(c.output->held_most, limits::link_credit_bytes_max);
}

TEST_F(stuck_link, does_not_hold_up_others) {
  link_up(d);
  c.output->stuck = true;
  auto wanted = demand(9);
  wanted.window = std::uint64_t{1} << 62U;
  say(c, wanted);
  const auto up = open();
  say(d, wanted);
  open();
  most = 60;
  send_all(up, 1'000'000);
  EXPECT_EQ(d.output->runs.size(), most);
  EXPECT_LE(c.output->held_most, limits::link_credit_bytes_max);
}

TEST_F(stuck_link, many_flows_of_it_hold_no_more_and_each_goes_on_where_it_was) { // T32
  constexpr std::uint64_t flows_max = 40, runs_each = 40;
  constexpr std::size_t run_bytes = 100'000;
  c.output->stuck = true;
  for (std::uint64_t number = 1; number <= flows_max; ++number) {
    auto wanted = demand(number, "t" + std::to_string(number));
    wanted.window = std::uint64_t{1} << 62U;
    say(c, wanted);
  }
  // a sends each demand what its first window allows, from wherever it starts.
  std::set<std::uint64_t> served;
  const auto serve = [&] {
    for (const auto& wanted : standing(a)) {
      if (!served.insert(wanted.subscription).second) continue;
      const std::uint64_t from = wanted.start == wire::start_kind::position ? wanted.at.seq.value() : 0;
      const auto flow = ++last_flow;
      say(a, wire::flow_opened{wanted.subscription, flow, log_of(a), "a", {opening, seq{from}}, {"a"}});
      for (std::uint64_t at = from; at < runs_each && (at - from + 1) * run_bytes <= wanted.window; ++at)
        run(flow, at, at + 1, bytes(run_bytes));
    }
  };
  serve();
  EXPECT_LE(c.output->held_most, limits::link_credit_bytes_max);
  EXPECT_LE(bytes_alive_most, 2 * limits::link_credit_bytes_max + (flows_max + 1) * limits::relay_tail_bytes);
  EXPECT_LT(standing(a).size(), flows_max) << "some were given up for now";
  for (int round = 0; round < 1000 && c.output->runs.size() < flows_max * runs_each; ++round) {
    drain();
    serve();
  }
  EXPECT_LE(bytes_alive_most, 2 * limits::link_credit_bytes_max + (flows_max + 1) * limits::relay_tail_bytes);
  std::map<std::uint64_t, std::uint64_t> next;
  for (const auto& each : c.output->runs)
    EXPECT_EQ(each.from.value(), next[each.flow]++);
  EXPECT_EQ(next.size(), flows_max);
  for (const auto& [flow, until_there] : next)
    EXPECT_EQ(until_there, runs_each);
  EXPECT_EQ(c.output->all<wire::flow_opened>().size(), flows_max);
}

TEST_F(stuck_link, runs_without_bytes_do_not_gather_without_end) {
  say(c, demand(9));
  const auto up = open();
  std::deque<link_room::place> places;
  while (auto place = c.output->room->take(1, [](const auto&) {}))
    places.push_back(std::move(place));
  run(up, 0, 1, bytes(1000));
  for (std::uint64_t at = 1; at <= limits::link_credit_bytes_max / limits::relay_run_overhead; ++at)
    run(up, at, at + 1);
  EXPECT_TRUE(standing(a).empty()) << "it has left";
  EXPECT_FALSE(last<wire::flow_closed>(c));
  places.clear();
  system.run();
  ASSERT_EQ(standing(a).size(), 1U);
  EXPECT_EQ(standing(a)[0].at.seq, c.output->runs.back().until);
}

TEST_F(stuck_link, runs_that_tell_much_without_bytes_count_with_what_they_tell) {
  say(c, demand(9));
  const auto up = open();
  std::deque<link_room::place> places;
  while (auto place = c.output->room->take(1, [](const auto&) {}))
    places.push_back(std::move(place));
  run(up, 0, 1, bytes(1000));
  wire::run gap;
  gap.flow = up;
  gap.epoch = opening;
  gap.from = gap.until = gap.head = seq{1};
  gap.gap_code = errc::log_start;
  gap.starts.assign(limits::run_starts_max,
                    {std::string(limits::topic_name_bytes_max, 't'), topic_offset{1}, {opening, seq{1}}});
  const auto each = limits::run_starts_max * limits::topic_name_bytes_max;
  for (sent = 0; sent <= limits::link_credit_bytes_max; sent += each)
    say(a, gap);
  EXPECT_TRUE(standing(a).empty()) << "it has left";
  EXPECT_FALSE(last<wire::flow_closed>(c));
}

// --- what operators see

TEST_F(relays, links_and_flows_are_told) {
  auto wanted = demand(9);
  wanted.distance = wire::distance{0, 1, 20};
  say(c, wanted);
  const auto up = open();
  run(up, 0, 10, bytes(100));
  router.cost(a.id, 4);
  const auto links = json::parse(ask([&](auto answer) { router.links(answer); }))["links"];
  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(links[0]["name"], "a");
  EXPECT_EQ(links[0]["flows_in"], 1);
  EXPECT_EQ(links[0]["flows_out"], 0);
  EXPECT_EQ(links[0]["kind"], "route");
  EXPECT_DOUBLE_EQ(links[0]["round_trip_s"].get<double>(), 64e-6 * 16);
  EXPECT_EQ(links[1]["flows_out"], 1);
  EXPECT_DOUBLE_EQ(links[1]["round_trip_s"].get<double>(), 64e-6);
  const auto on_board = flows.all();
  ASSERT_EQ(on_board.size(), 1U);
  EXPECT_EQ(on_board[0]->from, "a");
  EXPECT_EQ(on_board[0]->to, "c");
  EXPECT_EQ(on_board[0]->path(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(on_board[0]->head, 10U);
  EXPECT_EQ(on_board[0]->credit, limits::flow_window_bytes - routing::run_cost(100));
}

TEST_F(relays, what_says_nothing_counts_no_events) {
  say(c, demand(9));
  const auto up = open();
  routing::log_of_entries there;
  there.id = log_of(a);
  there.opening = opening;
  there.append(100, routing::entry_fate::passes, 10);
  run(up, 0, 10, there.entries[0].bytes);
  for (int heartbeats = 0; heartbeats < 3; ++heartbeats)
    run(up, 10, 10);
  ASSERT_EQ(flows.all().size(), 1U);
  EXPECT_EQ(flows.all()[0]->events, 10U);
}

TEST_F(relays, routes_say_the_way_to_each_node_or_why_there_is_none) {
  const auto member = [](std::uint8_t number, const std::string& name, std::vector<wire::announced_link> links,
                         bool alive) {
    return routing::router_in::member{
        {testing::peer_id(number), node_number{number}, "", true, std::move(links)}, name, alive, false, {{"t"}, {}}};
  };
  router.member(member(5, "far", {{node_number{3}, 2}}, true));
  router.member(member(6, "dead", {}, false));
  router.member(member(8, "alone", {}, true));
  const auto routes =
      json::parse(ask([&](auto answer) { router.routes(topic_pattern::parse("t").value(), answer); }))["routes"];
  SCOPED_TRACE(routes.dump());
  const auto row = [&](const std::string& name) {
    for (const auto& one : routes)
      if (one["node"] == name) return one;
    return json();
  };
  EXPECT_EQ(row("far")["path"], (json{"far", "c", "b"}));
  EXPECT_EQ(row("far")["next"], "c");
  EXPECT_EQ(row("far")["cost"], 4);
  EXPECT_TRUE(row("far")["why"].is_null());
  EXPECT_EQ(row("a")["path"], (json{"a", "b"}));
  EXPECT_EQ(row("dead")["state"], "dead");
  EXPECT_NE(row("dead")["why"], nullptr);
  EXPECT_TRUE(row("alone")["next"].is_null());
  EXPECT_NE(row("alone")["why"], nullptr);
}

TEST_F(relays, a_node_at_rest_wakes_nobody) {
  wait(1min);
  EXPECT_EQ(wait(1min), 0U);
}

TEST_F(relays, links_that_flows_want_are_asked_for_and_released) {
  std::vector<std::string> asked;
  services.want_link = [&](const node_id& node) { asked.push_back("want " + std::to_string(node.bytes()[0])); };
  services.release_link = [&](const node_id& node) { asked.push_back("release " + std::to_string(node.bytes()[0])); };
  say(c, demand(9));
  EXPECT_EQ(asked, std::vector<std::string>{"want 1"});
  crash(kinds::router.name);
  EXPECT_EQ(asked.back(), "want 1");
  say(c, wire::withdraw{9});
  EXPECT_EQ(asked.back(), "release 1");
}

} // namespace
} // namespace weft::actors
