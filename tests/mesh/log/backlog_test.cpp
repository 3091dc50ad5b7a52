// What the indexes say a reader has before it, against what reading finds.
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {
namespace {

struct backlog : log_fixture {
  /// The topic's part, empty when it has none.
  topic_backlog of(topic_id topic, log_position from) {
    const auto counted = log->backlog(from, [topic](topic_id id) { return id == topic; });
    EXPECT_TRUE(counted) << counted.error().message();
    return counted && !counted->empty() ? counted->front() : topic_backlog{topic, 0, 0, {}};
  }
  /// The same by reading everything: events exactly, stored bytes with those of an entry that is only in part ahead.
  topic_backlog read(topic_id topic, log_position from) {
    topic_backlog found{topic, 0, 0, {}};
    for (auto at = from;;) {
      const auto some = log->read({at, 1U << 20U, 0, [topic](topic_id id) { return id == topic; }});
      if (!some) return found;
      for (const auto& entry : some->entries) {
        if (found.events == 0) found.oldest = entry.header.appended;
        found.events += entry.header.end_seq() - std::max(entry.header.first_seq, from.seq);
        found.bytes += entry.header.stored_bytes();
      }
      at = {some->epoch, some->until};
    }
  }
  /// Compares at every position of the log.
  void check_everywhere() {
    const auto all = position_of_each_event();
    for (const auto& from : all)
      for (const auto topic : {orders, stock}) {
        const auto counted = of(topic, from);
        const auto found = read(topic, from);
        EXPECT_EQ(counted.events, found.events) << from.seq.value();
        EXPECT_EQ(counted.oldest, found.oldest) << from.seq.value();
        EXPECT_LE(counted.bytes, found.bytes + 200) << from.seq.value();
        EXPECT_GE(counted.bytes + 2000, found.bytes) << from.seq.value();
      }
  }
  std::vector<log_position> position_of_each_event() {
    std::vector<log_position> all;
    for (auto at = begin();;) {
      const auto some = log->read({at, 1, 0, [](topic_id) { return true; }});
      if (!some) break;
      for (auto seq = some->from; seq < some->until; seq = seq + 1)
        all.push_back({some->epoch, seq});
      at = {some->epoch, some->until};
    }
    all.push_back({log->state().epoch, log->state().synced_end});
    return all;
  }
  /// Some segments of two topics, in batches of 1 to 3 events.
  void fill(int batches) {
    for (int i = 0; i < batches; ++i) {
      clock.advance(microseconds{1000});
      ASSERT_TRUE(append(i % 3 == 0 ? stock : orders, strings(static_cast<std::size_t>(1 + i % 3), filler(500))));
    }
    log->maintain(clock.mono());
  }
};

TEST_F(backlog, of_an_empty_log_is_nothing) {
  open();
  EXPECT_TRUE(log->backlog(begin(), [](topic_id) { return true; })->empty());
}

TEST_F(backlog, counts_as_reading_does_in_the_segment_that_is_written) {
  open();
  fill(8);
  check_everywhere();
}

TEST_F(backlog, counts_as_reading_does_over_segments) {
  open();
  fill(60);
  EXPECT_GT(files(".seg").size(), 3U);
  check_everywhere();
}

TEST_F(backlog, counts_as_reading_does_over_epochs) {
  open();
  fill(30);
  open();
  fill(30);
  check_everywhere();
}

TEST_F(backlog, bytes_of_a_whole_topic_are_exact) {
  open();
  fill(60);
  EXPECT_EQ(of(orders, begin()).bytes, read(orders, begin()).bytes);
}

TEST_F(backlog, what_retention_removed_does_not_count) {
  open();
  log->set_policy(orders, {{}, 10'000});
  fill(60);
  clock.advance(std::chrono::hours(1));
  log->maintain(clock.mono());
  ASSERT_GT(log->topics().front().start.value() + log->topics().back().start.value(), 0U);
  EXPECT_EQ(of(orders, begin()).events, read(orders, begin()).events);
}

TEST_F(backlog, cost_does_not_grow_with_the_events) {
  open();
  fill(20);
  const log_position from{begin().epoch, seq{7}};
  const auto calls_of = [&] {
    const auto before = disk.counts().of(disk_call::read);
    of(orders, from);
    return disk.counts().of(disk_call::read) - before;
  };
  of(orders, from); // loads the indexes
  const auto few = calls_of();
  fill(200);
  of(orders, from);
  EXPECT_EQ(calls_of(), few);
}

} // namespace
} // namespace weft::log::testing
