#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

class node_log_test : public log_fixture {};

TEST_F(node_log_test, what_was_appended_is_read_in_order) {
  open();
  const auto first = append(orders, {"a", "b"});
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->first, seq{0});
  EXPECT_EQ(first->count, 2U);
  const auto second = append(stock, {"c"});
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->first, seq{2});
  EXPECT_EQ(second->first_offset, topic_offset{0});
  EXPECT_LT(first->at, second->at);
  EXPECT_EQ(append(orders, {"d"})->first_offset, topic_offset{2});
  EXPECT_EQ(read_all(), (strings{"a", "b", "c", "d"}));
  EXPECT_EQ(read_all({stock}), strings{"c"});
}

TEST_F(node_log_test, an_empty_log_has_nothing_yet) {
  open();
  read_request request;
  request.from = begin();
  EXPECT_EQ(code_of(log->read(request)), errc::end_of_log);
  request.from.seq = seq{1};
  EXPECT_EQ(code_of(log->read(request)), errc::out_of_range);
  EXPECT_EQ(log->find_time(hlc{1}).value(), begin());
}

TEST_F(node_log_test, one_commit_syncs_all_that_waits) {
  open();
  ASSERT_TRUE(append(orders, {"first"})); // makes the segment
  const auto before = disk.counts();
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(queue(orders, {std::to_string(i)}));
  EXPECT_TRUE(answers.empty());
  EXPECT_TRUE(log->commit_pending());
  EXPECT_EQ(answers.size(), 10U);
  EXPECT_EQ(disk.counts().of(disk_call::write) - before.of(disk_call::write), 1U);
  EXPECT_EQ(disk.counts().of(disk_call::sync) - before.of(disk_call::sync), 1U);
  EXPECT_FALSE(log->commit_pending());
}

TEST_F(node_log_test, a_full_queue_says_so_and_takes_nothing) {
  options.commit_queue_bytes = 4096;
  open();
  int taken = 0;
  while (queue(orders, {filler(500)}))
    ++taken;
  EXPECT_GT(taken, 3);
  EXPECT_EQ(code_of(queue(orders, {filler(500)})), errc::would_block);
  while (log->commit_pending()) {}
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(taken));
  EXPECT_TRUE(queue(orders, {"x"}));
}

TEST_F(node_log_test, written_is_answered_before_the_sync_and_read_only_after) {
  open();
  ASSERT_TRUE(append(orders, {"synced"}));
  const auto syncs = disk.counts().of(disk_call::sync);
  ASSERT_TRUE(append(orders, {"written"}, ack_level::written));
  EXPECT_EQ(disk.counts().of(disk_call::sync), syncs);
  EXPECT_EQ(read_all(), strings{"synced"});
  EXPECT_EQ(log->state().written_end, seq{2});
  EXPECT_EQ(log->state().synced_end, seq{1});
  log->maintain(clock.mono());
  EXPECT_EQ(read_all(), strings{"synced"});
  clock.advance(options.written_sync_within);
  log->maintain(clock.mono());
  EXPECT_EQ(read_all(), (strings{"synced", "written"}));
}

TEST_F(node_log_test, room_is_told_after_each_commit_with_or_without_a_sync) {
  options.commit_queue_bytes = 1000;
  open();
  int told = 0;
  log->on_room([&told] { ++told; });
  ASSERT_TRUE(queue(orders, {filler(900)}, ack_level::written));
  EXPECT_EQ(code_of(queue(orders, {filler(900)}, ack_level::written)), errc::would_block);
  EXPECT_EQ(told, 0);
  ASSERT_TRUE(log->commit_pending());
  EXPECT_EQ(log->state().synced_end, seq{0});
  EXPECT_EQ(told, 1);
  ASSERT_TRUE(queue(orders, {filler(900)}, ack_level::synced));
  ASSERT_TRUE(log->commit_pending());
  EXPECT_EQ(told, 2);
  EXPECT_FALSE(log->commit_pending());
  EXPECT_EQ(told, 2);
  ASSERT_TRUE(append(orders, {"x"}, ack_level::written)); // a caller that commits tells it too
  EXPECT_EQ(told, 3);
}

TEST_F(node_log_test, a_caller_that_commits_syncs_what_is_due) {
  open();
  ASSERT_TRUE(append(orders, {"a"}, ack_level::written));
  clock.advance(options.written_sync_within - microseconds{1});
  ASSERT_TRUE(append(orders, {"b"}, ack_level::written));
  EXPECT_EQ(log->state().synced_end, seq{0});
  clock.advance(microseconds{1});
  ASSERT_TRUE(append(orders, {"c"}, ack_level::written));
  EXPECT_EQ(log->state().synced_end, seq{3});
}

