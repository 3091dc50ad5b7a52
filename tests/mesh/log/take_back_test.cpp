// What a log lost comes back from copies into its closed epochs, which only grow; and no position is used twice.
#include "mesh/base/planted_bug.hpp"
#include "mesh/log/dump.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <gmock/gmock.h>

namespace weft::log::testing {

class take_back_test : public log_fixture {
protected:
  using held = std::map<weft::epoch, std::vector<wire::stored_entry>>;

  void append_all(int count, const std::string& with = "x", topic_id topic = orders) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(append(topic, {with + std::to_string(i) + filler(200)}));
  }
  /// What a holder has of this log: everything, by epoch.
  [[nodiscard]] held copy() {
    held all;
    log_position from = begin();
    while (const auto read = log->read({from, 1U << 20U, 0, {}})) {
      auto& of = all[read->epoch];
      of.insert(of.end(), read->entries.begin(), read->entries.end());
      from = {read->epoch, read->until};
    }
    return all;
  }
  /// The machine as it is now, to go back to.
  void back_up() {
    log.reset();
    backup.clear();
    for (const auto& path : disk.files())
      backup[path] = *disk.content(path);
    open();
  }
  /// An old backup is put back.
  void go_back() {
    wipe();
    for (const auto& [path, content] : backup)
      disk.restore(path, content);
    open();
  }
  /// Nothing is left, not even a folder that tells an epoch's count.
  void wipe() {
    log.reset();
    for (const auto& path : disk.files())
      ASSERT_TRUE(disk.remove(path));
    const auto folder = options.directory + "/" + to_string(options.id);
    const auto names = disk.list(folder);
    ASSERT_TRUE(names);
    for (const auto& name : *names)
      ASSERT_TRUE(disk.remove_directory(folder + "/" + name.substr(0, name.size() - 1)));
  }
  static shared_bytes bytes_of(const std::vector<wire::stored_entry>& entries, seq from = {},
                               seq until = seq{UINT64_MAX}, std::optional<topic_id> topic = {}) {
    std::vector<std::byte> bytes;
    for (const auto& each : entries) {
      const auto& header = each.header;
      if (header.first_seq < from || header.end_seq() > until || (topic && header.topic != *topic)) continue;
      const auto view = each.bytes.view();
      bytes.insert(bytes.end(), view.begin(), view.end());
    }
    return shared_bytes::take(std::move(bytes));
  }
  result<std::uint64_t> take_back(weft::epoch epoch, const held& from_holder, std::uint64_t from, std::uint64_t until) {
    return log->take_back(epoch, seq{from}, seq{until}, bytes_of(from_holder.at(epoch), seq{from}, seq{until}));
  }
  /// As a consumer that demands again where an epoch has ended.
  strings follow(log_position from, log_position* end = nullptr) {
    strings values;
    for (int rounds = 0; rounds < 10'000; ++rounds) {
      const auto found = log->read({from, 2000, 0, {}});
      if (code_of(found) == errc::epoch_ended) {
        const auto next = log->go_on_at(from);
        EXPECT_GT(next, from);
        EXPECT_LT(next.seq, from.seq);
        from = next;
        continue;
      }
      if (!found) {
        EXPECT_EQ(found.error().code(), errc::end_of_log) << found.error().message();
        if (end != nullptr) *end = from;
        return values;
      }
      for (const auto& entry : found->entries)
        for (auto& value : values_of(entry))
          values.push_back(value.substr(0, value.find('x', 1)));
      EXPECT_GT(found->until, found->from);
      from = {found->epoch, found->until};
    }
    ADD_FAILURE() << "reading does not end";
    return values;
  }
  static strings named(const std::string& with, int from, int until) {
    strings all;
    for (int i = from; i < until; ++i)
      all.push_back(with + std::to_string(i));
    return all;
  }
  static strings joined(std::vector<strings> parts) {
    strings all;
    for (auto& part : parts)
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }
  void expect_sound() {
    log.reset();
    const auto report = verify_directory(disk, options.directory);
    ASSERT_TRUE(report);
    for (const auto& each : report->damage)
      ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
    open();
    EXPECT_TRUE(log->recovered().quarantined.empty());
    EXPECT_TRUE(log->recovered().set_aside.empty());
  }

