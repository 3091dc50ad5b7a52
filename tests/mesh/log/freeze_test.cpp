#include "mesh/log/spare_files.hpp"
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

class freeze_test : public log_fixture {
protected:
  void open_and_watch() {
    open();
    log->on_health([this](const log_health& health) { seen.push_back(health.frozen); });
  }
  void fail_next(disk_call kind, errc code, bool for_ever = false) {
    disk_fault_plan plan;
    plan.failures.push_back({1, code, kind, for_ever});
    disk.set_faults(plan);
  }
  std::vector<bool> seen;
};

TEST_F(freeze_test, a_failed_sync_is_never_taken_for_success) { // T08
  open_and_watch();
  ASSERT_TRUE(append(orders, {"good"}));
  fail_next(disk_call::sync, errc::io_error);
  ASSERT_TRUE(queue(orders, {"lost 1"}));
  ASSERT_TRUE(queue(orders, {"answered"}, ack_level::written));
  ASSERT_TRUE(queue(orders, {"lost 2"}));
  log->commit_pending();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_TRUE(answers[0].has_value()); // it was written, as promised
  EXPECT_EQ(code_of(answers[1]), errc::not_synced);
  EXPECT_EQ(code_of(answers[2]), errc::not_synced);
  EXPECT_EQ(seen, std::vector<bool>{true});
  EXPECT_TRUE(log->state().health.frozen);
  EXPECT_NE(log->state().health.why.find("sync"), std::string::npos) << log->state().health.why;

  // The disk works again, this log does not.
  EXPECT_EQ(code_of(append(orders, {"later"})), errc::log_frozen);
  EXPECT_EQ(code_of(append(own, {"later"})), errc::log_frozen);
  clock.advance(std::chrono::hours(1));
  log->maintain(clock.mono());
  EXPECT_TRUE(log->state().health.frozen);
  EXPECT_EQ(read_all(), strings{"good"}); // reading goes on, up to what was synced
}

TEST_F(freeze_test, after_a_failed_sync_the_next_epoch_makes_durable_what_it_serves) { // T08
  open();
  ASSERT_TRUE(append(orders, {"good"}));
  fail_next(disk_call::sync, errc::io_error);
  EXPECT_EQ(code_of(append(orders, {"unknown"})), errc::not_synced);
  open(); // the page cache still has it, and no sync would ever write it
  EXPECT_EQ(read_all(), (strings{"good", "unknown"}));
  disk.halt();
  log.reset();
  disk.crash_losing_everything_unsynced();
  open();
  EXPECT_EQ(read_all(), (strings{"good", "unknown"}));
}

TEST_F(freeze_test, what_waits_is_answered_when_the_log_freezes) { // T08
  open();
  ASSERT_TRUE(append(orders, {"good"}));
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(queue(orders, {filler(1000)})); // more than one commit
  fail_next(disk_call::sync, errc::io_error);
  while (log->commit_pending()) {}
  ASSERT_EQ(answers.size(), 40U);
  EXPECT_EQ(code_of(answers.front()), errc::not_synced);
  EXPECT_EQ(code_of(answers.back()), errc::log_frozen);
}

TEST_F(freeze_test, a_short_write_freezes_too) { // T09
  open();
  ASSERT_TRUE(append(orders, {"good"}));
  disk_fault_plan plan;
  plan.short_write = 1;
  disk.set_faults(plan);
  EXPECT_EQ(code_of(append(orders, {filler(6000)})), errc::not_synced); // more than half of its two pages
  EXPECT_TRUE(log->state().health.frozen);
  EXPECT_EQ(read_all(), strings{"good"});
  open();
  EXPECT_EQ(read_all(), strings{"good"});
  EXPECT_TRUE(append(orders, {"next"}));
}

TEST_F(freeze_test, a_full_disk_freezes_and_space_thaws) { // T09
  open_and_watch();
  ASSERT_TRUE(append(orders, {"good"}));
  fail_next(disk_call::write, errc::disk_full);
  EXPECT_EQ(code_of(append(orders, {"no room"})), errc::not_synced);
  EXPECT_EQ(code_of(append(orders, {"no room"})), errc::log_frozen);
  EXPECT_NE(log->state().health.why.find("space"), std::string::npos) << log->state().health.why;
  log->maintain(clock.mono());
  EXPECT_FALSE(log->state().health.frozen);
  EXPECT_EQ(seen, (std::vector<bool>{true, false}));
  const auto next = append(orders, {"room"});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->first, seq{1}); // nobody was told of another event there
  EXPECT_EQ(next->first_offset, topic_offset{1});
  EXPECT_EQ(read_all(), (strings{"good", "room"}));
  kill();
  open();
  EXPECT_EQ(read_all(), (strings{"good", "room"}));
}

