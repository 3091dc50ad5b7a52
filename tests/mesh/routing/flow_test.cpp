// A source and a sink over a log that is a list of entry sizes.
#include "mesh/routing/flow_source.hpp"

#include <gtest/gtest.h>
#include <random>

namespace weft::routing {
namespace {

constexpr auto window = limits::flow_window_bytes_min;
constexpr epoch first_epoch{1, 7};

shared_bytes zeros(std::size_t size) {
  static const auto plenty = shared_bytes::take(std::vector<std::byte>(window));
  return plenty.slice(0, size);
}

/// Plays the shell: a log of entries with one event each, reads answered at once, the consumer takes when told.
struct flow_fixture : ::testing::Test {
  std::vector<std::size_t> log; // bytes of each entry; 0: the filter passes nothing of it
  std::size_t synced = 0;
  mono_time now{};
  std::optional<flow_source> source;
  flow_sink sink{{first_epoch, seq{0}}, window};
  std::vector<std::pair<seq, std::uint64_t>> waiting; // arrived, not consumed: until, cost
  std::vector<flow_source::out::run> runs;
  std::vector<flow_source::out::gap> gaps;
  std::optional<error> closed;
  bool answer_reads = true;
  std::optional<flow_source::out::read> pending_read;

  void append(std::size_t bytes, std::size_t times = 1) { log.insert(log.end(), times, bytes); }

