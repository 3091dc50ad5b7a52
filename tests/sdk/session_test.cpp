#include "tests/mesh/base/test_seed.hpp"
#include "tests/sdk/sdk_fixture.hpp"

#include "mesh/wire/batch_builder.hpp"

#include <condition_variable>
#include <gtest/gtest.h>
#include <stdexcept>
#include <thread>

namespace weft::testing {
namespace {

struct Count {
  std::int64_t n = 0;
};
WEFT_EVENT(Count, key(n), n)

inline constexpr topic<Count> counts{"test.counts"};
constexpr microseconds now{0};

class consuming : public sdk_fixture {
public:
  /// A batch of Count events, numbered from `first`, in this log.
  void log_counts(fake_log& log, std::int64_t first, int events, const std::string& topic = "test.counts") {
    wire::batch_builder builder{topic, producer_id{7}, wire::codec::none};
    std::string scratch, key;
    for (auto n = first; n < first + events; ++n) {
      scratch.clear();
      key.clear();
      codec<Count>::key({n}, key);
      const auto value = codec<Count>::encode({n}, scratch);
      ASSERT_TRUE(builder.add({.time = {n}, .type = "Count", .key = as_bytes(key), .headers = {}, .value = *value}));
    }
    log.add(builder.seal(static_cast<std::uint64_t>(first)), topic, static_cast<std::uint32_t>(events));
  }
  void log_counts(std::int64_t first, int events) { log_counts(node.own(), first, events); }

