// What a log keeps of topics with compaction, and what its readers find.
#include "mesh/base/limits.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/keyed_batch.hpp"

#include <map>

namespace weft::log::testing {

using namespace std::chrono_literals;

class compaction_test : public log_fixture {
protected:
  static constexpr compaction_rules at_once{microseconds{0}, 24h};

  void compact(topic_id topic, const compaction_rules& rules = at_once) { log->set_policy(topic, {{}, {}, rules}); }
  void put(const std::vector<key_value>& events, topic_id topic = orders) {
    ASSERT_TRUE(append_batch(topic, keyed_batch(topic, events)));
  }
  /// Events of 200 bytes, over and over for so many keys.
  void put_many(int events, int keys, topic_id topic = orders) {
    for (int i = 0; i < events; ++i)
      put({{"k" + std::to_string(i % keys), std::to_string(i) + "-" + filler(200)}}, topic);
  }
  /// Ends the segment that is written to.
  void close_segment() { open(); }
  void round(microseconds later = limits::retention_interval) {
    clock.advance(later);
    log->maintain(clock.mono());
  }
  std::vector<placed_event> events(topic_id topic = orders, std::optional<log_position> from = std::nullopt) {
    std::vector<placed_event> all;
    auto at = from.value_or(begin());
    while (true) {
      const auto read = log->read({at, 4096, 0, [topic](topic_id id) { return id == topic; }});
      if (!read) {
        EXPECT_EQ(read.error().code(), errc::end_of_log) << read.error().message();
        return all;
      }
      for (const auto& entry : read->entries)
        for (auto& event : events_of(entry))
          all.push_back(std::move(event));
      at = {read->epoch, read->until};
    }
  }
  std::vector<key_value> contents(topic_id topic = orders) {
    std::vector<key_value> all;
    for (auto& event : events(topic))
      all.push_back(std::move(event.event));
    return all;
  }
  std::map<std::string, std::string> state(topic_id topic = orders) {
    std::map<std::string, std::string> last;
    for (const auto& event : contents(topic))
      last[event.key] = event.value;
    return last;
  }
  [[nodiscard]] std::optional<compaction_facts> facts(topic_id topic = orders) const {
    for (const auto& each : log->topics())
      if (each.topic == topic) return each.compaction;
    return std::nullopt;
  }
  void expect_sound() {
    log.reset();
    const auto report = verify_directory(disk, options.directory);
    ASSERT_TRUE(report);
    for (const auto& each : report->damage)
      ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
    open();
    EXPECT_TRUE(log->recovered().quarantined.empty());
  }
};

TEST_F(compaction_test, the_last_event_of_each_key_stays_at_its_place) {
  open();
  compact(orders);
  put_many(1000, 10);
  const auto before = events();
  const auto last = state();
  const auto bytes = log->state().bytes;
  close_segment();
  compact(orders);
  round();
  const auto after = events();
  EXPECT_EQ(state(), last);
  EXPECT_LT(after.size(), 100U);
  EXPECT_LT(log->state().bytes, bytes / 10);
  auto was = before.begin();
  for (const auto& event : after) { // nothing is new, moved or out of order
    was = std::find_if(was, before.end(), [&](const placed_event& each) { return each.at == event.at; });
    ASSERT_NE(was, before.end());
    EXPECT_EQ(was->event, event.event);
    EXPECT_EQ(was->offset, event.offset);
  }
  expect_sound();
  EXPECT_EQ(state(), last);
  EXPECT_EQ(append(orders, {"next"})->first_offset, topic_offset{1000});
}

TEST_F(compaction_test, without_it_everything_stays) {
  open();
  put_many(300, 3);
  close_segment();
  log->set_policy(orders, {24h * 365, {}, {}});
  round();
  EXPECT_EQ(events().size(), 300U);
  EXPECT_FALSE(facts());
}

TEST_F(compaction_test, events_without_a_key_stay) {
  open();
  for (int i = 0; i < 100; ++i)
    put({{"", "none " + filler(100)}, {"k", filler(200)}});
  close_segment();
  compact(orders);
  round();
  const auto all = contents();
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const key_value& each) { return each.key.empty(); }), 100);
  EXPECT_EQ(all.size(), 101U);
}

