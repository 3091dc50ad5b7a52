// What damage took from a log is put back from another holder's entries, and nothing else is touched.
#include "mesh/base/planted_bug.hpp"
#include "mesh/log/dump.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <climits>

namespace weft::log::testing {

class repair_test : public log_fixture {
protected:
  /// A log with several closed segments, and what another holder has of it.
  void make_log(int count = 100) {
    open();
    for (int i = 0; i < count; ++i) {
      expected.push_back(std::to_string(i) + "-" + filler(300));
      ASSERT_TRUE(append(i % 5 == 0 ? stock : orders, {expected.back()}));
    }
    log->maintain(clock.mono());
    epoch = log->state().epoch;
    read_request all{begin(), 1U << 20U, 0, {}};
    while (const auto read = log->read(all)) {
      entries.insert(entries.end(), read->entries.begin(), read->entries.end());
      all.from = {read->epoch, read->until};
    }
    ASSERT_EQ(entries.size(), std::size_t(count));
    open();
  }
  struct place {
    std::uint64_t offset;
    wire::entry_header header;
  };
  std::vector<place> places_in(const std::string& path) {
    std::vector<place> places;
    EXPECT_TRUE(dump_segment(disk, path, [&](std::uint64_t offset, const wire::stored_entry& entry) {
      places.push_back({offset, entry.header});
      return true;
    }));
    return places;
  }
  [[nodiscard]] shared_bytes copy_of(std::size_t from, std::size_t until) const {
    std::vector<std::byte> bytes;
    for (auto i = from; i < until; ++i) {
      const auto view = entries[i].bytes.view();
      bytes.insert(bytes.end(), view.begin(), view.end());
    }
    return shared_bytes::take(std::move(bytes));
  }
  result<std::uint64_t> repair(std::size_t from, std::size_t until) {
    return log->repair(epoch, seq{from}, seq{until}, copy_of(from, until));
  }
  void flip(const std::string& path, std::uint64_t offset) { disk.flip_bit(path, offset, 3); }
  /// Readers meet what is damaged.
  std::size_t find_damage() {
    damages.clear();
    read_all();
    return damages.size();
  }
  void expect_whole() {
    damages.clear();
    EXPECT_EQ(read_all(), expected);
    EXPECT_TRUE(damages.empty());
    EXPECT_TRUE(log->damaged().empty());
    log.reset();
    const auto report = verify_directory(disk, options.directory);
    ASSERT_TRUE(report);
    for (const auto& each : report->damage)
      ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
    open();
    EXPECT_TRUE(log->recovered().quarantined.empty());
    EXPECT_EQ(read_all(), expected);
  }

  weft::epoch epoch;
  strings expected;
  std::vector<wire::stored_entry> entries;
};

TEST_F(repair_test, a_damaged_entry_is_put_back_as_it_was) { // T04
  make_log();
  const auto path = files(".seg").front();
  const auto before = *disk.content(path);
  flip(path, places_in(path)[3].offset + 100);
  EXPECT_EQ(find_damage(), 1U);
  const auto known = log->damaged();
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].from, seq{3});
  EXPECT_EQ(known[0].until, seq{4});
  EXPECT_EQ(known[0].file, path);
  const auto done = repair(3, 4);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(*done, 1U);
  const auto after = *disk.content(path);
  EXPECT_TRUE(std::equal(after.begin(), after.end(), before.begin())); // behind its entries it had zeros
  expect_whole();
}

TEST_F(repair_test, damage_over_several_segments_is_repaired_by_one_run) { // T04
  make_log();
  const auto paths = files(".seg");
  const auto first = places_in(paths[0]);
  flip(paths[0], first.back().offset + 30);
  flip(paths[1], places_in(paths[1])[0].offset + 30);
  EXPECT_EQ(find_damage(), 2U);
  ASSERT_TRUE(repair(0, 60));
  expect_whole();
}