  subscription subscribe(const subscription_options& options) {
    auto made = me.subscribe(counts, options);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  subscription from_beginning() { return subscribe({.from = start::beginning}); }

  /// What poll gives until it gives nothing, serving in between.
  std::vector<std::int64_t> poll_all(subscription& from) {
    std::vector<std::int64_t> all;
    for (int idle = 0; idle < 4;) {
      const auto next = from.poll(now);
      if (!next) {
        ADD_FAILURE() << next.error().message();
        break;
      }
      if (*next) {
        all.push_back((*next)->as<Count>()->n);
        idle = 0;
      } else {
        node.serve();
        ++idle;
      }
    }
    return all;
  }
  static std::vector<std::int64_t> range(std::int64_t from, std::int64_t until) {
    std::vector<std::int64_t> all;
    for (; from < until; ++from)
      all.push_back(from);
    return all;
  }
};

TEST_F(consuming, events_come_in_order_with_what_is_known_of_them) {
  log_counts(0, 3);
  log_counts(node.own(), 50, 2, "test.other");
  log_counts(3, 2);
  auto from = from_beginning();
  node.serve();
  for (std::uint64_t i = 0; i < 3; ++i)
    (void)from.poll(now);
  const auto fourth = from.poll(now);
  ASSERT_TRUE(fourth && *fourth);
  const auto& event = **fourth;
  EXPECT_EQ(event.as<Count>()->n, 3);
  EXPECT_EQ(to_string(event.position()), "home/1-7/5");
  EXPECT_EQ(event.offset, topic_offset{3});
  EXPECT_EQ(event.topic, "test.counts");
  EXPECT_EQ(event.type, "Count");
  EXPECT_EQ(event.key_text(), "3");
  EXPECT_EQ(event.time, wall_time{3});
  EXPECT_EQ(event.sequence, 3U);
  EXPECT_EQ(event.node, "home");
  EXPECT_TRUE(event.headers.empty());
  EXPECT_EQ(poll_all(from), range(4, 5));
}

TEST_F(consuming, an_event_outlives_its_subscription) {
  log_counts(0, 1);
  std::optional<event> kept;
  {
    auto from = from_beginning();
    node.serve();
    kept = *from.poll(now);
  }
  EXPECT_EQ(kept->text(), R"({"n":0})");
  EXPECT_EQ(kept->node, "home");
}

TEST_F(consuming, places_and_offsets_of_an_extract_are_those_of_its_entry) {
  log_counts(0, 4);
  wire::batch_builder builder{"test.counts", producer_id{7}, wire::codec::none};
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(builder.add({.time = {}, .type = "", .key = {}, .headers = {}, .value = as_bytes("{}")}));
  const std::uint16_t chosen[] = {2, 7};
  const auto extract =
      wire::make_extract(wire::batch_view::trusted(builder.seal(4)), std::span<const std::uint16_t>(chosen));
  ASSERT_TRUE(extract);
  node.own().add(*extract, "test.counts", 10, wire::entry_flags::extract);
  auto from = from_beginning();
  node.serve();
  (void)from.poll_batch(4, now);
  const auto rest = from.poll_batch(10, now);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ((*rest)[0].at.seq, seq{6});
  EXPECT_EQ((*rest)[1].at.seq, seq{11});
  EXPECT_EQ((*rest)[1].offset, topic_offset{11});
  EXPECT_EQ((*rest)[1].sequence, 11U);
}

TEST_F(consuming, a_stopped_consumer_gets_no_more_than_its_window) {
  for (int i = 0; i < 2000; ++i)
    log_counts(i, 1);
  auto from = subscribe({.from = start::beginning, .window_bytes = limits::flow_window_bytes_min});
  node.serve();
  const auto flow = node.flows().begin()->second;
  EXPECT_LE(flow.used, limits::flow_window_bytes_min);
  EXPECT_EQ(flow.next, seq{limits::flow_window_bytes_min / limits::run_cost_bytes_min});
  node.serve();
  EXPECT_EQ(node.flows().begin()->second.used, flow.used);
  EXPECT_EQ(poll_all(from), range(0, 2000));
  for (const auto& credit : node.heard<wire::credit>())
    EXPECT_LE(credit.limit, node.flows().begin()->second.used + limits::flow_window_bytes_min);
}

TEST_F(consuming, heartbeats_do_not_pile_up_before_a_stopped_consumer) {
  auto& other = node.add_log(2);
  auto from = from_beginning();
  node.serve();
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < 2 * limits::flow_free_runs_max; ++i) {
    ++at;
    for (std::uint64_t flow = 1; flow <= 2; ++flow)
      node.say(wire::run{.flow = flow,
                         .epoch = other.opening(),
                         .from = seq{at - 1},
                         .until = seq{at},
                         .log_time = {},
                         .head = {},
                         .starts = {},
                         .gap_code = errc::ok,
                         .gap = {}});
  }
  EXPECT_TRUE(node.heard<wire::flow_closed>().empty());
  EXPECT_EQ(from.progress()[0].handled.seq, seq{0});
  EXPECT_FALSE(*from.poll(now));
  EXPECT_EQ(from.progress()[0].handled.seq, seq{at});
}

TEST_F(consuming, where_an_epoch_has_grown_it_takes_all_of_it_and_goes_on_at_a_lower_seq) { // T16
  log_counts(0, 5);
  auto from = from_beginning();
  node.serve();
  const auto flow = node.flows().begin()->first;
  const auto first = node.own().opening();
  node.say(wire::flow_closed{flow, 0, errc::epoch_ended, "it goes on below"});
  const auto before = node.heard<wire::demand>().size();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(node.heard<wire::demand>().size(), before);
    EXPECT_TRUE(*from.poll(now));
  }
  EXPECT_FALSE(*from.poll(now));
  const auto demands = node.heard<wire::demand>();
  ASSERT_EQ(demands.size(), before + 1);
  EXPECT_EQ(demands.back().at, (log_position{first, seq{5}}));
  EXPECT_TRUE(demands.back().resume);
  const epoch later{first.count() + 1, 3};
  node.say(wire::flow_opened{demands.back().subscription, 99, node.own().id(), "home", {later, seq{2}}, {"home"}});
  node.say(wire::run{.flow = 99,
                     .epoch = later,
                     .from = seq{2},
                     .until = seq{4},
                     .log_time = {},
                     .head = {},
                     .starts = {},
                     .gap_code = errc::ok,
                     .gap = {}});
  EXPECT_FALSE(*from.poll(now)); // no gap either
  EXPECT_EQ(from.progress()[0].handled, (log_position{later, seq{4}}));
  EXPECT_TRUE(node.heard<wire::flow_closed>().empty());
}

TEST_F(consuming, after_a_loss_it_goes_on_where_it_was) {
  const auto seed = test_seed();
  SCOPED_TRACE(seed);
  seeded_random random_steps(seed);
  auto& other = node.add_log(2);
  auto from = from_beginning();
  std::map<log_id, std::vector<std::int64_t>> got;
  std::int64_t made = 0, made_there = 0;
  const auto poll_some = [&](std::uint64_t most) {
    for (std::uint64_t i = 0; i < most; ++i) {
      const auto next = from.poll(now);
      ASSERT_TRUE(next) << next.error().message();
      if (!*next) return;
      got[(*next)->log].push_back((*next)->as<Count>()->n);
    }
  };
  for (int step = 0; step < 300; ++step) {
    const auto events = static_cast<int>(random_steps.below(9)) + 1;
    log_counts(node.own(), made, events);
    made += events;
    if (random_steps.below(2) == 0) log_counts(other, made_there++, 1);
    node.serve(random_steps.below(3));
    poll_some(random_steps.below(20));
    if (random_steps.below(10) == 0) {
      node.go();
      poll_some(random_steps.below(3));
      if (random_steps.below(2) == 0) node.own().new_epoch();
      node.come();
    }
  }
  for (int i = 0; i < 100; ++i) {
    node.serve();
    poll_some(1'000'000);
  }
  EXPECT_EQ(got[node.own().id()], range(0, made));
  EXPECT_EQ(got[other.id()], range(0, made_there));
}

TEST_F(consuming, the_end_stays_the_time_of_subscribing_over_a_loss) {
  log_counts(0, 3);
  auto from = subscribe({});
  node.go();
  node.come();
  const auto demands = node.heard<wire::demand>();
  ASSERT_EQ(demands.size(), 2U);
  EXPECT_EQ(demands[0].start, wire::start_kind::end);
  EXPECT_EQ(demands[1].start, wire::start_kind::time);
  EXPECT_EQ(demands[1].time, hlc::at(clock.wall()));
  EXPECT_TRUE(demands[1].resume) << "what went since is missing";
}

TEST_F(consuming, a_run_that_does_not_follow_closes_the_flow_and_is_demanded_again) { // T: a hole in a flow
  log_counts(0, 4);
  auto from = from_beginning();
  node.serve(1);
  node.say(wire::run{.flow = 1,
                     .epoch = node.own().opening(),
                     .from = seq{9},
                     .until = seq{12},
                     .log_time = {},
                     .head = {},
                     .starts = {},
                     .gap_code = errc::ok,
                     .gap = {}});
  ASSERT_EQ(node.heard<wire::flow_closed>().size(), 1U);
  EXPECT_EQ(node.heard<wire::flow_closed>()[0].code, errc::protocol_violation);
  EXPECT_EQ(poll_all(from), range(0, 4));
}

TEST_F(consuming, damage_on_the_way_is_read_again) {
  for (std::int64_t i = 0; i < 5; ++i)
    log_counts(2 * i, 2);
  auto from = from_beginning();
  node.serve(2);
  node.corrupt_next_run();
  EXPECT_EQ(poll_all(from), range(0, 10));
  EXPECT_EQ(node.heard<wire::flow_closed>()[0].code, errc::corrupt);
}

TEST_F(consuming, lasting_damage_ends_the_subscription) {
  log_counts(0, 2);
  auto from = from_beginning();
  result<std::optional<event>> last;
  for (int i = 0; i < 20 && last; ++i) {
    node.corrupt_next_run();
    node.serve();
    last = from.poll(now);
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code(), errc::corrupt);
}

TEST_F(consuming, a_gap_is_told_between_the_events_around_it) {
  log_counts(0, 1);
  std::vector<gap> gaps;
  std::vector<std::int64_t> before;
  auto from = subscribe({.from = start::beginning, .on_gap = [&](const gap& met) { gaps.push_back(met); }});
  node.serve();
  node.say(wire::run{.flow = 1,
                     .epoch = node.own().opening(),
                     .from = seq{1},
                     .until = seq{5},
                     .log_time = {},
                     .head = {},
                     .starts = {},
                     .gap_code = errc::log_start,
                     .gap = "retention"});
  EXPECT_EQ((*from.poll(now))->as<Count>()->n, 0);
  EXPECT_TRUE(gaps.empty());
  EXPECT_FALSE(*from.poll(now));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from.seq, seq{1});
  EXPECT_EQ(gaps[0].until, seq{5});
  EXPECT_EQ(gaps[0].why.code(), errc::log_start);
}