  std::map<std::string, std::vector<std::byte>> backup;
};

/// An epoch of 20 entries; the owner lost those from 10 on and went on in a later epoch.
class lost_tail_test : public take_back_test {
protected:
  void lose_the_tail() {
    open();
    append_all(10, "a");
    back_up();
    append_all(10, "b"); // in a second epoch
    second = log->state().epoch;
    first = log->closed_epochs().at(0).epoch;
    holder = copy();
    go_back();
    third = log->state().epoch;
    ASSERT_TRUE(append(orders, {"z"}));
  }
  weft::epoch first, second, third;
  held holder;
};

TEST_F(take_back_test, an_epoch_grows_and_who_reads_it_gets_all_in_order) { // T16 T20
  open();
  append_all(20, "a");
  const auto first = log->state().epoch;
  log->maintain(clock.mono());
  const auto holder = copy();
  kill();
  // The last entries were in the page cache only.
  const auto last = files(".seg").back();
  const auto cut = decode_segment_header(*disk.content(last)).header.first.value() + 2;
  std::vector<std::uint64_t> offsets;
  ASSERT_TRUE(dump_segment(disk, last, [&](std::uint64_t offset, const wire::stored_entry&) {
    offsets.push_back(offset);
    return true;
  }));
  auto content = *disk.content(last);
  content.resize(offsets[2]);
  ASSERT_TRUE(disk.remove(last));
  static_cast<void>(disk.remove(index_path_of(last)));
  disk.restore(last, content);
  open();
  append_all(5, "c");
  ASSERT_EQ(log->closed_epochs().at(0), (closed_epoch{first, seq{0}, seq{cut}, seq{cut}}));

  log_position passed;
  EXPECT_EQ(follow({first, seq{cut - 1}}, &passed).size(), 6U); // it does not know of more
  const auto put = take_back(first, holder, cut, 20);
  ASSERT_TRUE(put) << put.error().message();
  EXPECT_EQ(*put, 20 - cut);
  EXPECT_EQ(follow({first, seq{0}}), joined({named("a", 0, 20), named("c", 0, 5)}));
  EXPECT_EQ(follow({first, seq{cut}}), joined({named("a", static_cast<int>(cut), 20), named("c", 0, 5)}));
  EXPECT_EQ(follow(passed), strings{}); // nothing twice
  expect_sound();
  EXPECT_EQ(log->state().synced_end, seq{cut + 5}); // the next epoch begins where the last one of this log ended
  append_all(3, "d");
  EXPECT_EQ(follow({first, seq{0}}), joined({named("a", 0, 20), named("c", 0, 5), named("d", 0, 3)}));
  expect_sound();
}

TEST_F(take_back_test, whole_epochs_come_back_between_those_that_are_there) { // T17
  open();
  append_all(10, "a");
  back_up(); // a second epoch
  append_all(10, "b");
  const auto second = log->state().epoch;
  open();
  append_all(10, "c");
  const auto third = log->state().epoch;
  const auto holder = copy();
  go_back();
  append_all(4, "d"); // at positions of the second epoch's count
  const auto anew = log->state().epoch;
  EXPECT_EQ(anew.count(), second.count());
  EXPECT_EQ(code_of(take_back(third, holder, 20, 30)), errc::out_of_range); // it is not closed: it is above
  const auto above = log->open_above(third.count());
  ASSERT_TRUE(above);
  EXPECT_EQ(above->count(), third.count() + 1);
  append_all(4, "e");
  ASSERT_TRUE(take_back(second, holder, 10, 20));
  ASSERT_TRUE(take_back(third, holder, 20, 30));
  const auto lost = joined({named("b", 0, 10), named("c", 0, 10)});
  const auto expected =
      second < anew
          ? joined({named("a", 0, 10), named("b", 0, 10), named("d", 0, 4), named("c", 0, 10), named("e", 0, 4)})
          : joined({named("a", 0, 10), named("d", 0, 4), lost, named("e", 0, 4)});
  auto all = [&] {
    strings values;
    auto from = begin();
    for (int rounds = 0; rounds < 1000; ++rounds) {
      const auto read = log->read({from, 2000, 0, {}});
      if (code_of(read) == errc::end_of_log) break;
      if (code_of(read) == errc::epoch_ended) {
        from = log->go_on_at(from);
      } else if (code_of(read) == errc::out_of_range) { // an epoch that begins above: a gap
        const auto next = log->next_readable(from);
        if (!next) break;
        from = *next;
      } else if (!read) {
        ADD_FAILURE() << read.error().message();
        break;
      } else {
        for (const auto& entry : read->entries)
          for (auto& value : values_of(entry))
            values.push_back(value.substr(0, value.find('x', 1)));
        from = {read->epoch, read->until};
      }
    }
    return values;
  };
  EXPECT_EQ(all(), expected);
  expect_sound();
  EXPECT_EQ(all(), expected);
  append_all(2, "f");
  EXPECT_EQ(all(), joined({expected, named("f", 0, 2)}));
  expect_sound();
}