  void open() {
    flow_source::effects fx;
    source.emplace(log_position{first_epoch, seq{0}}, window, seq{synced}, now, fx);
    carry_out(fx);
  }
  void sync() {
    synced = log.size();
    flow_source::effects fx;
    source->on(flow_source::in::advanced{seq{synced}}, fx);
    carry_out(fx);
  }
  void tick(microseconds later) {
    now = now + later;
    flow_source::effects fx;
    source->tick(now, fx);
    carry_out(fx);
  }
  void consume_all() {
    while (!waiting.empty()) {
      const auto cost = waiting.front().second;
      waiting.erase(waiting.begin());
      if (const auto limit = sink.consumed(cost)) {
        flow_source::effects fx;
        source->on(flow_source::in::credit{*limit}, fx);
        carry_out(fx);
      }
    }
  }
  void carry_out(flow_source::effects& fx) {
    for (std::size_t i = 0; i < fx.size(); ++i) {
      auto effect = fx[i];
      if (auto* read = std::get_if<flow_source::out::read>(&effect)) {
        pending_read = *read;
        if (answer_reads) answer(fx);
      } else if (auto* run = std::get_if<flow_source::out::run>(&effect)) {
        const auto taken = sink.on_run(run->range, run->bytes.size());
        EXPECT_TRUE(taken) << taken.error().message();
        if (!run->bytes.empty()) waiting.emplace_back(run->range.until, run_cost(run->bytes.size()));
        runs.push_back(std::move(*run));
      } else if (auto* gap = std::get_if<flow_source::out::gap>(&effect)) {
        EXPECT_TRUE(sink.on_run(gap->range, 0));
        gaps.push_back(std::move(*gap));
      } else {
        closed = std::get<flow_source::out::close>(effect).why;
      }
    }
  }
  void answer(flow_source::effects& fx) {
    const auto read = *std::exchange(pending_read, std::nullopt);
    auto until = read.from.seq.value();
    std::size_t bytes = 0;
    while (until < synced && (bytes == 0 || bytes + log[until] <= std::min<std::uint64_t>(read.cost_max, 256 << 10)))
      bytes += log[until++];
    source->on(flow_source::in::read_done{{read.from.epoch, read.from.seq, seq{until}}, hlc{until}, zeros(bytes)}, now,
               fx);
  }
  std::uint64_t delivered_until() const { return sink.next().seq.value(); }
};

TEST_F(flow_fixture, catches_up_and_then_follows) {
  append(100'000, 10);
  synced = 10;
  open();
  EXPECT_EQ(delivered_until(), 10U);
  append(500);
  sync();
  EXPECT_EQ(delivered_until(), 11U);
}

TEST_F(flow_fixture, stopped_consumer_bounds_what_is_in_flight_for_an_hour) { // T32
  open();
  for (int second = 0; second < 3600; ++second) {
    append(10'000, 100);
    sync();
    tick(std::chrono::seconds(1));
    ASSERT_LE(sink.held(), window);
  }
  consume_all();
  EXPECT_EQ(delivered_until(), 360'000U);
}

TEST_F(flow_fixture, small_runs_cost_as_much_as_a_page) {
  append(1, 10'000);
  open();
  for (int i = 0; i < 10'000; ++i) {
    synced = static_cast<std::size_t>(i) + 1;
    flow_source::effects fx;
    source->on(flow_source::in::advanced{seq{synced}}, fx);
    carry_out(fx);
  }
  EXPECT_EQ(runs.size(), window / limits::run_cost_bytes_min);
}

TEST_F(flow_fixture, largest_entry_passes_whatever_was_used_before) {
  for (std::size_t before = 0; before < 2'000'000; before += 37'123) {
    SCOPED_TRACE(before);
    log = {before, limits::batch_bytes_max};
    synced = log.size();
    sink = flow_sink{{first_epoch, seq{0}}, window};
    waiting.clear();
    open();
    consume_all();
    EXPECT_EQ(delivered_until(), 2U);
  }
}

TEST_F(flow_fixture, silence_is_a_heartbeat_a_second_that_says_how_far_the_log_was_looked_at) {
  append(0, 5);
  open();
  sync();
  EXPECT_TRUE(runs.empty());
  tick(limits::run_heartbeat);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_TRUE(runs[0].bytes.empty());
  EXPECT_EQ(runs[0].range.until, seq{5});
  tick(limits::run_heartbeat / 2);
  EXPECT_EQ(runs.size(), 1U);
}

TEST_F(flow_fixture, heartbeats_go_out_while_a_read_waits_for_its_turn) {
  append(100);
  open();
  answer_reads = false;
  sync();
  ASSERT_TRUE(source->reading());
  tick(limits::run_heartbeat);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_TRUE(runs[0].bytes.empty());
  EXPECT_EQ(runs[0].range, (run_range{first_epoch, seq{0}, seq{0}}));
}

TEST_F(flow_fixture, run_after_unmatched_entries_covers_them) {
  append(0, 5);
  open();
  sync();
  append(100);
  sync();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].range, (run_range{first_epoch, seq{0}, seq{6}}));
}

TEST_F(flow_fixture, late_and_repeated_credit_changes_nothing) {
  append(100'000, 100);
  synced = 100;
  open();
  const auto sent = runs.size();
  flow_source::effects fx;
  for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{window}, window / 2})
    source->on(flow_source::in::credit{limit}, fx);
  carry_out(fx);
  EXPECT_EQ(runs.size(), sent);
}

TEST_F(flow_fixture, overflowing_credit_is_only_much_credit) { // T42
  append(100, 10);
  open();
  flow_source::effects fx;
  source->on(flow_source::in::credit{~std::uint64_t{0}}, fx);
  carry_out(fx);
  EXPECT_EQ(source->credit_left(), ~std::uint64_t{0});
  sync();
  EXPECT_EQ(runs.size(), 1U);
}

TEST_F(flow_fixture, unreadable_range_is_a_gap_and_reading_goes_on_behind_it) {
  append(100, 10);
  answer_reads = false;
  open();
  sync();
  flow_source::effects fx;
  source->on(flow_source::in::read_failed{error(errc::log_start, "removed"), log_position{first_epoch, seq{4}}}, now,
             fx);
  answer_reads = true;
  carry_out(fx);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].range, (run_range{first_epoch, seq{0}, seq{4}}));
  EXPECT_EQ(delivered_until(), 10U);
}

TEST_F(flow_fixture, an_older_epoch_is_read_to_its_end_though_that_lies_above_the_logs) { // T16
  append(100, 9);
  synced = 9;
  flow_source::effects fx;
  source.emplace(log_position{first_epoch, seq{0}}, window, seq{4}, now, fx); // a later epoch ends there
  carry_out(fx);
  EXPECT_EQ(delivered_until(), 9U);
  answer_reads = false;
  tick(limits::run_heartbeat);
  ASSERT_TRUE(pending_read);
  fx.clear();
  source->on(flow_source::in::read_failed{error(errc::epoch_ended, "it goes on below"), std::nullopt}, now, fx);
  carry_out(fx);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code(), errc::epoch_ended);
  EXPECT_TRUE(source->closed());
}

TEST_F(flow_fixture, at_rest_the_log_is_asked_once_a_heartbeat_whether_a_closed_epoch_has_grown) {
  open();
  std::size_t reads = 0;
  answer_reads = false;
  for (int i = 0; i < 10; ++i) {
    tick(microseconds(limits::run_heartbeat) / 2);
    flow_source::effects fx;
    if (!std::exchange(pending_read, std::nullopt)) continue;
    ++reads;
    source->on(flow_source::in::read_done{{first_epoch, seq{0}, seq{0}}, {}, {}}, now, fx);
    carry_out(fx);
  }
  EXPECT_EQ(reads, 5U);
}

TEST_F(flow_fixture, what_is_synced_while_a_read_finds_nothing_is_read_at_once) {
  answer_reads = false;
  open();
  append(100, 3);
  sync();
  flow_source::effects fx;
  source->on(flow_source::in::read_done{{first_epoch, seq{0}, seq{0}}, {}, {}}, now, fx);
  answer_reads = true;
  carry_out(fx);
  EXPECT_EQ(delivered_until(), 3U);
}