/// A gap before `at`: of these topics something is gone, up to there.
wire::run removed(const fake_log& log, std::uint64_t at,
                  const std::vector<std::pair<std::string, std::uint64_t>>& topics, std::uint64_t flow = 1) {
  wire::run gap{.flow = flow,
                .epoch = log.opening(),
                .from = seq{at},
                .until = seq{at},
                .log_time = {},
                .head = {},
                .starts = {},
                .gap_code = errc::log_start,
                .gap = "removed"};
  for (const auto& [topic, until] : topics)
    gap.starts.push_back({topic, topic_offset{until}, {log.opening(), seq{until}}});
  return gap;
}

TEST_F(consuming, what_is_gone_of_topics_is_a_gap_for_each_and_the_events_of_others_come) {
  log_counts(0, 2);
  std::vector<gap> gaps;
  auto from = subscribe({.from = start::beginning, .on_gap = [&](const gap& met) { gaps.push_back(met); }});
  node.serve(0);
  node.say(removed(node.own(), 0, {{"test.counts", 5}, {"test.other", 7}}));
  node.say(removed(node.own(), 0, {{"test.third", 9}}));
  EXPECT_EQ(poll_all(from), range(0, 2));
  ASSERT_EQ(gaps.size(), 3U);
  EXPECT_EQ(gaps[0].topic, "test.counts");
  EXPECT_EQ(gaps[0].from.seq, seq{0});
  EXPECT_EQ(gaps[0].until, seq{5});
  EXPECT_EQ(gaps[0].why.code(), errc::log_start);
  EXPECT_NE(gaps[0].why.message().find("topic test.counts below its offset 5, up to seq 5"), std::string::npos)
      << gaps[0].why.message();
  EXPECT_EQ(gaps[1].topic, "test.other");
  EXPECT_EQ(gaps[1].until, seq{7});
  EXPECT_EQ(gaps[2].topic, "test.third");
}