TEST_F(lost_tail_test, what_was_lost_of_a_lost_epoch_may_come_in_pieces_and_from_several_holders) { // T16 T21
  open();
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(append(i % 2 == 0 ? orders : stock, {std::to_string(i)}));
  const auto epoch = log->state().epoch;
  const auto entries = copy().at(epoch);
  wipe();
  open();
  ASSERT_TRUE(log->open_above(epoch.count()));
  const auto of = [&](std::uint64_t from, std::uint64_t until, topic_id topic) {
    return log->take_back(epoch, seq{from}, seq{until}, bytes_of(entries, seq{from}, seq{until}, topic));
  };
  ASSERT_EQ(of(0, 10, orders), 5U);
  EXPECT_EQ(code_of(of(15, 20, orders)), errc::out_of_range); // what lies between comes first
  ASSERT_EQ(of(9, 20, orders), 5U);
  ASSERT_EQ(of(0, 20, stock), 10U);
  ASSERT_EQ(of(0, 20, stock), 0U); // it has them
  strings expected;
  for (int i = 0; i < 20; ++i)
    expected.push_back(std::to_string(i));
  EXPECT_EQ(follow(begin()), expected);
  EXPECT_EQ(log->topics().at(0).end, topic_offset{10});
  expect_sound();
  EXPECT_EQ(follow(begin()), expected);
}

TEST_F(lost_tail_test, different_entries_for_one_position_are_never_merged) { // T18
  open();
  append_all(10, "a");
  const auto epoch = log->state().epoch;
  holder = copy();
  open();
  append_all(2, "b");
  // Another machine with this key wrote other entries in the same epoch.
  auto& forged = holder.at(epoch)[4];
  auto header = forged.header;
  header.appended = hlc{header.appended.value() + 1};
  std::vector<std::byte> bytes(forged.bytes.view().begin(), forged.bytes.view().end());
  wire::encode(header, wire::checksum_seed(options.id, epoch), std::span(bytes).first<limits::entry_header_bytes>());
  forged = {header, shared_bytes::take(bytes)};
  const auto before = disk.files();
  EXPECT_EQ(code_of(take_back(epoch, holder, 0, 10)), errc::diverged);
  EXPECT_EQ(disk.files(), before);
  EXPECT_EQ(follow(begin()), joined({named("a", 0, 10), named("b", 0, 2)}));
}

