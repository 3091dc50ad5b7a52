#include "mesh/log/verify.hpp"

#include "mesh/log/dump.hpp"
#include "mesh/log/index_file.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <random>

namespace weft::log::testing {

class verify_test : public log_fixture {
protected:
  /// A log with closed, cleaned and short segments, of several epochs and topics.
  void make_log() {
    for (int round = 0; round < 3; ++round) {
      open();
      log->set_policy(stock, {{}, 1});
      for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(append(i % 4 == 0 ? orders : stock, {std::to_string(i) + filler(std::size_t(i * 37 % 1000))}));
        ASSERT_TRUE(append_numbered(5, std::uint64_t(round * 30 + i), {"n"}));
      }
      clock.advance(std::chrono::minutes(1));
      log->maintain(clock.mono());
      log->maintain(clock.mono());
    }
    log.reset();
  }
  verify_report verify() {
    auto report = verify_directory(disk, options.directory);
    EXPECT_TRUE(report.has_value());
    return report.value_or(verify_report{});
  }
  /// Bytes of a file that mean something.
  std::uint64_t used_of(const std::string& path) {
    if (path.ends_with(".idx")) return disk.content(path)->size();
    const auto dumped = dump_segment(disk, path, [](std::uint64_t, const wire::stored_entry&) { return true; });
    return dumped ? dumped->end : 0;
  }
};

TEST_F(verify_test, a_whole_log_has_no_damage) {
  make_log();
  const auto report = verify();
  EXPECT_EQ(report.logs, 1U);
  EXPECT_GT(report.segments, 5U);
  EXPECT_EQ(report.indexes, report.segments);
  EXPECT_GT(report.entries, 50U);
  for (const auto& each : report.damage)
    ADD_FAILURE() << each.file << " at " << each.offset << ": " << each.what;
  EXPECT_TRUE(report.notes.empty());
}

TEST_F(verify_test, every_flipped_bit_is_found_with_file_and_offset) { // T04 T05
  make_log();
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 generator(seed);
  std::vector<std::string> paths = files(".seg");
  for (auto& path : files(".idx"))
    paths.push_back(path);
  std::vector<std::uint64_t> used;
  used.reserve(paths.size());
  for (const auto& path : paths)
    used.push_back(used_of(path));
  const auto random_below = [&](std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(generator);
  };
  for (int i = 0; i < 200; ++i) {
    const auto file = random_below(paths.size());
    const auto offset = random_below(used[file]);
    const auto bit = static_cast<unsigned>(random_below(8));
    disk.flip_bit(paths[file], offset, bit);
    const auto report = verify();
    const bool found = std::any_of(report.damage.begin(), report.damage.end(), [&](const finding& each) {
      return each.file == paths[file] && each.offset <= offset;
    });
    EXPECT_TRUE(found) << paths[file] << " byte " << offset << " bit " << bit;
    disk.flip_bit(paths[file], offset, bit);
  }
  EXPECT_TRUE(verify().damage.empty());
}

TEST_F(verify_test, it_changes_nothing) {
  make_log();
  open();
  ASSERT_TRUE(append(orders, {"x"}));
  kill();
  disk.flip_bit(files(".seg").front(), 200, 1);
  const auto before = disk.files();
  const auto counts = disk.counts();
  static_cast<void>(verify());
  EXPECT_EQ(disk.files(), before);
  EXPECT_EQ(disk.counts().of(disk_call::write), counts.of(disk_call::write));
}

TEST_F(verify_test, what_a_crash_leaves_is_no_damage) {
  open();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(append(orders, {filler(500)}));
  kill();
  const auto path = files(".seg").back();
  disk.flip_bit(path, used_of(path) - 100, 1); // in the last entry: nothing proves that it was synced
  const auto report = verify();
  EXPECT_TRUE(report.damage.empty());
  EXPECT_EQ(report.notes.size(), 1U);
}

TEST_F(verify_test, a_lost_segment_is_damage) { // T06
  make_log();
  const auto paths = files(".seg");
  ASSERT_TRUE(disk.remove(paths.back()));
  const auto report = verify();
  ASSERT_EQ(report.damage.size(), 1U);
  EXPECT_EQ(report.damage[0].file, paths.back());
  for (const auto& path : paths)
    static_cast<void>(disk.remove(path));
  EXPECT_EQ(verify().damage.size(), paths.size()); // retention would have moved the log's begin
  const auto begin = *files("/begin").begin();
  ASSERT_TRUE(disk.remove(begin));
  EXPECT_EQ(verify().damage.size(), paths.size() - 1) << "it may be retention's doing";
}

TEST_F(verify_test, what_is_lost_with_its_indexes_before_all_others_is_damage) { // T06
  make_log();
  const auto paths = files(".seg");
  const auto indexes = files(".idx");
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(disk.remove(paths[i]));
    ASSERT_TRUE(disk.remove(indexes[i]));
  }
  const auto report = verify();
  ASSERT_EQ(report.damage.size(), 1U);
  EXPECT_EQ(report.damage[0].file, paths[0]);
  const auto end = *parse_segment_name(paths[2].substr(paths[2].rfind('/') + 1));
  EXPECT_EQ(report.damage[0].what, "seqs 0 to " + std::to_string(end.value()) + ": the files are missing");
  const auto begin = files("/begin").front();
  disk.restore(begin, {});
  EXPECT_EQ(verify().damage.at(0).file, begin);
}

TEST_F(verify_test, folders_that_only_look_like_epochs_are_not_looked_into) {
  make_log();
  const auto folder = parent_directory(parent_directory(files(".seg").front()));
  for (const auto* const name : {"/01-2", "/1-02", "/x"})
    disk.restore(folder + name + "/00000000000000000000.seg", {});
  const auto report = verify_directory(disk, options.directory);
  ASSERT_TRUE(report.has_value()) << report.error().message();
  EXPECT_TRUE(report->damage.empty());
}

TEST_F(verify_test, an_index_of_something_else_is_damage) {
  make_log();
  const auto paths = files(".idx");
  auto other = *disk.content(paths[1]);
  disk.restore(paths[0], other);
  const auto report = verify();
  ASSERT_EQ(report.damage.size(), 1U);
  EXPECT_EQ(report.damage[0].file, paths[0]);
}

TEST_F(verify_test, dump_shows_each_entry_and_passes_over_damage) {
  open();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(append(orders, {std::to_string(i)}));
  const auto path = files(".seg").back();
  kill();
  std::vector<std::uint64_t> offsets;
  strings values;
  const auto visit = [&](std::uint64_t offset, const wire::stored_entry& entry) {
    offsets.push_back(offset);
    values.push_back(values_of(entry)[0]);
    return true;
  };
  auto dumped = dump_segment(disk, path, visit);
  ASSERT_TRUE(dumped);
  EXPECT_EQ(values, (strings{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(dumped->rest, "zeros");
  EXPECT_EQ(dumped->header.log, options.id);
  disk.flip_bit(path, offsets[1] + 66, 0);
  values.clear();
  dumped = dump_segment(disk, path, visit);
  EXPECT_EQ(values, (strings{"0", "2", "3", "4"}));
  ASSERT_EQ(dumped->damage.size(), 1U);
  EXPECT_EQ(dumped->damage[0].offset, offsets[1]);
  EXPECT_EQ(code_of(dump_segment(disk, files(".idx").empty() ? path + "x" : "", visit)), errc::not_found);
}

} // namespace weft::log::testing