TEST_F(compaction_test, a_part_of_a_batch_becomes_an_extract_and_an_extract_of_it_again) {
  open();
  const auto first = log->state().synced_end;
  put({{"a", filler(3000)}, {"b", "1"}, {"c", filler(3000)}, {"d", "1"}});
  put({{"a", "2"}, {"c", "2"}});
  close_segment();
  compact(orders);
  round();
  auto all = events();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].event, (key_value{"b", "1"}));
  EXPECT_EQ(all[0].at.seq, first + 1);
  EXPECT_EQ(all[0].offset, topic_offset{1});
  EXPECT_EQ(all[1].event, (key_value{"d", "1"}));
  EXPECT_EQ(all[1].at.seq, first + 3);
  put({{"b", filler(20)}, {"e", filler(20)}});
  close_segment();
  compact(orders);
  round(limits::compaction_interval);
  all = events();
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].event, (key_value{"d", "1"}));
  EXPECT_EQ(all[0].at.seq, first + 3);
  EXPECT_EQ(all[0].offset, topic_offset{3});
  expect_sound();
}

TEST_F(compaction_test, packed_batches_are_compacted_too) {
  open();
  for (int i = 0; i < 100; ++i) {
    std::vector<key_value> some;
    for (int k = 0; k < 20; ++k)
      some.push_back({"k" + std::to_string(k), std::to_string(i) + filler(100)});
    ASSERT_TRUE(append_batch(orders, keyed_batch(orders, some, 0, 0, wire::codec::lz4)));
  }
  const auto last = state();
  close_segment();
  compact(orders);
  round();
  EXPECT_EQ(state(), last);
  EXPECT_LT(contents().size(), 200U);
}

TEST_F(compaction_test, young_events_stay_until_they_are_old_enough) {
  open();
  put_many(300, 3);
  close_segment();
  compact(orders, {1h, 24h});
  round();
  EXPECT_EQ(events().size(), 300U);
  round(2h); // the clock is believed again
  round(2h);
  EXPECT_LT(events().size(), 30U);
}

TEST_F(compaction_test, a_tombstone_stays_for_its_time_and_takes_its_key_along) {
  open();
  put_many(200, 1);
  put({{"k0", ""}});
  put({{"last", "v"}});
  close_segment();
  compact(orders, {microseconds{0}, 1h});
  round();
  EXPECT_EQ(contents(), (std::vector<key_value>{{"k0", ""}, {"last", "v"}}));
  round(3h);
  round(3h);
  EXPECT_EQ(contents(), (std::vector<key_value>{{"last", "v"}}));
}

TEST_F(compaction_test, a_tombstone_that_a_consumer_needs_stays) {
  open();
  put_many(200, 1);
  put({{"k0", ""}});
  put({{"last", "v"}});
  leases.needs[orders] = {{log->state().epoch, seq{5}}, 1U << 30U};
  close_segment();
  compact(orders, {microseconds{0}, microseconds{0}});
  for (int i = 0; i < 4; ++i)
    round(3h);
  EXPECT_TRUE(state().contains("k0"));
  leases.needs.clear();
  round(3h);
  EXPECT_FALSE(state().contains("k0"));
}

TEST_F(compaction_test, other_topics_keep_every_byte) {
  open();
  for (int i = 0; i < 200; ++i) {
    put({{"k", filler(300)}});
    put({{"k", std::to_string(i)}}, stock);
  }
  std::vector<shared_bytes> before;
  const auto bytes_of_stock = [&] {
    std::vector<shared_bytes> all;
    auto at = begin();
    while (const auto read = log->read({at, 4096, 0, [](topic_id id) { return id == stock; }})) {
      for (const auto& entry : read->entries)
        all.push_back(shared_bytes::copy(entry.bytes.view()));
      at = {read->epoch, read->until};
    }
    return all;
  };
  before = bytes_of_stock();
  close_segment();
  compact(orders);
  round();
  EXPECT_EQ(events(orders).size(), 1U);
  const auto after = bytes_of_stock();
  ASSERT_EQ(after.size(), 200U);
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(after[i].view(), before[i].view()));
}

TEST_F(compaction_test, a_segment_of_which_little_goes_stays_and_says_how_much) {
  open();
  for (int i = 0; i < 20; ++i)
    put({{"k" + std::to_string(i), filler(500)}});
  put({{"k0", "again"}});
  close_segment();
  compact(orders);
  round();
  EXPECT_EQ(events().size(), 21U);
  ASSERT_TRUE(facts());
  EXPECT_GT(facts()->superseded, 500U);
  EXPECT_EQ(facts()->saved, 0U);
  EXPECT_TRUE(facts()->last_round);
}