TEST_F(lost_tail_test, what_no_log_can_have_had_does_not_come_back) {
  lose_the_tail();
  ASSERT_TRUE(log->open_above(second.count()));
  const auto forge = [&](const std::function<void(wire::entry_header&)>& change) {
    const auto& last = holder.at(second).back();
    auto header = last.header;
    change(header);
    const auto view = last.bytes.view();
    std::vector<std::byte> bytes(view.begin(), view.end());
    wire::encode(header, wire::checksum_seed(options.id, second), std::span(bytes).first<limits::entry_header_bytes>());
    return log->take_back(second, header.first_seq, header.end_seq(), shared_bytes::take(std::move(bytes)));
  };
  const auto refused = [&](const std::function<void(wire::entry_header&)>& change) { // T18
    const auto done = forge(change);
    EXPECT_EQ(code_of(done), errc::corrupt);
    return done ? "" : done.error().message();
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(refused([](auto& header) { header.first_offset = topic_offset{UINT64_MAX - 1}; }),
              HasSubstr("no log has"));
  EXPECT_THAT(refused([](auto& header) { header.first_seq = seq{UINT64_MAX - 1}; }), HasSubstr("no log has"));
  EXPECT_THAT(refused([&](auto& header) {
                header.appended = hlc::at(clock.wall() + limits::log_time_ahead_max + std::chrono::seconds(1));
              }),
              HasSubstr("a century ahead"));
  EXPECT_EQ(forge([](auto&) {}), 1U);
}

TEST_F(lost_tail_test, what_was_appended_while_the_clock_was_ahead_comes_back) { // T13
  open();
  append_all(10, "a");
  back_up();
  clock.jump(std::chrono::hours(3));
  append_all(10, "b");
  second = log->state().epoch;
  holder = copy();
  go_back();
  clock.jump(-std::chrono::hours(3));
  ASSERT_TRUE(log->open_above(second.count()));
  const auto back = take_back(second, holder, 10, 20);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, 10U);
}

TEST_F(lost_tail_test, what_retention_removed_and_other_topics_numbers_do_not_come_back) { // T12
  lose_the_tail();
  ASSERT_TRUE(log->open_above(second.count()));
  ASSERT_TRUE(append(orders, {"y"}));
  ASSERT_TRUE(log->drop_topic(orders));
  log->maintain(clock.mono());
  EXPECT_EQ(take_back(second, holder, 10, 20), 0U);
  for (const auto& path : disk.files())
    EXPECT_EQ(path.find(to_string(second)), std::string::npos) << path;
}

TEST_F(lost_tail_test, a_catalog_that_numbers_topics_anew_leaves_the_epoch_to_its_copies) {
  lose_the_tail();
  ASSERT_TRUE(log->open_above(second.count()));
  auto forged = holder.at(second)[0];
  forged.header.topic = stock;
  std::vector<std::byte> bytes(forged.bytes.view().begin(), forged.bytes.view().end());
  wire::encode(forged.header, wire::checksum_seed(options.id, second),
               std::span(bytes).first<limits::entry_header_bytes>());
  const auto answer = log->take_back(second, seq{10}, seq{20}, shared_bytes::take(bytes));
  EXPECT_EQ(code_of(answer), errc::already_exists);
}

TEST_F(lost_tail_test, producers_and_offsets_go_on_behind_what_came_back) {
  open();
  ASSERT_TRUE(append_numbered(5, 0, {"0"}));
  back_up();
  ASSERT_TRUE(append_numbered(5, 1, {"1"}));
  ASSERT_TRUE(append_numbered(5, 2, {"2"}));
  const auto lost = log->state().epoch;
  const auto had = copy();
  go_back();
  EXPECT_EQ(code_of(append_numbered(5, 3, {"3"})), errc::sequence_gap);
  ASSERT_TRUE(log->open_above(lost.count()));
  ASSERT_TRUE(take_back(lost, had, 1, 3));
  const auto repeat = append_numbered(5, 2, {"2"});
  ASSERT_TRUE(repeat);
  EXPECT_TRUE(repeat->repeated);
  EXPECT_EQ(repeat->epoch, lost);
  open(); // and after a restart, with the indexes lost
  log.reset();
  for (const auto& path : files(".idx"))
    ASSERT_TRUE(disk.remove(path));
  open();
  const auto next = append_numbered(5, 3, {"3"});
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(next->first_offset, topic_offset{3});
  expect_sound();
}

