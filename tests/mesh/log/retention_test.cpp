#include "mesh/log/retention.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

using namespace std::chrono_literals;

class retention_test : public log_fixture {
protected:
  void fill(topic_id topic, int count, std::size_t size = 900) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(append(topic, {name_of(topic) + std::to_string(i) + filler(size)}));
  }
  /// Retention's next round.
  void retain() {
    clock.advance(limits::retention_interval);
    log->maintain(clock.mono());
  }
  [[nodiscard]] topic_facts facts_of(topic_id topic) const {
    for (const auto& each : log->topics())
      if (each.topic == topic) return each;
    ADD_FAILURE() << "no such topic";
    return {};
  }
  void expect_whole() {
    log.reset();
    const auto report = verify_directory(disk, options.directory);
    ASSERT_TRUE(report);
    for (const auto& each : report->damage)
      ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
    open();
  }
};

TEST_F(retention_test, without_a_policy_everything_stays) {
  open();
  fill(orders, 100);
  clock.advance(10'000h);
  retain();
  EXPECT_EQ(read_all().size(), 100U);
}

TEST_F(retention_test, bytes_bound_a_topic) {
  open();
  log->set_policy(orders, {{}, 30'000});
  fill(orders, 200);
  retain();
  const auto kept = read_all();
  EXPECT_GE(facts_of(orders).bytes, 30'000U);
  EXPECT_LT(facts_of(orders).bytes, 30'000U + 2 * options.segment_bytes);
  EXPECT_LT(kept.size(), 70U);
  EXPECT_GT(kept.size(), 25U);
  EXPECT_LT(files(".seg").size(), 6U);
  EXPECT_EQ(starts.starts.at(orders).offset, topic_offset{200 - kept.size()});
  EXPECT_EQ(facts_of(orders).start, topic_offset{200 - kept.size()});
  expect_whole();
  EXPECT_EQ(read_all(), kept);
}

TEST_F(retention_test, time_bounds_a_topic_and_never_takes_early) {
  open();
  log->set_policy(orders, {1h, {}});
  for (int i = 0; i < 30; ++i) {
    fill(orders, 10);
    clock.advance(5min);
    log->maintain(clock.mono());
    const auto oldest = log->find_time(hlc::at(clock.wall() - 1h));
    ASSERT_TRUE(oldest);
    EXPECT_LE(starts.starts[orders].at, *oldest) << i;
  }
  EXPECT_LT(read_all().size(), 200U);
  EXPECT_GE(read_all().size(), 110U);
}

TEST_F(retention_test, a_quiet_log_is_retained_too) {
  open();
  log->set_policy(orders, {1h, {}});
  fill(orders, 3); // far from filling a segment
  for (int i = 0; i < 30; ++i) {
    clock.advance(5min);
    log->maintain(clock.mono());
  }
  EXPECT_TRUE(read_all().empty());
  EXPECT_EQ(append(orders, {"next"})->first_offset, topic_offset{3});
}

TEST_F(retention_test, a_reader_below_the_start_is_told_so) { // T12
  open();
  const auto from = begin();
  log->set_policy(orders, {{}, 20'000});
  fill(orders, 100);
  retain();
  read_request request;
  request.from = from;
  EXPECT_EQ(code_of(log->read(request)), errc::log_start);
  EXPECT_GT(begin(), from);
}

TEST_F(retention_test, below_the_begin_reading_can_go_on_at_the_begin) { // T12
  open();
  const auto from = begin();
  fill(orders, 100);
  open(); // so that the old position is of an epoch that goes away as a whole
  log->set_policy(orders, {{}, 20'000});
  fill(orders, 100);
  retain();
  ASSERT_GT(begin().epoch, from.epoch);
  EXPECT_EQ(log->next_readable(from), begin());
  EXPECT_EQ(log->next_readable(begin()), std::nullopt);
  EXPECT_EQ(log->next_readable({from.epoch, log->state().synced_end + 1}), std::nullopt); // never was there
}

TEST_F(retention_test, bytes_that_a_reader_holds_stay_right) { // T12
  options.tail_cache_bytes = 0;
  options.spare_segments = 2;
  open();
  fill(orders, 60);
  log->maintain(clock.mono());
  log.reset(); // so that nothing is in memory
  open();
  read_request request;
  request.from = begin();
  request.bytes_max = 4000;
  const auto held = log->read(request);
  ASSERT_TRUE(held);
  log->set_policy(orders, {{}, 5000});
  fill(orders, 60);
  for (int i = 0; i < 5; ++i)
    retain();
  fill(orders, 60); // over the recycled files
  for (const auto& entry : held->entries)
    EXPECT_EQ(values_of(entry).size(), 1U);
  EXPECT_EQ(values_of(held->entries[0])[0], "retail.orders0" + filler(900));
}

TEST_F(retention_test, page_cache_of_cold_segments_is_given_back_also_after_segments_went) {
  open();
  log->set_policy(orders, {{}, 100'000});
  fill(orders, 200);
  retain();
  ASSERT_GT(begin().seq, seq{0});
  for (int round = 0; round < 10; ++round) {
    const auto before = disk.cache_drops();
    fill(orders, 40);
    log->maintain(clock.mono());
    retain();
    EXPECT_GE(disk.cache_drops(), before + 2) << round; // so many segments were filled
    EXPECT_LE(disk.cache_drops(), before + 3) << round; // each once
  }
}

TEST_F(retention_test, old_segments_become_new_ones) {
  options.spare_segments = 3;
  open();
  log->maintain(clock.mono());
  log->set_policy(orders, {{}, 20'000});
  fill(orders, 20);
  const auto made = files(".zero").size();
  EXPECT_GE(made, 1U);
  for (int i = 0; i < 10; ++i) {
    fill(orders, 40);
    retain();
  }
  EXPECT_FALSE(files(".used").empty());
  const auto kept = read_all();
  expect_whole();
  EXPECT_EQ(read_all(), kept);
  kill();
  open();
  EXPECT_EQ(read_all(), kept);
}

TEST_F(retention_test, segments_with_little_alive_are_written_anew) {
  open();
  log->set_policy(orders, {{}, 1});
  for (int i = 0; i < 20; ++i) {
    fill(orders, 9);
    fill(stock, 1, 100);
  }
  const auto before = log->state().bytes;
  std::size_t count = files(".seg").size();
  retain();
  log->maintain(clock.mono());
  EXPECT_LT(log->state().bytes, before / 2);
  EXPECT_EQ(files(".seg").size(), count);
  EXPECT_EQ(read_all({stock}).size(), 20U);
  const auto all = read_all();
  expect_whole();
  EXPECT_EQ(read_all(), all);
  EXPECT_EQ(facts_of(stock).start, topic_offset{0});
  // A position inside what was cleaned away goes on behind it.
  EXPECT_EQ(read_from({begin().epoch, seq{3}}), all);
}

TEST_F(retention_test, cleaned_segments_survive_the_loss_of_their_index) { // T05
  open();
  log->set_policy(orders, {{}, 1});
  for (int i = 0; i < 20; ++i) {
    fill(orders, 9);
    fill(stock, 1, 100);
  }
  retain();
  const auto all = read_all();
  log.reset();
  for (const auto& path : files(".idx"))
    ASSERT_TRUE(disk.remove(path));
  open();
  EXPECT_TRUE(log->recovered().quarantined.empty());
  EXPECT_EQ(read_all(), all);
}

TEST_F(retention_test, nothing_goes_before_the_start_is_durable) {
  open();
  log->set_policy(orders, {{}, 20'000});
  fill(orders, 100);
  starts.failing = true;
  retain();
  EXPECT_EQ(read_all().size(), 100U);
  starts.failing = false;
  retain();
  EXPECT_LT(read_all().size(), 50U);
}

TEST_F(retention_test, starts_from_the_catalog_hide_what_is_still_on_disk) {
  open();
  fill(orders, 10);
  starts.starts[orders] = {topic_offset{4}, {log->state().epoch, seq{4}}};
  open();
  EXPECT_EQ(read_all().size(), 6U);
  read_request request;
  request.from = begin();
  EXPECT_EQ(log->read(request)->from, seq{0});
}

TEST_F(retention_test, a_dropped_topic_is_gone_and_its_offsets_go_on) {
  open();
  fill(orders, 30);
  fill(stock, 30);
  ASSERT_TRUE(log->drop_topic(orders));
  EXPECT_TRUE(read_all({orders}).empty());
  EXPECT_EQ(facts_of(orders).start, topic_offset{30});
  EXPECT_EQ(facts_of(orders).bytes, 0U);
  log->maintain(clock.mono());
  EXPECT_EQ(append(orders, {"new"})->first_offset, topic_offset{30});
  EXPECT_EQ(read_all({orders}), strings{"new"});
  EXPECT_EQ(read_all({stock}).size(), 30U);
  open();
  EXPECT_EQ(read_all({orders}), strings{"new"});
}

TEST_F(retention_test, a_start_lies_directly_behind_an_event_that_is_gone) {
  open();
  log->set_policy(orders, {{}, 1});
  std::vector<seq> ends; // of the orders' entries
  for (int i = 0; i < 60; ++i) {
    ends.push_back(append(orders, {filler(900)})->first + 1);
    ASSERT_TRUE(append(stock, {filler(900)}));
  }
  retain();
  EXPECT_EQ(begin().seq, seq{0}) << "the stock keeps every segment";
  const auto start = log->starts()->at(orders);
  ASSERT_GT(start.offset, topic_offset{0});
  EXPECT_EQ(start.at, (log_position{begin().epoch, ends[start.offset.value() - 1]}));
  EXPECT_FALSE(log->starts()->contains(stock));
}

TEST_F(retention_test, the_start_of_a_dropped_topic_lies_directly_behind_its_last_event) {
  open();
  fill(orders, 30);
  const auto end = append(orders, {"last"})->first + 1;
  const auto first_epoch = begin().epoch;
  fill(stock, 3);
  ASSERT_TRUE(log->drop_topic(orders)); // it ends in the segment that is written
  EXPECT_EQ(log->starts()->at(orders).at, (log_position{first_epoch, end}));
  const auto end_of_stock = append(stock, {"last"})->first + 1;
  open();
  ASSERT_TRUE(append(own, {"a later epoch"}));
  ASSERT_TRUE(log->drop_topic(stock));
  EXPECT_EQ(log->starts()->at(stock).at, (log_position{first_epoch, end_of_stock}));
  EXPECT_EQ(log->starts()->at(stock).offset, topic_offset{4});
}

TEST_F(retention_test, a_topic_is_dropped_when_retention_has_taken_its_last_events_already) {
  open();
  fill(stock, 10);
  fill(orders, 60);
  fill(stock, 20);
  log->set_policy(orders, {{}, 0});
  retain();
  retain(); // of the orders' entries only some in the first segment are still there
  const auto start = log->starts()->at(orders);
  ASSERT_EQ(start.offset, topic_offset{60});
  ASSERT_TRUE(log->drop_topic(orders));
  EXPECT_EQ(log->starts()->at(orders).at, start.at);
}

TEST_F(retention_test, reads_say_which_starts_they_went_by) {
  open();
  fill(orders, 3);
  fill(stock, 3);
  read_request request;
  request.from = begin();
  const auto before = log->read(request)->starts;
  EXPECT_EQ(log->read(request)->starts, before) << "one object while no start moves";
  ASSERT_TRUE(log->drop_topic(orders));
  const auto after = log->read(request)->starts;
  EXPECT_NE(after, before);
  EXPECT_TRUE(after->contains(orders));
  EXPECT_EQ(after, log->starts());
}

TEST_F(retention_test, a_start_that_moves_during_a_read_holds_for_all_of_it) {
  open();
  for (int i = 0; i < 5; ++i) {
    fill(orders, 1);
    fill(stock, 1);
  }
  int asked = 0;
  read_request request;
  request.from = begin();
  request.bytes_max = 1U << 20U;
  request.wants = [&](topic_id) {
    if (++asked == 6) {
      EXPECT_TRUE(log->drop_topic(orders));
    }
    return true;
  };
  const auto found = log->read(request);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->starts->contains(orders));
  EXPECT_EQ(found->entries.size(), 5U);
  for (const auto& entry : found->entries)
    EXPECT_EQ(entry.header.topic, stock);
}

TEST_F(retention_test, seqs_go_on_when_everything_was_removed) {
  open();
  log->set_policy(orders, {{}, 0});
  fill(orders, 100);
  for (int i = 0; i < 3; ++i) {
    retain();
    open();
    log->set_policy(orders, {{}, 0});
  }
  const auto next = append(orders, {"next"});
  EXPECT_EQ(next->first, seq{100});
  EXPECT_EQ(next->first_offset, topic_offset{100});
}

TEST(retention_clock, believes_a_jump_only_after_a_while) { // T13
  retention_clock clock(std::nullopt);
  const wall_time noon{1'000'000'000'000};
  EXPECT_EQ(clock.now(noon, {0}), noon);
  const auto years = std::chrono::hours(10 * 365 * 24);
  mono_time mono{0};
  for (int minutes = 1; minutes < 60; ++minutes) {
    mono = mono + 1min;
    EXPECT_EQ(clock.now(noon + years + minutes * 1min, mono), noon + minutes * 1min);
  }
  mono = mono + 2min;
  EXPECT_EQ(clock.now(noon + years + 61min, mono), noon + years + 61min); // it stayed
}

TEST(retention_clock, a_short_jump_is_forgotten) { // T13
  retention_clock clock(std::nullopt);
  const wall_time noon{1'000'000'000'000};
  static_cast<void>(clock.now(noon, {0}));
  static_cast<void>(clock.now(noon + 20h, mono_time{} + 30min));
  EXPECT_EQ(clock.now(noon + 40min, mono_time{} + 40min), noon + 40min);
  EXPECT_EQ(clock.now(noon + 20h, mono_time{} + 80min), noon + 80min); // counts anew
}

TEST(retention_clock, goes_back_with_the_wall_clock) { // T13
  retention_clock clock(std::nullopt);
  const wall_time noon{1'000'000'000'000};
  static_cast<void>(clock.now(noon, {0}));
  EXPECT_EQ(clock.now(noon - 5h, mono_time{} + 1min), noon - 5h);
}

TEST(retention_clock, a_start_far_behind_the_last_append_is_a_jump) { // T13
  const wall_time noon{1'000'000'000'000};
  retention_clock clock(noon);
  EXPECT_EQ(clock.now(noon + 1000h, {0}), noon);
}

TEST_F(retention_test, a_clock_that_jumped_removes_nothing_early) { // T13
  open();
  log->set_policy(orders, {24h, {}});
  fill(orders, 100);
  retain();
  clock.jump(std::chrono::hours(10 * 365 * 24));
  fill(orders, 20);
  retain();
  EXPECT_EQ(read_all().size(), 120U);
  clock.jump(-std::chrono::hours(20 * 365 * 24));
  fill(orders, 20);
  retain();
  EXPECT_EQ(read_all().size(), 140U);
}

TEST_F(retention_test, what_is_needed_stays_until_the_need_moves_on) { // T12
  open();
  log->set_policy(orders, {{}, 10'000});
  fill(orders, 20);
  const log_position later{log->state().epoch, log->state().synced_end};
  leases.needs[orders] = {begin(), 1U << 30U};
  fill(orders, 100);
  retain();
  EXPECT_EQ(read_all().size(), 120U);
  leases.needs[orders].from = later;
  retain();
  EXPECT_GE(read_from(later).size(), 100U);
  EXPECT_LT(read_all().size(), 120U);
  EXPECT_LE(starts.starts.at(orders).at, later);
  leases.needs.clear();
  retain();
  EXPECT_LT(read_all().size(), 40U);
  expect_whole();
}

TEST_F(retention_test, what_is_needed_of_one_topic_holds_no_other_one_back) {
  open();
  log->set_policy(orders, {{}, 10'000});
  log->set_policy(stock, {{}, 10'000});
  leases.needs[orders] = {begin(), 1U << 30U};
  for (int i = 0; i < 100; ++i) {
    fill(orders, 1);
    fill(stock, 3);
  }
  retain();
  EXPECT_EQ(read_all({orders}).size(), 100U);
  EXPECT_LT(read_all({stock}).size(), 40U);
  EXPECT_LT(log->state().bytes, 220'000U); // its bytes are gone, too: of segments that are more than half dead
  expect_whole();
  EXPECT_EQ(read_all({orders}).size(), 100U);
}

TEST_F(retention_test, beyond_its_bytes_the_oldest_of_what_is_needed_go) {
  open();
  log->set_policy(orders, {{}, 10'000});
  leases.needs[orders] = {begin(), 40'000};
  fill(orders, 100);
  retain();
  const auto kept = read_all().size();
  EXPECT_LT(kept, 70U);
  EXPECT_GT(kept, 35U);
  ASSERT_EQ(leases.last.size(), 1U);
  EXPECT_EQ(leases.last.front().gone_until, starts.starts.at(orders).at);
  std::uint64_t held = 0;
  for (const auto& part : leases.last.front().held)
    held += part.bytes;
  EXPECT_LE(held, 40'000U);
  EXPECT_GT(held, 20'000U);
}

TEST_F(retention_test, what_was_consumed_goes_when_the_topic_is_kept_until_then) {
  open();
  log->set_policy(orders, {.until_consumed = true});
  fill(orders, 100);
  const log_position done{log->state().epoch, log->state().synced_end};
  fill(orders, 100);
  leases.needs[orders] = {done, 1U << 30U, done};
  retain();
  EXPECT_GE(read_from(done).size(), 100U);
  EXPECT_LT(read_all().size(), 130U); // whole segments go
  EXPECT_LE(starts.starts.at(orders).at, done);
  expect_whole();
}

TEST_F(retention_test, what_nobody_is_known_to_have_consumed_stays) {
  open();
  log->set_policy(orders, {.until_consumed = true});
  fill(orders, 100);
  retain();
  EXPECT_EQ(read_all().size(), 100U); // there is nobody
  leases.needs[orders] = {{log->state().epoch, log->state().synced_end}, 1U << 30U, {}};
  retain();
  EXPECT_EQ(read_all().size(), 100U); // there is somebody, and it is not known how far
}

TEST_F(retention_test, a_cursor_says_nothing_of_a_topic_that_is_not_kept_until_consumed) {
  open();
  log->set_policy(orders, {{}, 1U << 30U});
  fill(orders, 100);
  const log_position done{log->state().epoch, log->state().synced_end};
  leases.needs[orders] = {done, 1U << 30U, done};
  retain();
  EXPECT_EQ(read_all().size(), 100U);
}

TEST_F(retention_test, other_limits_hold_for_what_was_not_consumed_up_to_the_leases_bytes) {
  open();
  log->set_policy(orders, {.keep_bytes = 10'000, .until_consumed = true});
  leases.needs[orders] = {begin(), 40'000, begin()};
  fill(orders, 100);
  retain();
  const auto kept = read_all().size();
  EXPECT_LT(kept, 70U);
  EXPECT_GT(kept, 35U);
}

TEST_F(retention_test, what_somebody_else_holds_stays_though_it_was_consumed) {
  open();
  log->set_policy(orders, {.until_consumed = true});
  fill(orders, 100);
  leases.needs[orders] = {begin(), 1U << 30U, log_position{log->state().epoch, log->state().synced_end}};
  retain();
  EXPECT_EQ(read_all().size(), 100U);
}

TEST_F(retention_test, a_need_of_no_bytes_holds_nothing) {
  open();
  log->set_policy(orders, {{}, 10'000});
  leases.needs[orders] = {begin(), 0};
  fill(orders, 100);
  retain();
  EXPECT_LT(read_all().size(), 40U);
  EXPECT_TRUE(leases.last.front().held.empty());
}

TEST_F(retention_test, who_needs_something_hears_what_is_held_and_what_is_gone) {
  open();
  log->set_policy(orders, {1h, {}});
  leases.needs[orders] = {begin(), 1U << 30U};
  fill(orders, 30);
  retain();
  EXPECT_TRUE(leases.last.empty()); // nothing would go yet
  clock.advance(2h);
  retain();
  ASSERT_EQ(leases.last.size(), 1U);
  EXPECT_EQ(leases.last.front().topic, orders);
  EXPECT_EQ(leases.last.front().gone_until, std::nullopt);
  EXPECT_EQ(leases.last.front().held.back().end, (log_position{log->state().epoch, seq{30}}));
  leases.needs.clear();
  retain();
  EXPECT_EQ(leases.last.front().gone_until, (log_position{log->state().epoch, seq{30}}));
  retain();
  EXPECT_TRUE(leases.last.empty());
}

TEST_F(retention_test, a_deleted_topic_is_held_by_nobody) {
  open();
  leases.needs[orders] = {begin(), 1U << 30U};
  fill(orders, 100);
  ASSERT_TRUE(log->drop_topic(orders));
  retain();
  EXPECT_TRUE(read_all().empty());
}

TEST_F(retention_test, a_start_that_cannot_be_kept_takes_nothing_and_is_told_when_it_is) {
  open();
  log->set_policy(orders, {{}, 10'000});
  fill(orders, 100);
  starts.failing = true;
  retain();
  ASSERT_EQ(leases.last.size(), 1U);
  EXPECT_EQ(leases.last.front().gone_until, std::nullopt);
  EXPECT_EQ(read_all().size(), 100U);
  starts.failing = false;
  retain();
  EXPECT_NE(leases.last.front().gone_until, std::nullopt);
}

#ifdef WEFT_PLANTED_BUGS
TEST_F(retention_test, retention_below_lease_takes_what_a_lease_holds) {
  open();
  log->set_policy(orders, {{}, 10'000});
  leases.needs[orders] = {begin(), 1U << 30U};
  fill(orders, 100);
  plant(planted_bug::retention_below_lease);
  retain();
  plant(planted_bug::none);
  EXPECT_LT(read_all().size(), 100U);
}
#endif

} // namespace weft::log::testing