TEST_F(consuming, a_topics_gap_that_nobody_takes_ends_the_subscription) {
  auto from = from_beginning();
  node.serve();
  node.say(removed(node.own(), 0, {{"test.counts", 5}}));
  const auto next = from.poll(now);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), errc::log_start);
}

TEST_F(consuming, what_was_delivered_before_it_went_is_not_missing) {
  log_counts(0, 4);
  std::vector<gap> gaps;
  auto from = subscribe(
      {.from = start::beginning, .name = "reader", .commit = commit_mode::manual, .on_gap = [&](const gap& met) {
         gaps.push_back(met);
       }});
  EXPECT_EQ(poll_all(from), range(0, 4)); // no commit: the node knows of none of it
  node.go();
  node.come();
  node.serve(0);
  const auto flow = node.flows().rbegin()->first;
  node.say(removed(node.own(), 0, {{"test.counts", 4}}, flow));
  EXPECT_TRUE(poll_all(from).empty());
  EXPECT_TRUE(gaps.empty());
  node.say(removed(node.own(), 4, {{"test.counts", 3}, {"test.other", 9}}, flow));
  EXPECT_FALSE(*from.poll(now));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].topic, "test.other");
  EXPECT_EQ(gaps[0].from.seq, seq{4});
}

TEST_F(consuming, a_gap_that_nobody_takes_ends_the_subscription) {
  auto from = from_beginning();
  node.serve();
  node.say(wire::run{.flow = 1,
                     .epoch = node.own().opening(),
                     .from = seq{0},
                     .until = seq{5},
                     .log_time = {},
                     .head = {},
                     .starts = {},
                     .gap_code = errc::corrupt,
                     .gap = "bad sector"});
  const auto next = from.poll(now);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), errc::corrupt);
  EXPECT_EQ(node.heard<wire::withdraw>().size(), 1U);
}