TEST_F(repair_test, a_part_of_the_damage_is_repaired_and_the_rest_stays_known) { // T04
  make_log();
  const auto path = files(".seg").front();
  const auto places = places_in(path);
  for (const auto i : {3U, 4U, 5U, 6U})
    flip(path, places[i].offset + 30);
  find_damage();
  ASSERT_EQ(log->damaged().size(), 1U);
  for (const auto& [put, left, from] : {std::tuple{5U, 2U, 3U}, {3U, 2U, 4U}, {6U, 1U, 4U}}) {
    ASSERT_TRUE(repair(put, put + 1));
    EXPECT_EQ(log->damaged().size(), left);
    EXPECT_EQ(log->damaged().front().from, seq{from});
    open();
    EXPECT_EQ(log->recovered().quarantined.size(), left);
    EXPECT_EQ(find_damage(), left);
  }
  ASSERT_TRUE(repair(4, 5));
  expect_whole();
}

TEST_F(repair_test, a_lost_or_cut_segment_is_written_anew) { // T06
  make_log();
  const auto paths = files(".seg");
  ASSERT_GT(paths.size(), 3U);
  log.reset();
  ASSERT_TRUE(disk.remove(paths[1]));
  auto cut = *disk.content(paths[2]);
  cut.resize(1000);
  disk.restore(paths[2], cut);
  open();
  EXPECT_EQ(log->damaged().size(), 2U);
  ASSERT_TRUE(repair(0, entries.size()));
  expect_whole();
}

/// How many segments are lost with their indexes; none: the folder of the whole epoch is.
struct lost_front_test : repair_test, ::testing::WithParamInterface<int> {};

TEST_P(lost_front_test, what_is_missing_before_all_others_is_written_anew) { // T06
  make_log();
  const auto folder = log_paths(options.directory, options.id).epoch(epoch);
  const auto lost = GetParam();
  if (lost == 0) {
    expected.emplace_back("the next epoch's");
    ASSERT_TRUE(append(orders, {expected.back()}));
  }
  log.reset();
  int left = lost == 0 ? INT_MAX : lost;
  for (const auto& path : files(".seg")) {
    if (!path.starts_with(folder) || left-- == 0) break;
    ASSERT_TRUE(disk.remove(path));
    ASSERT_TRUE(disk.remove(index_path_of(path)));
  }
  if (lost == 0) {
    ASSERT_TRUE(disk.remove_directory(folder));
  }
  for (int i = 0; i < 2; ++i) { // nor is it forgotten
    open();
    ASSERT_EQ(log->damaged().size(), 1U);
    EXPECT_EQ(log->damaged()[0].from, seq{0});
    EXPECT_EQ(log->damaged()[0].epoch, epoch);
  }
  EXPECT_EQ(find_damage(), 1U);
  const auto done = repair(0, entries.size());
  ASSERT_TRUE(done) << done.error().message();
  expect_whole();
}
INSTANTIATE_TEST_SUITE_P(of_the_front, lost_front_test, ::testing::Values(0, 1, 2));

/// Its topic goes on above what is put back, and where it had gone on before that is nothing but a note.
TEST_F(repair_test, the_last_segment_is_written_anew_and_its_topic_goes_on_above) { // T06
  make_log();
  const auto path = files(".seg").back();
  log.reset();
  for (const auto& index : files(".idx"))
    ASSERT_TRUE(disk.remove(index));
  auto cut = *disk.content(path);
  cut.resize(cut.size() / 2);
  disk.restore(path, cut);
  open();
  ASSERT_TRUE(append(orders, {"before"}));
  open();
  ASSERT_TRUE(repair(0, entries.size()) ||
              log->take_back(epoch, log->closed_epochs()[0].end, seq{entries.size()},
                             copy_of(log->closed_epochs()[0].end.value(), entries.size())));
  ASSERT_TRUE(append(orders, {"behind"}));
  const auto topics = log->topics();
  const auto& topic = *std::find_if(topics.begin(), topics.end(), [](const auto& t) { return t.topic == orders; });
  EXPECT_GE(topic.end.value(), 80U + 1U);
  log.reset();
  const auto report = verify_directory(disk, options.directory);
  ASSERT_TRUE(report);
  for (const auto& each : report->damage)
    ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
}