TEST_F(freeze_test, a_disk_that_stays_full_stays_frozen_and_serves) { // T09
  options.segment_bytes = 64U << 10U;
  open();
  disk_fault_plan plan;
  plan.capacity = 300U << 10U;
  disk.set_faults(plan);
  strings kept;
  while (true) {
    const auto value = std::to_string(kept.size()) + filler(5000);
    if (!append(orders, {value})) break;
    kept.push_back(value);
    if (kept.size() % 8 == 0) log->maintain(clock.mono());
  }
  EXPECT_GT(kept.size(), 20U);
  for (int i = 0; i < 5; ++i) {
    clock.advance(std::chrono::seconds(1));
    log->maintain(clock.mono());
    EXPECT_TRUE(log->state().health.frozen);
  }
  EXPECT_EQ(read_all(), kept);
  disk.set_faults({}); // somebody made room
  log->maintain(clock.mono());
  ASSERT_TRUE(append(orders, {"after"}));
  kept.emplace_back("after");
  EXPECT_EQ(read_all(), kept);
  open();
  EXPECT_EQ(read_all(), kept);
}

TEST_F(freeze_test, the_meshs_own_topics_have_a_file_kept_for_them) { // T09
  options.spare_segments = 2;
  open();
  log->maintain(clock.mono()); // writes the spare files
  EXPECT_EQ(files(".zero").size(), 2U);
  ASSERT_TRUE(append(orders, {"good"})); // takes one of the two
  disk_fault_plan plan;
  plan.capacity = 0;
  disk.set_faults(plan);
  while (append(orders, {filler(2000)})) {}
  EXPECT_TRUE(log->state().health.frozen);
  EXPECT_EQ(code_of(append(stock, {"no"})), errc::log_frozen);
  const auto state = append(own, {"frozen since"});
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_EQ(read_all({own}), strings{"frozen since"});
  EXPECT_EQ(code_of(append(stock, {"still no"})), errc::log_frozen);
  log->maintain(clock.mono());
  EXPECT_TRUE(log->state().health.frozen);
  disk.set_faults({});
  log->maintain(clock.mono());
  EXPECT_FALSE(log->state().health.frozen);
  EXPECT_TRUE(append(stock, {"yes"}));
  kill();
  open();
  EXPECT_EQ(read_all({own}), strings{"frozen since"});
  EXPECT_EQ(read_all({stock}), strings{"yes"});
}

TEST_F(freeze_test, what_expired_makes_room_when_the_disk_is_too_full_to_note_its_end) { // T09
  options.spare_segments = 1;
  options.segment_bytes = 16U << 10U;
  starts.on = &disk;
  open();
  log->set_policy(orders, {std::chrono::hours(1), {}});
  log->maintain(clock.mono());
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(append(orders, {filler(2000)}));
    log->maintain(clock.mono());
  }
  disk_fault_plan plan;
  plan.capacity = 0;
  disk.set_faults(plan);
  while (append(orders, {filler(2000)})) {}
  std::uint64_t used = 0;
  for (const auto& path : disk.files())
    used += disk.content(path)->size();
  plan.capacity = used;
  disk.set_faults(plan);
  for (int hour = 0; hour < 3; ++hour) {
    clock.advance(std::chrono::hours(1));
    log->maintain(clock.mono());
  }
  EXPECT_LT(read_all().size(), 20U);
  EXPECT_FALSE(log->state().health.frozen);
  EXPECT_TRUE(append(orders, {"room"}));
}

TEST_F(freeze_test, a_full_disk_can_be_opened_when_there_are_spare_files) { // T09
  options.spare_segments = 2;
  open();
  log->maintain(clock.mono());
  ASSERT_TRUE(append(orders, {"good"}));
  log->maintain(clock.mono());
  kill();
  std::uint64_t used = 0;
  for (const auto& path : disk.files())
    used += disk.content(path)->size();
  disk_fault_plan plan;
  plan.capacity = used;
  disk.set_faults(plan);
  open();
  EXPECT_EQ(read_all(), strings{"good"});
}