TEST_F(consuming, a_handler_gets_values_on_a_thread_of_its_own) {
  std::mutex mutex;
  std::condition_variable came;
  std::vector<std::int64_t> got;
  auto running = me.subscribe(counts, {.from = start::beginning}, [&](const Count& count, const event_info& info) {
    const std::lock_guard held{mutex};
    EXPECT_EQ(info.key_text(), std::to_string(count.n));
    got.push_back(count.n);
    came.notify_all();
  });
  ASSERT_TRUE(running);
  log_counts(0, 100);
  node.serve();
  std::unique_lock held{mutex};
  came.wait(held, [&] { return got.size() == 100; });
  EXPECT_EQ(got, range(0, 100));
}

TEST_F(consuming, a_handler_that_throws_stops_the_subscription_unless_told_to_skip) {
  log_counts(0, 5);
  std::vector<std::int64_t> got;
  const auto handler = [&](const Count& count) {
    if (count.n == 2) throw std::runtime_error("no tea");
    got.push_back(count.n);
  };
  std::optional<error> told;
  subscription_options options{.from = start::beginning, .on_stopped = [&](const error& why) { told = why; }};
  auto stops = me.subscribe(counts, options, handler);
  node.serve();
  const auto ended = stops->wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::handler_failed);
  EXPECT_NE(ended.error().message().find("home/1-7/2"), std::string::npos) << ended.error().message();
  stops->close();
  EXPECT_TRUE(told);
  EXPECT_EQ(got, range(0, 2));

  got.clear();
  std::mutex mutex;
  std::condition_variable done;
  bool last = false;
  options.on_failure = [](const event&, const error&) { return after_failure::skip; };
  auto skips = me.subscribe(counts, options, [&](const Count& count) {
    handler(count);
    const std::lock_guard held{mutex};
    last = count.n == 4;
    done.notify_all();
  });
  node.serve();
  std::unique_lock held{mutex};
  done.wait(held, [&] { return last; });
  EXPECT_EQ(got, (std::vector<std::int64_t>{0, 1, 3, 4}));
}

TEST_F(consuming, a_value_that_does_not_fit_stops_with_its_position) {
  wire::batch_builder builder{"test.counts", producer_id{7}, wire::codec::none};
  ASSERT_TRUE(builder.add({.time = {}, .type = "Count", .key = {}, .headers = {}, .value = as_bytes("{}")}));
  node.own().add(builder.seal(0), "test.counts", 1);
  auto running =
      me.subscribe(counts, {.from = start::beginning, .on_stopped = [](const error&) {}}, [](const Count&) {});
  node.serve();
  const auto ended = running->wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::undecodable);
  EXPECT_NE(ended.error().message().find("field n: is missing"), std::string::npos) << ended.error().message();
}

TEST_F(consuming, a_subscription_can_end_inside_its_handler) {
  log_counts(0, 3);
  std::optional<subscription> running;
  std::mutex mutex;
  std::condition_variable ended;
  bool reset = false;
  int handled = 0;
  {
    const std::lock_guard held{mutex};
    running.emplace(std::move(*me.subscribe(counts, {.from = start::beginning}, [&](const Count&) {
      const std::lock_guard inner{mutex};
      ++handled;
      running.reset();
      reset = true;
      ended.notify_all();
    })));
  }
  node.serve();
  std::unique_lock held{mutex};
  ended.wait(held, [&] { return reset; });
  EXPECT_EQ(handled, 1);
}