TEST_F(lost_tail_test, retention_passes_what_came_back_without_taking_what_is_newer) { // T12
  lose_the_tail();
  append_all(10, "y");
  ASSERT_TRUE(log->open_above(second.count()));
  ASSERT_TRUE(take_back(second, holder, 10, 20));
  append_all(40, "w");
  log->maintain(clock.mono());
  log->set_policy(orders, {{}, 12'000});
  clock.advance(limits::retention_interval);
  log->maintain(clock.mono());
  log->maintain(clock.mono());
  const auto left = follow(begin());
  ASSERT_GE(left.size(), 40U);
  EXPECT_EQ(strings(left.end() - 40, left.end()), named("w", 0, 40));
  expect_sound();
  EXPECT_EQ(follow(begin()), left);
}

TEST_F(lost_tail_test, a_lost_index_and_a_lost_file_of_what_came_back_are_told_and_come_again) { // T05 T06
  lose_the_tail();
  ASSERT_TRUE(log->open_above(second.count()));
  ASSERT_TRUE(take_back(second, holder, 10, 20));
  const auto expected = follow(begin());
  log.reset();
  std::string taken;
  for (const auto& path : disk.files())
    if (path.find(to_string(second)) != std::string::npos && path.ends_with(".seg")) taken = path;
  ASSERT_TRUE(disk.remove(index_path_of(taken)));
  expect_sound();
  log.reset();
  ASSERT_TRUE(disk.remove(taken));
  open();
  ASSERT_EQ(log->damaged().size(), 1U);
  EXPECT_EQ(log->damaged()[0].epoch, second);
  ASSERT_TRUE(log->repair(second, seq{10}, seq{20}, bytes_of(holder.at(second)), true));
  EXPECT_TRUE(log->damaged().empty());
  EXPECT_EQ(follow(begin()), expected);
  expect_sound();
}

TEST_F(lost_tail_test, a_failed_or_last_call_leaves_a_sound_log_and_a_second_try_takes_all) { // T01 T10
  lose_the_tail();
  ASSERT_TRUE(log->open_above(second.count()));
  log.reset();
  const auto start = disk.clone();
  for (const bool halts : {false, true})
    for (std::uint64_t n = 1;; ++n) {
      for (const auto& path : disk.files())
        ASSERT_TRUE(disk.remove(path));
      for (const auto& path : start->files())
        disk.restore(path, *start->content(path));
      open();
      const auto without = follow(begin());
      std::uint64_t calls = 0;
      if (halts) {
        disk.set_hook([&](disk_call, const std::string&) {
          if (++calls == n) disk.halt();
        });
      } else {
        disk_fault_plan plan;
        plan.failures.push_back({n, errc::io_error, {}, false});
        disk.set_faults(plan);
      }
      const auto put = take_back(second, holder, 10, 20);
      disk.set_hook({});
      const bool through = halts ? calls < n : disk.faults_hit() == 0;
      disk.set_faults({});
      if (halts) lose_power();
      open();
      const auto now = follow(begin());
      const bool all = now.size() == without.size() + 10;
      ASSERT_TRUE(all || now.size() == without.size()) << "call " << n;
      ASSERT_TRUE(all || !put) << "call " << n;
      ASSERT_TRUE(take_back(second, holder, 10, 20)) << "call " << n;
      ASSERT_EQ(follow(begin()).size(), without.size() + 10) << "call " << n;
      expect_sound();
      if (through) break;
    }
}

/// What comes between makes two segments of one: the second one's file is there before the first one's is replaced.
TEST_F(take_back_test, a_split_that_a_crash_interrupts_is_no_damage) { // T01 T10
  open();
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(append(i % 2 == 0 ? orders : stock, {std::to_string(i) + filler(400)}));
  const auto epoch = log->state().epoch;
  const auto entries = copy().at(epoch);
  wipe();
  open();
  ASSERT_TRUE(log->open_above(epoch.count()));
  const auto give = [&](topic_id topic) {
    return log->take_back(epoch, seq{0}, seq{60}, bytes_of(entries, seq{0}, seq{60}, topic));
  };
  ASSERT_EQ(give(orders), 30U);
  log.reset();
  const auto start = disk.clone();
  const auto before = files(".seg").size();
  for (std::uint64_t n = 1;; ++n) {
    for (const auto& path : disk.files())
      ASSERT_TRUE(disk.remove(path));
    for (const auto& path : start->files())
      disk.restore(path, *start->content(path));
    open();
    std::uint64_t calls = 0;
    disk.set_hook([&](disk_call, const std::string&) {
      if (++calls == n) disk.halt();
    });
    static_cast<void>(give(stock));
    disk.set_hook({});
    lose_power();
    const auto report = verify_directory(disk, options.directory);
    ASSERT_TRUE(report);
    for (const auto& each : report->damage) // an index is a cache, and may be older
      ASSERT_TRUE(each.file.ends_with(".idx")) << "call " << n << ": " << each.what;
    open();
    ASSERT_TRUE(log->recovered().quarantined.empty()) << "call " << n;
    ASSERT_TRUE(give(stock)) << "call " << n;
    ASSERT_EQ(follow(begin()).size(), 60U) << "call " << n;
    expect_sound();
    if (calls < n) break;
  }
  EXPECT_GT(files(".seg").size(), before + 1) << "nothing was split";
}

// --- epochs

TEST_F(take_back_test, an_epoch_that_was_heard_of_is_gone_above_and_publishers_go_on) { // T17 T18
  open();
  append_all(3, "a");
  const auto before = log->state();
  ASSERT_TRUE(queue(orders, {"b0"})); // its checksum was made for the epoch before
  const auto above = log->open_above(before.epoch.count() + 7);
  ASSERT_TRUE(above);
  EXPECT_EQ(above->count(), before.epoch.count() + 8);
  EXPECT_EQ(log->state().epoch, *above);
  EXPECT_TRUE(log->commit_pending());
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0]->front().epoch, *above);
  EXPECT_EQ(answers[0]->front().first, seq{3});
  append_all(3, "c");
  EXPECT_EQ(follow({before.epoch, seq{0}}), joined({named("a", 0, 3), {"b0"}, named("c", 0, 3)}));
  EXPECT_EQ(*log->open_above(above->count() - 1), *above); // it is above already
  expect_sound();
  EXPECT_GT(log->state().epoch.count(), above->count());
  EXPECT_EQ(follow({before.epoch, seq{0}}).size(), 7U);
}