TEST_F(node_log_test, a_synced_append_syncs_what_was_only_written) {
  open();
  ASSERT_TRUE(append(orders, {"written"}, ack_level::written));
  ASSERT_TRUE(append(orders, {"synced"}));
  EXPECT_EQ(read_all(), (strings{"written", "synced"}));
}

TEST_F(node_log_test, the_log_goes_over_many_segments) {
  open();
  strings expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i) + filler(900));
    ASSERT_TRUE(append(i % 3 == 0 ? stock : orders, {expected.back()}));
  }
  EXPECT_GT(files(".seg").size(), 5U);
  EXPECT_EQ(read_all(), expected);
  log->maintain(clock.mono());
  EXPECT_EQ(files(".idx").size() + 1, files(".seg").size());
  EXPECT_EQ(read_all(), expected);
}

TEST_F(node_log_test, every_opening_is_a_new_epoch_and_seqs_go_on) {
  open();
  ASSERT_TRUE(append(orders, {"a"}));
  const auto old = log->state().epoch;
  const auto old_end = log_position{old, log->state().synced_end};
  open();
  EXPECT_GT(log->state().epoch.count(), old.count());
  read_request request;
  request.from = old_end;
  EXPECT_EQ(code_of(log->read(request)), errc::end_of_log);
  const auto next = append(orders, {"b"});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->first, seq{1});
  EXPECT_EQ(next->first_offset, topic_offset{1});
  const auto found = log->read(request); // from the end of the old epoch it goes on in the new one
  ASSERT_TRUE(found);
  EXPECT_EQ(found->epoch, log->state().epoch);
  EXPECT_EQ(found->from, seq{1});
  EXPECT_EQ(read_all(), (strings{"a", "b"}));
}

TEST_F(node_log_test, the_epoch_is_above_what_peers_have_heard_of) {
  options.epoch_above = 41;
  open();
  EXPECT_EQ(log->state().epoch.count(), 42U);
  options.epoch_above = 0;
  open();
  EXPECT_EQ(log->state().epoch.count(), 43U);
}

TEST_F(node_log_test, the_epoch_is_durable_before_anything_is_appended) {
  open();
  const auto epoch = log->state().epoch;
  disk.halt();
  log.reset();
  disk.crash_losing_everything_unsynced();
  open();
  EXPECT_GT(log->state().epoch.count(), epoch.count());
}

TEST_F(node_log_test, reads_stop_at_their_bounds) {
  open();
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(append(i == 7 ? stock : orders, {filler(1000)}));
  read_request request;
  request.from = begin();
  request.bytes_max = 1;
  EXPECT_EQ(log->read(request)->entries.size(), 1U); // at least one
  request.bytes_max = 3000;
  EXPECT_EQ(log->read(request)->entries.size(), 2U);
  request.wants = [](topic_id topic) { return topic == stock; };
  request.scanned_max = 2000;
  const auto nothing = log->read(request);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->entries.empty());
  EXPECT_GT(nothing->until, nothing->from);
  EXPECT_LT(nothing->until, seq{7});
}

TEST_F(node_log_test, a_read_from_inside_a_batch_returns_that_batch) {
  open();
  ASSERT_TRUE(append(orders, {"a", "b", "c"}));
  ASSERT_TRUE(append(orders, {"d"}));
  read_request request;
  request.from = {log->state().epoch, seq{2}};
  request.bytes_max = 1;
  const auto found = log->read(request);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->entries.size(), 1U);
  EXPECT_EQ(found->entries[0].header.first_seq, seq{0});
  EXPECT_EQ(found->until, seq{3});
}

TEST_F(node_log_test, runs_are_slices_of_the_memory_that_was_written) {
  open();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(append(orders, {std::to_string(i)}));
  read_request request;
  request.from = begin();
  request.bytes_max = 1U << 20U;
  const auto found = log->read_cached(request);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->entries.size(), 5U);
  EXPECT_TRUE(found->adjacent);
  EXPECT_EQ(found->run().data(), found->entries[0].bytes.data());
  wire::entry_walker walker(found->run(), wire::checksum_seed(options.id, found->epoch));
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(walker.next());
  EXPECT_EQ(code_of(walker.next()), errc::end_of_log);
}