TEST_F(consuming, a_name_goes_on_after_what_was_handled) {
  log_counts(0, 5);
  {
    auto first = subscribe({.name = "audit"});
    node.serve();
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ((*first.poll(now))->as<Count>()->n, i);
  } // 0 and 1 are handled, 2 was only given
  const auto commits = node.heard<wire::commit>();
  ASSERT_FALSE(commits.empty());
  EXPECT_EQ(commits.back().until.seq, seq{2});
  auto second = subscribe({.name = "audit"});
  EXPECT_EQ(poll_all(second), range(2, 5));
  second.commit();
  EXPECT_EQ(node.heard<wire::commit>().back().until.seq, seq{5});
}

TEST_F(consuming, a_name_passes_over_what_it_had_when_the_link_comes_back) {
  for (int i = 0; i < 6; ++i)
    log_counts(i, 1);
  auto from = subscribe({.name = "audit"});
  node.serve();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ((*from.poll(now))->as<Count>()->n, i);
  node.go();
  node.come();
  EXPECT_EQ(poll_all(from), range(3, 6));
}

TEST_F(consuming, a_name_commits_no_more_than_its_flow_has_brought_again) {
  for (int i = 0; i < 6; ++i)
    log_counts(i, 1);
  auto from = subscribe({.name = "audit", .commit = commit_mode::manual});
  node.serve();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ((*from.poll(now))->as<Count>()->n, i);
  node.go();
  node.come(); // the new flow begins at 0: nothing was committed
  from.commit();
  for (const auto& commit : node.heard<wire::commit>())
    EXPECT_EQ(commit.until.seq, seq{0});
  EXPECT_EQ(poll_all(from), range(3, 6));
  from.commit();
  EXPECT_EQ(node.heard<wire::commit>().back().until.seq, seq{6});
}

TEST_F(consuming, commits_are_paced) {
  log_counts(0, 100);
  auto from = subscribe({.name = "audit"});
  node.serve();
  for (int i = 0; i < 50; ++i) {
    (void)from.poll(now);
    clock.now += std::chrono::microseconds(limits::cursor_commit_interval).count() / 10;
  }
  EXPECT_LE(node.heard<wire::commit>().size(), 6U);
  EXPECT_GE(node.heard<wire::commit>().size(), 4U);
}

TEST_F(consuming, with_manual_commits_only_the_program_commits) {
  log_counts(0, 5);
  {
    auto from = subscribe({.name = "audit", .commit = commit_mode::manual});
    node.serve();
    (void)from.poll(now);
    (void)from.poll(now);
    from.commit();
    (void)from.poll(now);
    clock.now += 10'000'000;
    (void)from.poll(now);
  }
  const auto commits = node.heard<wire::commit>();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].until.seq, seq{2});
}

TEST_F(consuming, with_manual_commits_nothing_is_committed_when_a_log_is_demanded_anew) {
  log_counts(0, 5);
  auto& other = node.add_log(2);
  log_counts(other, 0, 1);
  auto from = subscribe({.from = start::beginning, .name = "audit", .commit = commit_mode::manual});
  node.serve();
  EXPECT_EQ(poll_all(from).size(), 6U);
  const auto demands = node.heard<wire::demand>().size();
  for (const auto& [number, flow] : node.flows())
    if (flow.log->id() == other.id()) node.say(wire::flow_closed{number, 0, errc::epoch_ended, "it goes on below"});
  (void)from.poll(now);
  EXPECT_GT(node.heard<wire::demand>().size(), demands) << "it is demanded anew";
  EXPECT_TRUE(node.heard<wire::commit>().empty());
}