TEST_F(freeze_test, no_descriptor_for_a_new_segment_freezes_until_there_is_one) { // T09
  open();
  disk_fault_plan plan;
  plan.failures.push_back({1, errc::descriptors_out, disk_call::open, true});
  disk.set_faults(plan);
  EXPECT_EQ(code_of(append(orders, {"no"})), errc::log_frozen);
  EXPECT_TRUE(log->state().health.frozen);
  disk.set_faults({});
  log->maintain(clock.mono());
  EXPECT_TRUE(append(orders, {"yes"}));
}

TEST_F(freeze_test, failed_attempts_do_not_count_for_numbered_batches) { // T09
  open();
  ASSERT_TRUE(append_numbered(5, 0, {"a"}));
  fail_next(disk_call::write, errc::disk_full);
  EXPECT_EQ(code_of(append_numbered(5, 1, {"b"})), errc::not_synced);
  log->maintain(clock.mono());
  const auto again = append_numbered(5, 1, {"b"});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->repeated);
  EXPECT_EQ(read_all(), (strings{"a", "b"}));
}

TEST_F(freeze_test, a_failed_sync_of_written_entries_freezes) { // T08
  open_and_watch();
  ASSERT_TRUE(append(orders, {"written"}, ack_level::written));
  fail_next(disk_call::sync, errc::io_error);
  clock.advance(std::chrono::seconds(2));
  log->maintain(clock.mono());
  EXPECT_EQ(seen, std::vector<bool>{true});
  EXPECT_TRUE(read_all().empty());
}

TEST_F(freeze_test, a_spare_that_is_not_finished_gives_its_space_back) { // T09
  ASSERT_TRUE(disk.make_directories("data"));
  disk_fault_plan plan;
  plan.capacity = 4U << 20U;
  disk.set_faults(plan);
  const auto before = *disk.free_space("data");
  spare_files spares(disk, "data", 3U << 20U, 1);
  for (int round = 0; round < 2; ++round) {
    const auto first = spares.make_piece();
    ASSERT_TRUE(first && !*first);
    EXPECT_LT(*disk.free_space("data"), before);
    spares.give_up();
    EXPECT_EQ(*disk.free_space("data"), before);
    EXPECT_TRUE(files(".new").empty());
  }
  result<bool> finished = false;
  while (finished && !*finished)
    finished = spares.make_piece();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(spares.wanted());
  EXPECT_EQ(files(".zero").size(), 1U);
}

TEST_F(freeze_test, a_segment_that_had_to_grow_becomes_a_spare_when_little_is_missing) {
  constexpr std::size_t whole = 3U << 20U;
  ASSERT_TRUE(disk.make_directories("data"));
  spare_files spares(disk, "data", whole, 2);
  const auto recycle = [&](std::size_t size) {
    EXPECT_TRUE(write_file_durably(disk, "data/1.seg", std::vector<std::byte>(size, std::byte{1})));
    EXPECT_TRUE(spares.recycle("data/1.seg"));
    EXPECT_FALSE(disk.exists("data/1.seg"));
    return spares.count();
  };
  EXPECT_EQ(recycle(whole), 1U);
  EXPECT_EQ(recycle(whole - 4096), 2U);
  EXPECT_EQ(recycle(whole + 4096), 2U);
  EXPECT_EQ(recycle(whole / 2), 2U);
  while (const auto spare = spares.take(true))
    EXPECT_EQ(*spare->opened->size(), whole);
}

TEST_F(freeze_test, a_segment_that_cannot_become_a_spare_gives_its_space_back) { // T09
  constexpr std::size_t whole = 3U << 20U;
  ASSERT_TRUE(disk.make_directories("data"));
  spare_files spares(disk, "data", whole, 2);
  ASSERT_TRUE(write_file_durably(disk, "data/1.seg", std::vector<std::byte>(whole - 8192, std::byte{1})));
  disk_fault_plan plan;
  plan.capacity = whole - 8192;
  disk.set_faults(plan);
  EXPECT_EQ(code_of(spares.recycle("data/1.seg")), errc::disk_full);
  EXPECT_EQ(spares.count(), 0U);
  EXPECT_EQ(*disk.free_space("data"), plan.capacity);
  EXPECT_TRUE(spares.recycle("data/1.seg")); // the next round: there is nothing left to do
}

} // namespace weft::log::testing