TEST_F(node_log_test, what_is_not_in_memory_would_block) {
  options.tail_cache_bytes = 0; // the newest piece only
  options.segment_bytes = 8U << 20U;
  open();
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(append(orders, {filler(100'000)}));
  read_request request;
  request.from = begin();
  EXPECT_EQ(code_of(log->read_cached(request)), errc::would_block);
  EXPECT_TRUE(log->read(request));
  request.from.seq = seq{39};
  EXPECT_TRUE(log->read_cached(request));
}

TEST_F(node_log_test, times_are_found_and_only_grow) {
  open();
  strings expected;
  std::vector<hlc> times;
  for (int i = 0; i < 60; ++i) {
    times.push_back(append(orders, {filler(900)})->at);
    clock.advance(microseconds(i % 2 == 0 ? 5000 : 0));
    if (i == 30) clock.jump(microseconds(-60'000'000)); // back by a minute
    if (i > 0) {
      EXPECT_GT(times.back(), times[times.size() - 2]);
    }
  }
  log->maintain(clock.mono());
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_EQ(log->find_time(times[i])->seq, seq{i});
    EXPECT_EQ(log->find_time(hlc{times[i].value() + 1})->seq, seq{i + 1});
  }
}

TEST_F(node_log_test, an_idle_logs_time_goes_on_and_appends_stay_above_it) {
  open();
  ASSERT_TRUE(append(orders, {"a"}));
  clock.advance(std::chrono::seconds(5));
  const auto time = log->state().time;
  EXPECT_GE(time.wall().us + 1000, clock.wall().us - 1000);
  clock.jump(std::chrono::seconds(-3));
  EXPECT_GT(append(orders, {"b"})->at, time);
}

TEST_F(node_log_test, a_group_is_read_whole) {
  open();
  ASSERT_TRUE(append(orders, {"before"}));
  append_request group;
  for (int i = 0; i < 4; ++i)
    group.items.push_back({i % 2 == 0 ? orders : stock, make_batch(i % 2 == 0 ? orders : stock, {filler(500)})});
  const auto answer = log->append_and_wait(std::move(group));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->size(), 4U);
  ASSERT_TRUE(append(orders, {"after"}));
  read_request request;
  request.from = {log->state().epoch, seq{1}};
  request.bytes_max = 600;
  auto found = log->read(request);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->entries.size(), 4U);
  EXPECT_EQ(found->until, seq{5});
}

TEST_F(node_log_test, a_group_that_is_too_large_is_refused) {
  open();
  append_request group;
  for (int i = 0; i < 3; ++i)
    group.items.push_back({orders, make_batch(orders, {filler(500'000)})});
  EXPECT_EQ(code_of(log->append_and_wait(std::move(group))), errc::too_large);
}

TEST_F(node_log_test, topics_know_what_they_hold) {
  open();
  ASSERT_TRUE(append(orders, {"a", "b"}));
  ASSERT_TRUE(append(stock, {"c"}));
  const auto check = [&] {
    const auto topics = log->topics();
    ASSERT_EQ(topics.size(), 2U);
    EXPECT_EQ(topics[0].name, "retail.orders");
    EXPECT_EQ(topics[0].end, topic_offset{2});
    EXPECT_GT(topics[0].bytes, 64U);
    EXPECT_EQ(topics[1].end, topic_offset{1});
  };
  check();
  open();
  check();
}

TEST_F(node_log_test, who_has_more_of_a_closed_epoch_goes_on_where_the_next_begins) { // T16 T17
  open();
  ASSERT_TRUE(append(orders, {"a", "b"}));
  const auto first = log->state().epoch;
  open(); // an epoch without entries leaves no trace
  open();
  const auto third = log->state().epoch;
  EXPECT_EQ(log->go_on_at({first, seq{1}}), (log_position{first, seq{1}}));
  EXPECT_EQ(log->go_on_at({first, seq{9}}), (log_position{third, seq{2}}));
  ASSERT_TRUE(append(orders, {"c"}));
  EXPECT_EQ(log->go_on_at({first, seq{9}}), (log_position{third, seq{2}}));
  EXPECT_EQ(log->go_on_at({first, seq{2}}), (log_position{third, seq{2}}));
  EXPECT_EQ(log->go_on_at({third, seq{9}}), (log_position{third, seq{9}})); // of the own epoch nobody has more
  EXPECT_EQ(read_from(log->go_on_at({first, seq{9}})), strings{"c"});
}

TEST_F(node_log_test, goes_above_a_time_and_stays_there_over_a_crash_once_an_entry_has_said_so) {
  open();
  const auto before = append(orders, {"before"});
  ASSERT_TRUE(before);
  const auto bound = hlc::at(clock.wall() + microseconds(std::chrono::seconds(60)));
  log->go_above(bound);
  const auto first = append(orders, {"after"});
  ASSERT_TRUE(first);
  EXPECT_LT(before->at, bound);
  EXPECT_GT(first->at, bound);
  lose_power();
  open();
  EXPECT_GT(append(orders, {"after the crash"})->at, first->at);
  log->go_above(hlc{1}); // one that it is above already
  EXPECT_GT(append(orders, {"last"})->at, first->at);
}

} // namespace weft::log::testing