TEST_F(consuming, options_become_the_demand) {
  auto from = subscribe({.from = wall_time{1'700'000'000'000'000},
                         .key = "k",
                         .types = {"Count"},
                         .headers = {{"price", header_condition::op::greater, "10"}}});
  const auto demand = node.heard<wire::demand>().at(0);
  EXPECT_EQ(demand.pattern, "test.counts");
  EXPECT_EQ(demand.start, wire::start_kind::time);
  EXPECT_EQ(demand.time, hlc::at({1'700'000'000'000'000}));
  EXPECT_EQ(demand.filter.key, "k");
  EXPECT_EQ(demand.filter.types, std::vector<std::string>{"Count"});
  EXPECT_EQ(demand.filter.headers[0].op, wire::comparison::greater);
  EXPECT_EQ(demand.window, limits::flow_window_bytes);
}

TEST_F(consuming, a_position_is_read_from_its_log_only) {
  auto& other = node.add_log(2);
  log_counts(node.own(), 0, 3);
  log_counts(other, 10, 3);
  auto here = subscribe({.from = named_position{"home", {node.own().opening(), seq{1}}}});
  EXPECT_EQ(poll_all(here), range(1, 3));
  node.on_query = [&](const wire::query& question) {
    EXPECT_EQ(question.what, "nodes");
    node.say(wire::answer{question.request, errc::ok, "",
                          R"({"nodes":[{"name":"other","id":")" + to_string(other.id().node) + R"("}]})"});
  };
  auto there = subscribe({.from = named_position{"other", {other.opening(), seq{2}}}});
  EXPECT_EQ(poll_all(there), range(12, 13));
  EXPECT_EQ(me.subscribe(counts, {.from = named_position{"nobody", {}}}).error().code(), errc::not_found);
}

TEST_F(consuming, wrong_options_are_named) {
  EXPECT_EQ(me.subscribe("a..b").error().code(), errc::invalid_name);
  EXPECT_EQ(me.subscribe(counts, {.name = "No Spaces"}).error().code(), errc::invalid_name);
  EXPECT_EQ(me.subscribe(counts, {.window_bytes = 1}).error().code(), errc::invalid_argument);
  EXPECT_EQ(me.subscribe(counts, {.commit = commit_mode::manual}).error().code(), errc::invalid_argument);
}

TEST_F(consuming, what_the_node_refuses_ends_the_subscription) {
  auto from = from_beginning();
  const auto id = node.heard<wire::demand>().at(0).subscription;
  node.say(wire::refused{errc::denied, "not for you", id, 0});
  EXPECT_EQ(from.poll(now).error().code(), errc::denied);

  auto busy = subscribe({.name = "audit"});
  node.say(wire::flow_closed{0, node.heard<wire::demand>().at(1).subscription, errc::busy, "another has this name"});
  EXPECT_EQ(busy.poll(now).error().code(), errc::busy);
}

TEST_F(consuming, a_source_that_begins_anew_without_a_word_is_followed) {
  log_counts(0, 4);
  auto from = from_beginning();
  node.serve(1);
  EXPECT_EQ((*from.poll(now))->as<Count>()->n, 0);
  const auto id = node.heard<wire::demand>().at(0).subscription;
  node.say(wire::flow_opened{id, 99, node.own().id(), "home", {node.own().opening(), seq{0}}});
  EXPECT_EQ(poll_all(from), range(1, 4));
}

TEST_F(consuming, closing_the_participant_ends_its_subscriptions) {
  auto polled = from_beginning();
  auto handled = me.subscribe(counts, [](const Count&) {});
  core->close();
  EXPECT_FALSE(*polled.poll(std::chrono::seconds(10)));
  EXPECT_TRUE(handled->wait());
  EXPECT_EQ(me.subscribe(counts).error().code(), errc::cancelled);
}

TEST_F(consuming, a_query_is_answered_refused_or_cut_short) {
  node.on_query = [&](const wire::query& question) {
    if (question.what == "topics") node.say(wire::answer{question.request, errc::ok, "", question.arguments});
    if (question.what == "secrets") node.say(wire::refused{errc::unsupported, "no such question", 0, question.request});
    if (question.what == "go") node.go();
  };
  EXPECT_EQ(me.query("topics", "{\"a\":1}"), "{\"a\":1}");
  EXPECT_EQ(me.query("secrets").error().code(), errc::unsupported);
  EXPECT_EQ(me.query("go").error().code(), errc::not_connected);
  EXPECT_EQ(me.query("topics").error().code(), errc::not_connected);
}

} // namespace
} // namespace weft::testing