TEST_F(flow_fixture, what_is_gone_of_topics_is_an_empty_gap_before_the_run) {
  append(0, 3);
  append(100, 2);
  answer_reads = false;
  open();
  synced = 5;
  flow_source::effects fx;
  source->on(flow_source::in::advanced{seq{5}}, fx);
  source->on(flow_source::in::read_done{{first_epoch, seq{0}, seq{3}}, hlc{1}, {}}, now, fx); // nothing matched
  const wire::named_start start{"t", topic_offset{9}, {first_epoch, seq{4}}};
  source->on(flow_source::in::read_done{{first_epoch, seq{3}, seq{5}}, hlc{2}, zeros(100), {start}}, now, fx);
  carry_out(fx);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].range, (run_range{first_epoch, seq{3}, seq{3}}));
  EXPECT_EQ(gaps[0].why.code(), errc::log_start);
  EXPECT_EQ(gaps[0].topics, std::vector{start});
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].range, (run_range{first_epoch, seq{0}, seq{3}}));
  EXPECT_EQ(runs[1].range, (run_range{first_epoch, seq{3}, seq{5}}));
}

TEST_F(flow_fixture, what_is_gone_is_told_though_there_is_no_credit_for_the_run) {
  append(window, 1);
  append(100, 1);
  answer_reads = false;
  open();
  synced = 2;
  flow_source::effects fx;
  source->on(flow_source::in::advanced{seq{2}}, fx);
  source->on(flow_source::in::read_done{{first_epoch, seq{0}, seq{1}}, hlc{1}, zeros(window - 8192)}, now, fx);
  const wire::named_start start{"t", topic_offset{9}, {first_epoch, seq{2}}};
  source->on(flow_source::in::read_done{{first_epoch, seq{1}, seq{2}}, hlc{2}, zeros(100'000), {start}}, now, fx);
  carry_out(fx);
  EXPECT_EQ(gaps.size(), 1U);
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(delivered_until(), 1U);
  EXPECT_FALSE(source->reading());
}

TEST_F(flow_fixture, more_topics_than_a_message_holds_are_told_in_several) {
  append(100, 1);
  answer_reads = false;
  open();
  synced = 1;
  flow_source::effects fx;
  source->on(flow_source::in::advanced{seq{1}}, fx);
  std::vector<wire::named_start> starts(limits::run_starts_max + 1, {"t", topic_offset{1}, {first_epoch, seq{1}}});
  source->on(flow_source::in::read_done{{first_epoch, seq{0}, seq{1}}, hlc{1}, zeros(100), starts}, now, fx);
  carry_out(fx);
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].topics.size(), limits::run_starts_max);
  EXPECT_EQ(gaps[1].topics.size(), 1U);
}

TEST_F(flow_fixture, unreadable_without_a_way_on_closes) {
  append(100, 10);
  answer_reads = false;
  open();
  sync();
  flow_source::effects fx;
  source->on(flow_source::in::read_failed{error(errc::io_error, "gone"), std::nullopt}, now, fx);
  carry_out(fx);
  ASSERT_TRUE(closed);
  EXPECT_TRUE(source->closed());
}

TEST_F(flow_fixture, next_epoch_starts_where_the_last_ended) {
  append(0, 3);
  answer_reads = false;
  open();
  synced = 5;
  flow_source::effects fx;
  source->on(flow_source::in::advanced{seq{5}}, fx);
  source->on(flow_source::in::read_done{{first_epoch, seq{0}, seq{3}}, hlc{1}, {}}, now, fx);
  const epoch second{2, 9};
  source->on(flow_source::in::read_done{{second, seq{3}, seq{5}}, hlc{2}, zeros(10)}, now, fx);
  fx.erase(std::remove_if(fx.begin(), fx.end(),
                          [](const auto& e) { return std::holds_alternative<flow_source::out::read>(e); }),
           fx.end());
  carry_out(fx);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].range, (run_range{first_epoch, seq{0}, seq{3}}));
  EXPECT_EQ(runs[1].range, (run_range{second, seq{3}, seq{5}}));
}

TEST(flow_sink, refuses_holes_repeats_and_more_than_the_credit) {
  const log_position from{first_epoch, seq{10}};
  EXPECT_FALSE((flow_sink{from, window}.on_run({first_epoch, seq{11}, seq{12}}, 1)));
  EXPECT_FALSE((flow_sink{from, window}.on_run({first_epoch, seq{9}, seq{12}}, 1)));
  EXPECT_FALSE((flow_sink{from, window}.on_run({epoch{0, 1}, seq{10}, seq{12}}, 1)));
  EXPECT_FALSE((flow_sink{from, window}.on_run({first_epoch, seq{10}, seq{9}}, 1)));
  EXPECT_FALSE((flow_sink{from, window}.on_run({first_epoch, seq{10}, seq{12}}, window + 1)));
  EXPECT_TRUE((flow_sink{from, window}.on_run({first_epoch, seq{10}, seq{12}}, window)));
}

} // namespace
} // namespace weft::routing
