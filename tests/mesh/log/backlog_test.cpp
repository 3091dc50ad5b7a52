// What the indexes say a reader has before it, against what reading finds.
#include "mesh/log/backlog.hpp"
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
  /// The log's sealed segments as another process finds them: no index is in memory.
  [[nodiscard]] std::unique_ptr<segment_store> sealed_segments() {
    auto found = std::make_unique<segment_store>(disk, options.id);
    std::map<std::string, epoch> epochs;
    for (const auto& at : position_of_each_event())
      epochs.emplace(to_string(at.epoch), at.epoch);
    for (const auto& path : files(".seg")) {
      const auto folder = path.substr(0, path.rfind('/'));
      const auto opening = epochs.at(folder.substr(folder.rfind('/') + 1));
      const auto first = parse_segment_name(path.substr(path.rfind('/') + 1)).value();
      const auto index = index_file::open(disk, index_path_of(path), options.id, opening, first);
      if (index) found->add_sealed(path, index->summary(), {}, nullptr);
    }
    return found;
  }
  void expect_the_same_without_indexes() {
    const auto from = position_of_each_event();
    const auto known = log->topics();
    const auto all = [](topic_id) { return true; };
    const auto first_entry = [this](log_position at, topic_id topic) -> result<std::optional<wire::entry_header>> {
      const auto some = log->read({at, 1, 0, [topic](topic_id id) { return id == topic; }});
      if (!some || some->entries.empty()) return std::nullopt;
      return some->entries.front().header;
    };
    const auto count = [&](segment_store& in, log_position at) {
      const auto counted = count_backlog({in, known, first_entry}, at, all);
      EXPECT_TRUE(counted) << counted.error().message();
      return counted.value_or(std::vector<topic_backlog>{});
    };
    auto with = sealed_segments();
    auto without = sealed_segments();
    ASSERT_GT(with->all().size(), 2U);
    std::vector<std::vector<topic_backlog>> expected;
    expected.reserve(from.size());
    for (const auto& at : from)
      expected.push_back(count(*with, at));
    for (const auto& path : files(".idx"))
      ASSERT_TRUE(disk.remove(path));
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto counted = count(*without, from[i]);
      ASSERT_EQ(counted.size(), expected[i].size());
      for (std::size_t t = 0; t < counted.size(); ++t) {
        EXPECT_EQ(counted[t].events, expected[i][t].events);
        EXPECT_EQ(counted[t].bytes, expected[i][t].bytes);
        EXPECT_EQ(counted[t].oldest, expected[i][t].oldest);
      }
    }
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

TEST_F(backlog, below_a_topics_start_in_a_segment_that_stays_counts_from_the_start) {
  open();
  log->set_policy(orders, {{}, 10'000});
  fill(60);
  clock.advance(std::chrono::hours(1));
  log->maintain(clock.mono());
  ASSERT_GT(log->starts()->at(orders).at, begin());
  ASSERT_EQ(begin().seq, seq{0});
  check_everywhere();
  ASSERT_TRUE(log->drop_topic(orders));
  check_everywhere();
}

TEST_F(backlog, below_the_begin_counts_from_the_begin) {
  open();
  const auto old = begin();
  fill(60);
  open();
  log->set_policy(orders, {{}, 10'000});
  log->set_policy(stock, {{}, 10'000});
  fill(60);
  clock.advance(std::chrono::hours(1));
  log->maintain(clock.mono());
  ASSERT_GT(begin().epoch, old.epoch);
  ASSERT_TRUE(append(own, {"only where it is written to"}));
  for (const auto topic : {orders, stock, own}) {
    EXPECT_EQ(of(topic, old).events, read(topic, begin()).events);
    EXPECT_EQ(of(topic, old).oldest, read(topic, begin()).oldest);
  }
}

TEST_F(backlog, without_its_index_a_segment_is_read) {
  open();
  fill(60);
  open();
  fill(30);
  expect_the_same_without_indexes();
}

TEST_F(backlog, without_its_index_a_cleaned_segment_is_read) {
  open();
  fill(60);
  const auto whole = files(".seg");
  log->set_policy(orders, {{}, 5'000});
  clock.advance(std::chrono::hours(1));
  log->maintain(clock.mono());
  log->maintain(clock.mono());     // writes their indexes
  ASSERT_EQ(files(".seg"), whole); // each has something of `stock`
  expect_the_same_without_indexes();
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