TEST_F(repair_test, what_is_valid_is_never_replaced) { // T18
  make_log();
  const auto path = files(".seg").front();
  flip(path, places_in(path)[3].offset + 100);
  EXPECT_EQ(find_damage(), 1U);
  const auto before = *disk.content(path);
  // Another writer of the same log and epoch: valid for it, and different.
  auto header = entries[4].header;
  header.appended = hlc{header.appended.value() + 1};
  std::vector<std::byte> forged(entries[4].bytes.view().begin(), entries[4].bytes.view().end());
  wire::encode(header, wire::checksum_seed(options.id, epoch), std::span(forged).first<limits::entry_header_bytes>());
  const auto bytes = shared_bytes::take(forged);
  const auto answer = log->repair(epoch, seq{4}, seq{5}, bytes);
  EXPECT_EQ(code_of(answer), errc::diverged);
  EXPECT_EQ(*disk.content(path), before);
#ifdef WEFT_PLANTED_BUGS
  plant(planted_bug::repair_overwrites_valid);
  flip(path, places_in(path)[6].offset + 100);
  EXPECT_TRUE(log->repair(epoch, seq{3}, seq{5}, bytes));
  plant(planted_bug::none);
#endif
}

TEST_F(repair_test, bytes_that_do_not_fit_change_nothing) { // T06
  make_log();
  const auto path = files(".seg").front();
  flip(path, places_in(path)[3].offset + 100);
  find_damage();
  const auto before = *disk.content(path);
  EXPECT_EQ(code_of(log->repair(epoch, seq{3}, seq{4}, copy_of(4, 5))), errc::corrupt); // another range
  EXPECT_EQ(code_of(log->repair(weft::epoch{9, 9}, seq{3}, seq{4}, copy_of(3, 4))), errc::corrupt);
  auto bad = copy_of(3, 4);
  std::vector<std::byte> bytes(bad.view().begin(), bad.view().end());
  bytes[100] ^= std::byte{1};
  EXPECT_EQ(code_of(log->repair(epoch, seq{3}, seq{4}, shared_bytes::take(bytes))), errc::corrupt);
  bytes.resize(40);
  EXPECT_EQ(code_of(log->repair(epoch, seq{3}, seq{4}, shared_bytes::take(bytes))), errc::corrupt);
  ASSERT_TRUE(log->repair(epoch, seq{3}, seq{4}, {}));
  EXPECT_EQ(*disk.content(path), before);
  EXPECT_EQ(log->damaged().size(), 1U);
}

TEST_F(repair_test, a_damaged_entry_of_a_cleaned_segment_is_put_back) { // T04
  options.segment_bytes = 8U << 10U;
  make_log();
  log->set_policy(orders, {{}, 1});
  clock.advance(std::chrono::minutes(1));
  log->maintain(clock.mono());
  log->maintain(clock.mono());
  const auto left = read_all();
  ASSERT_LT(left.size(), expected.size());
  expected = left;
  const auto path = files(".seg").at(1);
  const auto places = places_in(path);
  ASSERT_GT(places.size(), 2U);
  const auto damaged = places[1].header.first_seq.value();
  flip(path, places[1].offset + 100);
  EXPECT_EQ(find_damage(), 1U);
  const auto known = log->damaged().at(0);
  ASSERT_TRUE(log->repair(epoch, known.from, known.until, copy_of(damaged, damaged + 1)));
  expect_whole();
}

TEST_F(repair_test, a_failed_or_last_call_loses_nothing_and_a_second_try_repairs) { // T01 T04
  make_log(40);
  const auto path = files(".seg").front();
  const auto offset = places_in(path)[3].offset + 100;
  auto without = expected;
  without.erase(without.begin() + 3);
  for (const bool halts : {false, true})
    for (std::uint64_t n = 1;; ++n) {
      flip(path, offset);
      find_damage();
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
      static_cast<void>(repair(3, 4));
      disk.set_hook({});
      const bool through = halts ? calls < n : disk.faults_hit() == 0;
      disk.set_faults({});
      if (halts) lose_power();
      open();
      const auto now = read_all();
      ASSERT_TRUE(now == expected || now == without) << "call " << n;
      ASSERT_TRUE(repair(3, 4));
      ASSERT_EQ(read_all(), expected) << "call " << n;
      if (through) break;
    }
}

} // namespace weft::log::testing