TEST_F(compaction_test, a_topic_says_what_compaction_did) {
  open();
  put_many(400, 2);
  close_segment();
  compact(orders);
  const auto bytes_of = [&] {
    for (const auto& each : log->topics())
      if (each.topic == orders) return each.bytes;
    return std::uint64_t{0};
  };
  const auto before = bytes_of();
  EXPECT_EQ(facts()->looked_at, 0U);
  round();
  EXPECT_EQ(facts()->saved, before - bytes_of());
  EXPECT_EQ(facts()->looked_at, bytes_of());
  const auto told = bytes_of();
  close_segment(); // what is counted anew at an opening is the same
  EXPECT_EQ(bytes_of(), told);
}

TEST_F(compaction_test, the_active_segment_ends_when_it_has_much_and_is_not_young) {
  options.segment_bytes = 8U << 20U;
  options.tail_cache_bytes = 0; // readers from memory still find all
  open();
  compact(orders);
  for (int i = 0; i < 30; ++i)
    put({{"k", filler(50'000)}});
  round();
  EXPECT_EQ(events().size(), 30U);
  round(limits::compaction_active_age);
  round();
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(compaction_test, reading_and_seeking_into_a_hole_goes_on_behind_it) {
  open();
  put_many(300, 3);
  const auto all = events();
  clock.advance(1h);
  put({{"late", "v"}});
  close_segment();
  compact(orders);
  round();
  for (std::size_t i = 0; i < all.size(); i += 37) {
    const auto rest = events(orders, all[i].at);
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(rest.back().event.key, "late");
    EXPECT_GE(rest.front().at, all[i].at);
  }
  const auto found = log->find_time(hlc::at(clock.wall() - 30min));
  ASSERT_TRUE(found);
  EXPECT_EQ(events(orders, *found).size(), 1U);
}

TEST_F(compaction_test, who_needs_what_was_in_the_oldest_segment_goes_on_behind_it_and_is_told_of_no_gap) {
  open();
  put_many(300, 3);
  const auto from = events()[10].at;
  leases.needs[orders] = {from, 1U << 30U};
  for (int i = 0; i < 3; ++i) {
    close_segment();
    compact(orders);
    round();
  }
  EXPECT_GT(events().front().at, from) << "all of the oldest segments went";
  const auto read = log->read({from, 4096, 0, [](topic_id) { return true; }});
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(events(orders, from).size(), events().size());
  leases.needs[orders].from = events().front().at;
  const auto before = log->state().begin;
  round();
  EXPECT_GT(log->state().begin, before) << "nobody needs their places any more";
  EXPECT_EQ(state().size(), 3U);
}

TEST_F(compaction_test, a_backlog_says_that_it_is_at_most_so_much) {
  open();
  put_many(300, 3);
  put_many(10, 3, stock);
  close_segment();
  compact(orders);
  round();
  const auto counted = log->backlog(begin(), [](topic_id) { return true; });
  ASSERT_TRUE(counted);
  ASSERT_EQ(counted->size(), 2U);
  for (const auto& each : *counted) {
    EXPECT_EQ(each.at_most, each.topic == orders);
    EXPECT_TRUE(each.topic == stock ? each.events == 10U : each.events <= 300U);
  }
}

TEST_F(compaction_test, producers_go_on_when_their_last_batch_was_compacted_and_the_process_died) {
  open();
  for (std::uint64_t i = 0; i < 100; ++i)
    ASSERT_TRUE(append_batch(orders, keyed_batch(orders, {{"k", filler(300)}}, 9, i)));
  put_many(100, 1);
  put({{"k", "last"}});
  close_segment();
  compact(orders);
  clock.advance(limits::retention_interval);
  disk.set_hook([&](disk_call call, const std::string& path) { // the new index is there, the new segment is not
    if (call == disk_call::rename && path.ends_with(".seg")) disk.halt();
  });
  log->maintain(clock.mono());
  disk.set_hook({});
  kill();
  const auto report = verify_directory(disk, options.directory);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->damage.empty());
  for (int i = 0; i < 2; ++i) {
    open();
    EXPECT_TRUE(append_batch(orders, keyed_batch(orders, {{"k", "next"}}, 9, 99))->repeated);
    compact(orders);
    round();
    kill();
  }
  open();
  EXPECT_FALSE(append_batch(orders, keyed_batch(orders, {{"k", "next"}}, 9, 100))->repeated);
  EXPECT_LT(events().size(), 10U);
}

TEST_F(compaction_test, who_holds_a_segment_keeps_reading_it) {
  open();
  put_many(200, 1);
  close_segment();
  const auto read = log->read({begin(), 4096, 0, {}});
  ASSERT_TRUE(read);
  compact(orders);
  round();
  for (const auto& entry : read->entries)
    EXPECT_EQ(events_of(entry).size(), 1U);
}

TEST_F(compaction_test, originals_from_a_copy_are_not_put_back_into_holes_and_are_no_divergence) {
  open();
  put({{"a", filler(3000)}, {"b", "1"}});
  for (int i = 0; i < 30; ++i)
    put({{"a", filler(300)}});
  const auto epoch = log->state().epoch;
  const auto originals = log->read({begin(), 1U << 20U, 0, {}});
  ASSERT_TRUE(originals);
  const auto bytes = originals->run();
  close_segment();
  compact(orders);
  round();
  const auto left = events().size();
  EXPECT_EQ(left, 2U);
  const auto put_back = log->repair(epoch, originals->from, originals->until, bytes);
  ASSERT_TRUE(put_back) << put_back.error().message();
  EXPECT_EQ(*put_back, 0U);
  EXPECT_EQ(events().size(), left);
  const auto taken = log->take_back(epoch, originals->from, originals->until, bytes);
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(*taken, 0U);
  EXPECT_EQ(events().size(), left);
}

TEST_F(compaction_test, extracts_of_different_rounds_are_no_divergence) { // as a copy and the log may have them
  open();
  put({{"a", filler(3000)}, {"b", filler(300)}, {"c", "1"}});
  put({{"a", "2"}});
  const auto epoch = log->state().epoch;
  close_segment();
  compact(orders);
  round();
  const auto first_round = log->read({begin(), 1, 0, {}});
  ASSERT_TRUE(first_round);
  ASSERT_EQ(events_of(first_round->entries.front()).size(), 2U);
  put({{"b", "2"}});
  close_segment();
  compact(orders);
  round(limits::compaction_interval);
  ASSERT_EQ(events().front().event.key, "c");
  const auto put_back = log->repair(epoch, first_round->from, first_round->until, first_round->run());
  ASSERT_TRUE(put_back) << put_back.error().message();
  EXPECT_EQ(*put_back, 0U);
}

TEST_F(compaction_test, damage_in_a_compacted_segment_is_mended_from_originals) {
  open();
  put({{"a", filler(3000)}, {"b", "1"}});
  for (int i = 0; i < 30; ++i)
    put({{"a", std::to_string(i)}, {"c", filler(300)}});
  const auto last = state();
  const auto epoch = log->state().epoch;
  const auto originals = log->read({begin(), 1U << 20U, 0, {}});
  const auto bytes = originals->run();
  close_segment();
  compact(orders);
  round();
  log.reset();
  disk.flip_bit(files(".seg").front(), segment_header_bytes + 70, 3); // of the first extract
  ASSERT_TRUE(disk.remove(index_path_of(files(".seg").front())));
  open();
  ASSERT_EQ(log->damaged().size(), 1U);
  const auto damage = log->damaged().front();
  EXPECT_TRUE(log->repair(epoch, damage.from, damage.until, bytes).has_value() ||
              log->repair(epoch, originals->from, originals->until, bytes).has_value());
  EXPECT_TRUE(log->damaged().empty());
  EXPECT_EQ(state(), last);
}

TEST_F(compaction_test, a_damaged_segment_is_left_alone) {
  open();
  put_many(300, 3);
  log->maintain(clock.mono());
  log.reset();
  const auto segments = files(".seg");
  ASSERT_GT(segments.size(), 3U);
  disk.flip_bit(segments[1], segment_header_bytes + 70, 3);
  open();
  compact(orders);
  round();
  read_all();
  EXPECT_FALSE(damages.empty());
  EXPECT_EQ(log->damaged().size(), 1U);
}

} // namespace weft::log::testing
