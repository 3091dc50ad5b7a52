#include "mesh/routing/relay.hpp"

#include "mesh/base/planted_bug.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/routing/log_of_entries.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

using in = relay::in;
using out = relay::out;

constexpr std::uint64_t window = limits::flow_window_bytes_min;
const node_id a = node_of(1), b = node_of(2);

/// One relay, hops that answer at once, consumers that take when told.
struct relay_fixture_base : ::testing::Test {
  log_of_entries log;
  std::map<node_id, serving_hop> hops{{a, {&log}}, {b, {&log}}};
  std::map<std::uint64_t, checking_consumer> consumers;
  relay machine{log.id};
  relay_effects fx;
  std::vector<out::demand> demands;
  std::vector<out::withdraw> withdrawn;
  std::vector<out::hop_refused> refused;
  std::vector<out::source_refused> sources_refused;
  std::size_t tries_again = 0;
  bool answers = true;

  template <class Message>
  void tell(const Message& message) {
    machine.on(message, fx);
    carry_out();
  }
  void tell(const in::hop_lost& lost) {
    hops[lost.hop].legs.clear();
    machine.on(lost, fx);
    carry_out();
  }
  void carry_out() {
    while (!fx.empty()) {
      const auto effects = std::exchange(fx, {});
      for (const auto& effect : effects)
        std::visit([this](const auto& one) { done(one); }, effect);
    }
  }
  void done(const out::demand& one) {
    demands.push_back(one);
    if (answers) machine.on(hops.at(one.hop).open(one), fx);
  }
  void done(const out::withdraw& one) {
    withdrawn.push_back(one);
    hops.at(one.hop).legs.erase(one.leg);
  }
  void done(const out::leg_credit& one) {
    for (auto& [id, hop] : hops)
      if (const auto leg = hop.legs.find(one.leg); leg != hop.legs.end()) {
        ASSERT_GT(one.limit, leg->second.limit);
        leg->second.limit = one.limit;
      }
  }
  void done(const out::hop_refused& one) { refused.push_back(one); }
  void done(const out::source_refused& one) { sources_refused.push_back(one); }
  void done(const out::try_again&) { ++tries_again; }
  void done(const out::opened& one) { consumers.at(one.flow).opened(one.at); }
  void done(const out::forward& one) {
    const auto good = consumers.at(one.flow).take(log, one);
    ASSERT_TRUE(good) << good.error().message();
  }
  void done(const out::close& one) { consumers.at(one.flow).closed = one.why; }

  void join(std::uint64_t flow, wire::start_kind kind = wire::start_kind::beginning, log_position at = {},
            bool moves = false) {
    consumers[flow].window = window;
    tell(in::join{flow, {kind, {}, at}, window, moves});
  }
  void consume(std::uint64_t flow, std::uint64_t cost = ~std::uint64_t{0}) {
    if (const auto limit = consumers.at(flow).consume(cost)) tell(in::credit{flow, *limit});
  }
  /// Lets the hop send what credit allows. @returns how many runs
  std::size_t flow_from(const node_id& hop, std::size_t entries_a_run = 1) {
    std::size_t runs = 0;
    std::vector<std::uint64_t> legs;
    for (const auto& [leg, state] : hops.at(hop).legs)
      legs.push_back(leg);
    for (const auto leg : legs)
      while (hops.at(hop).legs.contains(leg)) {
        auto run = hops.at(hop).run(leg, entries_a_run);
        if (!run || run->run.from == run->run.until) break;
        ++runs;
        tell(std::move(*run));
      }
    return runs;
  }
  void tell(in::leg_run run) {
    machine.on(std::move(run), fx);
    carry_out();
  }
  std::vector<seq> missing_of(std::uint64_t flow) {
    const auto& consumer = consumers.at(flow);
    const auto expected = log.expected(consumer.start, log.end());
    if (expected == consumer.got) return {};
    auto wrong = consumer.got;
    if (wrong.empty()) wrong = expected;
    return wrong;
  }
  std::uint64_t sent_up() const {
    std::uint64_t bytes = 0;
    for (const auto& [id, hop] : hops)
      bytes += hop.bytes;
    return bytes;
  }
  void append(std::size_t count, std::size_t body = 1000) {
    for (; count > 0; --count)
      log.append(body);
  }
};
struct relays : relay_fixture_base {};