TEST_F(take_back_test, two_machines_with_one_key_use_no_position_of_each_other) { // T18
  open();
  append_all(5, "a");
  log.reset();
  const auto clone = disk.clone();
  open();
  append_all(5, "b");
  const auto mine = log->state().epoch;
  kept_starts their_starts;
  seeded_random other_random{43};
  auto theirs = node_log::open({*clone, clock, other_random, their_starts}, options, {});
  ASSERT_TRUE(theirs);
  EXPECT_NE((*theirs)->state().epoch, mine);
  const auto heard = std::max((*theirs)->state().epoch, mine);
  auto& lower = heard == mine ? **theirs : *log;
  const auto opened = lower.open_above(heard.count());
  ASSERT_TRUE(opened);
  EXPECT_GT(*opened, heard);
}

TEST_F(take_back_test, an_epoch_is_not_begun_when_the_disk_or_the_log_does_not_let_it) {
  open();
  append_all(2, "a");
  const auto before = log->state().epoch;
  disk_fault_plan plan;
  plan.failures.push_back({1, errc::disk_full, disk_call::make_directories, false});
  disk.set_faults(plan);
  EXPECT_EQ(code_of(log->open_above(9)), errc::disk_full);
  EXPECT_EQ(log->state().epoch, before);
  append_all(1, "b");
  EXPECT_TRUE(log->open_above(9));
  EXPECT_EQ(code_of(log->open_above(UINT32_MAX)), errc::out_of_range);
  append_all(1, "c");
  EXPECT_EQ(follow({before, seq{0}}).size(), 4U);
}

TEST_F(take_back_test, spare_files_go_along_into_a_new_epoch) {
  options.spare_segments = 2;
  open();
  append_all(2, "a");
  log->maintain(clock.mono());
  const auto above = log->open_above(9);
  ASSERT_TRUE(above);
  for (const auto& path : disk.files())
    if (path.find("spare") != std::string::npos) {
      EXPECT_NE(path.find(to_string(*above)), std::string::npos) << path;
    }
  append_all(200, "b");
  expect_sound();
}

#ifdef WEFT_PLANTED_BUGS
TEST_F(take_back_test, higher_own_epoch_ignored_stays_below) {
  open();
  const auto before = log->state().epoch;
  plant(planted_bug::higher_own_epoch_ignored);
  EXPECT_EQ(*log->open_above(before.count() + 5), before);
  plant(planted_bug::none);
  EXPECT_GT(log->open_above(before.count() + 5)->count(), before.count() + 5);
}
#endif

} // namespace weft::log::testing