TEST_F(relays, one_flow_is_passed_on_from_where_it_starts) {
  append(5);
  join(1);
  EXPECT_TRUE(demands.empty());
  tell(in::route{a});
  ASSERT_EQ(demands.size(), 1U);
  EXPECT_EQ(demands[0].window, window);
  flow_from(a, 2);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, equal_demands_cost_the_upstream_link_once) {
  tell(in::route{a});
  for (std::uint64_t flow = 1; flow <= 5; ++flow)
    join(flow, wire::start_kind::end);
  for (int i = 0; i < 100; ++i) {
    append(1, 50'000);
    flow_from(a);
    for (std::uint64_t flow = 1; flow <= 5; ++flow)
      consume(flow);
  }
  for (std::uint64_t flow = 1; flow <= 5; ++flow)
    EXPECT_TRUE(missing_of(flow).empty()) << flow;
  EXPECT_EQ(sent_up(), 100U * (50'000 + limits::entry_header_bytes));
  EXPECT_EQ(machine.channels(), 1U);
  EXPECT_EQ(hops.at(a).legs.size(), 1U);
}

TEST_F(relays, later_one_asks_only_where_it_begins_when_it_may_share) {
  append(3);
  tell(in::route{a});
  join(1);
  flow_from(a);
  join(2, wire::start_kind::end);
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_EQ(demands[1].window, 0U);
  EXPECT_EQ(consumers.at(2).start, seq{3});
  EXPECT_EQ(hops.at(a).legs.size(), 1U);
  append(2);
  flow_from(a);
  EXPECT_TRUE(missing_of(2).empty());
}

/// What the relay still has may have been deleted, and nobody who follows the end is told.
TEST_F(relays, who_begins_where_the_log_does_gets_nothing_that_came_before_from_the_buffer) { // T12
  append(3);
  tell(in::route{a});
  join(1);
  flow_from(a);
  const auto before = sent_up();
  join(2);
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_TRUE(consumers.at(2).got.empty());
  flow_from(a);
  EXPECT_GT(sent_up(), before) << "from the log";
  EXPECT_TRUE(missing_of(2).empty());
  EXPECT_EQ(machine.channels(), 1U) << "it has caught up";
}

TEST_F(relays, position_that_the_buffer_has_is_served_without_asking_the_source) {
  append(10);
  tell(in::route{a});
  join(1, wire::start_kind::position, {log.opening, seq{0}});
  flow_from(a, 10); // one run
  join(2, wire::start_kind::position, {log.opening, seq{4}});
  EXPECT_EQ(demands.size(), 1U);
  EXPECT_EQ(consumers.at(2).got, (std::vector<seq>{seq{4}, seq{5}, seq{6}, seq{7}, seq{8}, seq{9}}));
  join(3, wire::start_kind::position, {epoch{9, 9}, seq{4}}); // the same seq in another epoch means something else
  EXPECT_EQ(demands.size(), 2U);
}

TEST_F(relays, position_is_not_served_with_what_left_out_what_was_gone_untold) {
  append(10);
  tell(in::route{a});
  join(1); // from the beginning: what is gone by now is not told
  flow_from(a, 10);
  join(2, wire::start_kind::position, {log.opening, seq{4}});
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_EQ(demands[1].start.at, (log_position{log.opening, seq{4}}));
  EXPECT_EQ(machine.channels(), 2U);
  append(1);
  flow_from(a);
  EXPECT_EQ(machine.channels(), 1U) << "what came into the log since is the same for both";
  EXPECT_TRUE(missing_of(2).empty());
}

TEST_F(relays, who_reads_the_past_has_a_flow_of_its_own_until_it_has_caught_up) {
  append(40, 100'000);
  tell(in::route{a});
  join(1, wire::start_kind::end);
  append(1);
  flow_from(a);
  join(2, wire::start_kind::beginning);
  EXPECT_EQ(machine.channels(), 2U);
  for (int i = 0; i < 10; ++i) {
    flow_from(a);
    consume(2);
  }
  EXPECT_EQ(machine.channels(), 1U);
  EXPECT_TRUE(missing_of(1).empty());
  EXPECT_TRUE(missing_of(2).empty());
}

TEST_F(relays, stopped_consumer_holds_up_nobody_and_costs_a_bounded_buffer) { // T32
  tell(in::route{a});
  join(1, wire::start_kind::end);
  join(2, wire::start_kind::end);
  for (int i = 0; i < 300; ++i) {
    append(1, 100'000);
    flow_from(a);
    consume(1);
    ASSERT_LE(machine.buffered_bytes(), limits::relay_buffer_bytes + limits::flow_window_bytes + limits::run_bytes_max);
  }
  EXPECT_TRUE(missing_of(1).empty());
  EXPECT_EQ(machine.channels(), 2U); // the stopped one fell out of the buffer
  EXPECT_LE(machine.buffered_bytes(), limits::relay_tail_bytes + 200'000);
  for (int i = 0; i < 40; ++i) {
    consume(2);
    flow_from(a);
  }
  EXPECT_TRUE(missing_of(2).empty());
  EXPECT_EQ(machine.channels(), 1U);
}

TEST_F(relays, credit_upstream_is_what_the_fastest_has_left) {
  tell(in::route{a});
  join(1, wire::start_kind::end);
  join(2, wire::start_kind::end);
  append(50, 100'000);
  flow_from(a);
  const auto& leg = hops.at(a).legs.begin()->second;
  EXPECT_EQ(leg.limit, window); // both have as much: it is not the sum
  consume(1);
  EXPECT_EQ(leg.limit, consumers.at(1).sink->next().seq.value() * 100'064 + window);
}

TEST_F(relays, last_that_leaves_ends_the_flow_upstream) {
  tell(in::route{a});
  join(1, wire::start_kind::end);
  join(2, wire::start_kind::end);
  tell(in::leave{1});
  EXPECT_EQ(hops.at(a).legs.size(), 1U);
  tell(in::leave{2});
  EXPECT_TRUE(hops.at(a).legs.empty());
  EXPECT_TRUE(machine.empty());
}

TEST_F(relays, planted_bug_keeps_the_flow_that_nobody_wants) {
  tell(in::route{a});
  join(1, wire::start_kind::end);
  plant(planted_bug::withdrawn_demand_kept);
  tell(in::leave{1});
  plant(planted_bug::none);
  EXPECT_EQ(hops.at(a).legs.size(), 1U);
}

TEST_F(relays, moves_to_a_better_hop_while_the_old_one_still_sends) {
  append(5);
  tell(in::route{a});
  join(1);
  flow_from(a);
  append(4);
  answers = false;
  tell(in::route{b});
  EXPECT_EQ(demands.back().start.at, (log_position{log.opening, seq{5}}));
  auto late = hops.at(a).run(demands.front().leg, 2); // under way from the old hop
  tell(std::move(*late));
  EXPECT_TRUE(withdrawn.empty());
  machine.on(hops.at(b).open(demands.back()), fx);
  carry_out();
  EXPECT_TRUE(withdrawn.empty());               // it has to catch up with two entries
  tell(*hops.at(b).run(demands.back().leg, 3)); // overlaps: its first two came already
  ASSERT_EQ(withdrawn.size(), 1U);
  EXPECT_EQ(withdrawn[0].hop, a);
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, hop_that_is_no_longer_nearer_is_left_before_another_is_asked) {
  tell(in::route{a});
  join(1);
  withdrawn.clear();
  tell(in::route{b, true});
  ASSERT_EQ(withdrawn.size(), 1U);
  append(3);
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, lost_hop_is_waited_for_and_the_flow_goes_on_where_it_was) {
  append(5);
  tell(in::route{a});
  join(1);
  flow_from(a);
  tell(in::hop_lost{a});
  tell(in::no_route{});
  append(5);
  consume(1);
  tell(in::route{b});
  EXPECT_EQ(demands.back().start.kind, wire::start_kind::position);
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, hop_that_skips_is_left_and_reported) { // T48
  append(5);
  tell(in::route{a});
  join(1);
  auto run = *hops.at(a).run(demands[0].leg, 1);
  run.run.from = run.run.from + 1;
  run.run.until = run.run.until + 1;
  tell(run);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].why.code(), errc::protocol_violation);
  EXPECT_TRUE(withdrawn.at(0).why);
  tell(in::route{b});
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, hop_that_is_silent_is_left_and_another_one_goes_on) { // T48
  append(5);
  tell(in::route{a});
  join(1);
  flow_from(a, 2);
  tell(in::leg_silent{demands[0].leg});
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].hop, a);
  EXPECT_EQ(refused[0].why.code(), errc::timed_out);
  EXPECT_TRUE(withdrawn.at(0).why);
  tell(in::leg_silent{demands[0].leg}); // withdrawn meanwhile
  append(5);
  tell(in::route{b});
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, silent_hop_without_another_one_is_asked_again) {
  tell(in::route{a});
  join(1);
  tell(in::leg_silent{demands[0].leg});
  tell(in::route{a});
  EXPECT_EQ(demands.size(), 2U);
  EXPECT_NE(demands[1].leg, demands[0].leg);
}

// --- sources

const node_id owner = node_of(7), holder = node_of(8), other_holder = node_of(9);

TEST_F(relays, flow_moves_to_another_source_over_the_same_hop_make_before_break) {
  append(5);
  tell(in::route{a, false, owner});
  join(1);
  EXPECT_EQ(demands.at(0).source, owner);
  flow_from(a, 2);
  answers = false;
  tell(in::route{a, false, holder});
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_EQ(demands[1].source, holder);
  EXPECT_TRUE(withdrawn.empty()) << "the old one goes on until the new one has opened";
  machine.on(hops.at(a).open(demands[1]), fx);
  carry_out();
  EXPECT_EQ(withdrawn.size(), 1U);
  append(5);
  consume(1);
  flow_from(a);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, source_that_has_not_all_is_left_by_who_may_move_and_told_to_who_may_not) {
  answers = false;
  tell(in::route{a, false, holder});
  join(1, wire::start_kind::beginning, {}, true);
  join(2);
  for (const auto& one : std::exchange(demands, {}))
    tell(in::leg_closed{one.leg, error(errc::not_held, "t is not here")});
  EXPECT_EQ(consumers.at(2).closed->code(), errc::not_held);
  EXPECT_FALSE(consumers.at(1).closed);
  ASSERT_EQ(sources_refused.size(), 1U);
  EXPECT_EQ(sources_refused[0].source, holder);
  EXPECT_TRUE(refused.empty()) << "the hop is not to blame";
  append(3);
  answers = true;
  tell(in::route{b, false, other_holder});
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, flow_stays_where_it_is_while_the_source_it_should_move_to_refuses) {
  append(3);
  tell(in::route{a, false, owner});
  join(1, wire::start_kind::beginning, {}, true);
  flow_from(a);
  answers = false;
  tell(in::route{b, false, holder});
  tell(in::leg_closed{demands.back().leg, error(errc::not_held, "t is not here")});
  EXPECT_EQ(sources_refused.size(), 1U);
  append(3);
  consume(1);
  flow_from(a);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, who_may_not_move_stays_where_it_is_served_when_another_source_refuses) {
  append(3);
  tell(in::route{a, false, owner});
  join(1, wire::start_kind::beginning, {}, true);
  join(2);
  flow_from(a);
  ASSERT_EQ(machine.channels(), 1U);
  answers = false;
  tell(in::route{b, false, holder});
  tell(in::leg_closed{demands.back().leg, error(errc::not_held, "t is not here")});
  EXPECT_FALSE(consumers.at(2).closed);
  append(3);
  consume(1);
  consume(2);
  flow_from(a);
  EXPECT_TRUE(missing_of(1).empty());
  EXPECT_TRUE(missing_of(2).empty());
}

TEST_F(relays, source_that_refuses_one_start_is_asked_for_others) {
  append(3);
  tell(in::route{a, false, holder});
  join(1, wire::start_kind::beginning, {}, true);
  flow_from(a);
  answers = false;
  join(2, wire::start_kind::position, {log.opening, seq{1000}}, true);
  tell(in::leg_closed{demands.back().leg, error(errc::not_held, "the copy ends before")});
  EXPECT_EQ(sources_refused.size(), 1U);
  const auto asked = demands.size();
  answers = true;
  join(3, wire::start_kind::beginning, {}, true);
  EXPECT_EQ(demands.size(), asked + 1);
  consume(1);
  flow_from(a);
  EXPECT_TRUE(missing_of(3).empty());
}

TEST_F(relays, hop_that_sends_more_than_its_credit_or_opens_elsewhere_is_left) { // T42
  tell(in::route{a});
  join(1);
  wire::run run{
      .epoch = log.opening, .from = seq{0}, .until = seq{1}, .log_time = {}, .head = {}, .starts = {}, .gap = {}};
  tell(in::leg_run{demands[0].leg, run, shared_bytes::take(std::vector<std::byte>(window + 1))});
  EXPECT_EQ(refused.size(), 1U);
  answers = false;
  tell(in::route{b});
  tell(in::leg_opened{demands[1].leg, {log.opening, seq{7}}});
  EXPECT_EQ(refused.size(), 2U);
  tell(in::leg_opened{77, {}}); // of nobody
  tell(in::leg_run{77, run, {}});
  tell(in::leg_closed{77, error(errc::busy, "")});
}

TEST_F(relays, refusal_that_passes_goes_to_the_router_and_a_final_one_to_the_consumers) {
  answers = false;
  tell(in::route{a});
  join(1);
  tell(in::leg_closed{demands[0].leg, error(errc::no_route, "not nearer")});
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_FALSE(consumers.at(1).closed);
  tell(in::route{b});
  tell(in::leg_closed{demands[1].leg, error(errc::denied, "not for you")});
  ASSERT_TRUE(consumers.at(1).closed);
  EXPECT_EQ(consumers.at(1).closed->code(), errc::denied);
  EXPECT_TRUE(machine.empty());
}

struct removed_topics : relay_fixture_base {
  removed_topics() {
    append(3);
    tell(in::route{a});
    join(1, wire::start_kind::position, {log.opening, seq{0}});
  }
  /// The leg's hop says at `at` that a topic's events below `start` are gone. @returns the flows that hear of it
  std::vector<std::uint64_t> remove(std::uint64_t leg, seq at, seq start) {
    wire::run run;
    run.epoch = log.opening;
    run.from = run.until = at;
    run.head = log.end();
    run.gap_code = errc::log_start;
    run.starts = {{"t", topic_offset{1}, {log.opening, start}}};
    machine.on(in::leg_run{leg, run, {}}, fx);
    std::vector<std::uint64_t> heard;
    for (const auto& effect : fx)
      if (const auto* one = std::get_if<out::forward>(&effect); one && !one->run.starts.empty())
        heard.push_back(one->flow);
    carry_out();
    return heard;
  }
};

TEST_F(removed_topics, are_told_at_the_flows_place_when_the_word_of_them_comes_behind_it) {
  answers = false;
  tell(in::route{b});
  const auto coming = demands.back();
  flow_from(a);
  machine.on(hops.at(b).open(coming), fx);
  carry_out();
  EXPECT_EQ(remove(coming.leg, seq{0}, log.end() + 5), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(remove(coming.leg, seq{0}, log.end()).empty()) << "it has everything below";
}

TEST_F(removed_topics, are_not_missed_by_who_joins_below_what_was_told_before) {
  flow_from(a);
  join(2, wire::start_kind::position, {log.opening, seq{0}});
  EXPECT_EQ(demands.size(), 1U) << "served from the buffer";
  const auto got_to = log.end();
  append(1);
  EXPECT_EQ(remove(demands.back().leg, got_to, log.end()), (std::vector<std::uint64_t>{1, 2}));
  join(3, wire::start_kind::position, {log.opening, seq{0}});
  EXPECT_EQ(demands.size(), 2U) << "it would not hear of what is gone";
}

TEST_F(relays, leg_that_ended_for_a_reason_of_its_own_is_asked_for_where_it_was) {
  append(3);
  tell(in::route{a});
  join(1);
  flow_from(a);
  const auto got_to = log.end();
  for (const auto code : {errc::internal, errc::cancelled, errc::timed_out}) {
    const auto before = demands.size();
    hops[a].legs.clear();
    tell(in::leg_closed{demands.back().leg, error(code, "")});
    EXPECT_EQ(tries_again, before);
    tell(in::again{});
    ASSERT_EQ(demands.size(), before + 1);
    EXPECT_EQ(demands.back().start.at.seq, got_to);
    EXPECT_TRUE(demands.back().start.resume);
  }
  EXPECT_TRUE(refused.empty());
}

TEST_F(relays, where_an_epoch_ends_above_the_next_ones_begin_consumers_ask_anew) { // T16
  append(3);
  tell(in::route{a});
  join(1);
  flow_from(a);
  const epoch later{log.opening.count() + 1, 3};
  hops[a].legs.clear();
  answers = false;
  tell(in::leg_closed{demands.back().leg, error(errc::internal, "")});
  tell(in::again{});
  tell(in::leg_opened{demands.back().leg, {later, seq{1}}});
  ASSERT_TRUE(consumers.at(1).closed);
  EXPECT_EQ(consumers.at(1).closed->code(), errc::epoch_ended);
  EXPECT_EQ(withdrawn.back().leg, demands.back().leg);
  EXPECT_TRUE(refused.empty());
  EXPECT_TRUE(machine.empty());

  join(2);
  tell(in::leg_opened{demands.back().leg, {log.opening, seq{0}}});
  tell(in::leg_closed{demands.back().leg, error(errc::epoch_ended, "it goes on below")});
  EXPECT_EQ(consumers.at(2).closed->code(), errc::epoch_ended);
  EXPECT_TRUE(machine.empty());
}

TEST_F(relays, a_place_in_an_older_epoch_is_not_ahead_of_a_channel_in_a_later_one) {
  answers = false;
  const epoch old{1, 1}, later{1, 2}; // the disk was lost: the later one begins at 0
  tell(in::route{a});
  join(10, wire::start_kind::position, {old, seq{780}});
  tell(in::leg_opened{demands.back().leg, {old, seq{780}}});
  join(11, wire::start_kind::position, {old, seq{770}});
  tell(in::leg_opened{demands.back().leg, {old, seq{770}}});
  tell(in::hop_lost{a});
  join(12);
  demands.clear(), withdrawn.clear();
  tell(in::route{b});
  ASSERT_EQ(demands.size(), 3U);
  tell(in::leg_opened{demands[2].leg, {later, seq{0}}});
  wire::run run;
  run.epoch = later, run.from = seq{0}, run.until = seq{30}, run.head = seq{30};
  tell(in::leg_run{demands[2].leg, run, {}});
  tell(in::leg_closed{demands[0].leg, error(errc::out_of_range, "")});
  EXPECT_TRUE(consumers.at(10).closed);
  EXPECT_TRUE(withdrawn.empty()) << "its leg tells flow 11 that the epoch has ended";
  EXPECT_EQ(machine.channels(), 2U);
}

TEST_F(relays, busy_is_the_state_of_a_name_where_there_is_one) {
  machine = relay(log.id, true);
  answers = false;
  tell(in::route{a});
  join(1);
  tell(in::leg_closed{demands[0].leg, error(errc::busy, "somebody has it")});
  EXPECT_EQ(tries_again, 1U);
  EXPECT_TRUE(refused.empty());
  tell(in::again{});
  tell(in::leg_closed{demands[1].leg, error(errc::no_route, "not nearer")});
  EXPECT_EQ(refused.size(), 1U);
}

TEST_F(relays, hop_without_room_for_one_more_leg_is_asked_again) {
  tell(in::route{a});
  join(1);
  answers = false;
  join(2, wire::start_kind::end);
  tell(in::leg_closed{demands[1].leg, error(errc::busy, "")});
  EXPECT_EQ(tries_again, 1U);
  EXPECT_TRUE(refused.empty());
  answers = true;
  tell(in::again{});
  EXPECT_EQ(demands.size(), 3U);
  append(1);
  flow_from(a);
  EXPECT_TRUE(missing_of(2).empty());
}

TEST_F(relays, peers_flow_that_the_hop_refuses_again_is_told_and_a_local_one_waits) {
  answers = false;
  tell(in::route{a});
  join(1, wire::start_kind::beginning, {}, true);
  join(2);
  const auto refuse_all = [this] {
    for (const auto& one : std::exchange(demands, {}))
      tell(in::leg_closed{one.leg, error(errc::busy, "as many as it may have")});
  };
  refuse_all();
  tell(in::route{b});
  refuse_all();
  EXPECT_FALSE(consumers.at(2).closed) << "another hop was asked";
  tell(in::route{b});
  refuse_all();
  ASSERT_TRUE(consumers.at(2).closed);
  EXPECT_EQ(consumers.at(2).closed->code(), errc::busy);
  EXPECT_FALSE(consumers.at(1).closed);
  answers = true;
  append(1);
  tell(in::route{b});
  flow_from(b);
  EXPECT_TRUE(missing_of(1).empty());
}

TEST_F(relays, gaps_and_silence_reach_everybody_at_its_own_place) {
  append(2);
  log.append(10, entry_fate::gone);
  tell(in::route{a});
  join(1);
  join(2);
  flow_from(a);
  EXPECT_EQ(consumers.at(1).gaps, 1U);
  EXPECT_EQ(consumers.at(2).gaps, 1U);
  append(50, 100'000);
  flow_from(a);
  consume(1);
  flow_from(a);
  const auto place = consumers.at(2).sink->next();
  ASSERT_LT(place.seq, consumers.at(1).sink->next().seq);
  wire::run beat{.epoch = log.opening,
                 .from = log.end(),
                 .until = log.end(),
                 .log_time = hlc{9},
                 .head = log.end(),
                 .starts = {},
                 .gap = {}};
  beat.from = beat.until = consumers.at(1).sink->next().seq;
  tell(in::leg_run{hops.at(a).legs.begin()->first, beat, {}});
  EXPECT_EQ(consumers.at(1).beats, 1U);
  EXPECT_EQ(consumers.at(2).beats, 1U);
}

TEST_F(relays, planted_bug_adds_credit_and_a_consumer_notices) {
  tell(in::route{a});
  join(1);
  append(60, 100'000);
  flow_from(a);
  plant(planted_bug::credit_added);
  const auto limit = consumers.at(1).consume(consumers.at(1).waiting);
  ASSERT_TRUE(limit);
  machine.on(in::credit{1, *limit}, fx);
  plant(planted_bug::none);
  const auto& credit = std::get<out::leg_credit>(fx.at(0));
  EXPECT_GT(credit.limit, *limit);
}

} // namespace
} // namespace weft::routing
