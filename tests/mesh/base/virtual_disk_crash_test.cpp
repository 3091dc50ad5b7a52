// What a power failure or a killed process leaves on a virtual disk.
#include "mesh/base/virtual_disk.hpp"

#include "tests/mesh/base/disk_testing.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <map>
#include <set>

namespace weft {
namespace {

constexpr std::size_t sector = 512;
constexpr int many = 400; // crashes, enough to see each outcome that has a chance of some percent

/// Crashes clones of a disk, each with its own seed.
class virtual_disk_crash : public testing::Test {
protected:
  virtual_disk disk_;

  std::unique_ptr<virtual_disk> crashed(std::uint64_t seed) const {
    auto copy = disk_.clone();
    seeded_random random{seed};
    copy->crash(random);
    return copy;
  }
  /// What is in the file after many crashes; without a file "-".
  std::set<std::string> outcomes(const std::string& path) const {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < many; ++seed) {
      const auto content = crashed(seed)->content(path);
      seen.insert(content ? text_of(*content) : "-");
    }
    return seen;
  }
  std::unique_ptr<file> synced_file(const std::string& path, std::string_view content) {
    auto made = make_file(disk_, path, content);
    EXPECT_TRUE(made->sync());
    EXPECT_TRUE(disk_.sync_directory(parent_directory(path)));
    return made;
  }
};
using texts = std::set<std::string>;

TEST_F(virtual_disk_crash, keeps_what_was_synced) {
  const auto made = synced_file("a", std::string(5000, 'x'));
  EXPECT_EQ(outcomes("a"), texts{std::string(5000, 'x')});
}

TEST_F(virtual_disk_crash, keeps_loses_or_tears_each_unsynced_sector) { // T02
  const auto made = synced_file("a", std::string(3 * sector, 'o'));
  ASSERT_TRUE(made->write_at(sector, as_bytes(std::string(2 * sector, 'n'))));
  bool lost_then_kept = false, kept_then_lost = false, torn_head = false, torn_tail = false;
  for (const auto& outcome : outcomes("a")) {
    ASSERT_EQ(outcome.size(), 3 * sector);
    EXPECT_EQ(outcome.substr(0, sector), std::string(sector, 'o')); // it was not written
    const auto first = outcome.substr(sector, sector);
    const auto second = outcome.substr(2 * sector);
    const std::string old(sector, 'o'), fresh(sector, 'n');
    lost_then_kept |= first == old && second == fresh;
    kept_then_lost |= first == fresh && second == old;
    torn_head |= first.front() == 'n' && first.back() == 'o';
    torn_tail |= first.front() == 'o' && first.back() == 'n';
  }
  EXPECT_TRUE(lost_then_kept && kept_then_lost && torn_head && torn_tail);
}

TEST_F(virtual_disk_crash, never_hurts_synced_bytes_in_an_unsynced_sector) {
  const auto made = synced_file("a", std::string(100, 's'));
  ASSERT_TRUE(made->write_at(100, as_bytes(std::string(1000, 'n'))));
  for (const auto& outcome : outcomes("a"))
    EXPECT_EQ(outcome.substr(0, 100), std::string(100, 's'));
}

TEST_F(virtual_disk_crash, may_keep_the_size_without_the_content) { // T02
  const auto made = synced_file("a", "");
  ASSERT_TRUE(made->write_at(0, as_bytes(std::string(sector, 'n'))));
  const auto seen = outcomes("a");
  EXPECT_TRUE(seen.contains(std::string(sector, '\0')));
  EXPECT_TRUE(seen.contains(std::string(sector, 'n')));
  EXPECT_TRUE(seen.contains(""));
}

TEST_F(virtual_disk_crash, may_take_back_an_unsynced_truncation) {
  const auto made = synced_file("a", std::string(1000, 'o'));
  ASSERT_TRUE(made->truncate(10));
  const auto seen = outcomes("a");
  EXPECT_TRUE(seen.contains(std::string(1000, 'o')));
  EXPECT_TRUE(seen.contains(std::string(10, 'o')));
  for (const auto& outcome : seen)
    EXPECT_EQ(outcome, std::string(outcome.size(), 'o'));
}

TEST_F(virtual_disk_crash, keeps_a_synced_truncation) {
  const auto made = synced_file("a", std::string(1000, 'o'));
  ASSERT_TRUE(made->truncate(10));
  ASSERT_TRUE(made->sync());
  EXPECT_EQ(outcomes("a"), texts{std::string(10, 'o')});
}

TEST_F(virtual_disk_crash, may_lose_a_synced_file_whose_directory_was_not) { // T10
  const auto made = make_file(disk_, "a", "hello");
  ASSERT_TRUE(made->sync());
  EXPECT_EQ(outcomes("a"), (texts{"-", "hello"}));
}

TEST_F(virtual_disk_crash, keeps_or_drops_each_directory_operation) { // T10
  for (const auto* name : {"a", "b", "c"})
    ASSERT_TRUE(make_file(disk_, name, "")->sync());
  std::set<std::vector<std::string>> seen;
  for (std::uint64_t seed = 0; seed < many; ++seed)
    seen.insert(crashed(seed)->files());
  EXPECT_EQ(seen.size(), 8U); // every subset
}

TEST_F(virtual_disk_crash, renames_as_a_whole) { // T10
  synced_file("a", "old");
  ASSERT_TRUE(make_file(disk_, "a.new", "new")->sync());
  ASSERT_TRUE(disk_.rename("a.new", "a"));
  EXPECT_EQ(outcomes("a"), (texts{"old", "new"}));
  ASSERT_TRUE(disk_.sync_directory("."));
  EXPECT_EQ(outcomes("a"), texts{"new"});
  EXPECT_EQ(outcomes("a.new"), texts{"-"});
}

TEST_F(virtual_disk_crash, keeps_the_order_of_operations_on_one_file) {
  ASSERT_TRUE(make_file(disk_, "a", "hello")->sync());
  ASSERT_TRUE(disk_.rename("a", "b"));
  ASSERT_TRUE(disk_.rename("b", "c"));
  std::set<std::vector<std::string>> seen;
  for (std::uint64_t seed = 0; seed < many; ++seed)
    seen.insert(crashed(seed)->files());
  EXPECT_EQ(seen, (std::set<std::vector<std::string>>{{}, {"a"}, {"b"}, {"c"}}));
}

TEST_F(virtual_disk_crash, may_bring_back_what_was_removed) {
  synced_file("a", "hello");
  ASSERT_TRUE(disk_.remove("a"));
  EXPECT_EQ(outcomes("a"), (texts{"-", "hello"}));
  ASSERT_TRUE(disk_.sync_directory("."));
  EXPECT_EQ(outcomes("a"), texts{"-"});
}

TEST_F(virtual_disk_crash, a_move_between_directories_is_durable_with_the_target) {
  ASSERT_TRUE(disk_.make_directories("from"));
  ASSERT_TRUE(disk_.make_directories("to"));
  synced_file("from/a", "hello");
  ASSERT_TRUE(disk_.rename("from/a", "to/b"));
  ASSERT_TRUE(disk_.sync_directory("from"));
  for (std::uint64_t seed = 0; seed < many; ++seed)
    ASSERT_EQ(crashed(seed)->files().size(), 1U); // here or there
  EXPECT_EQ(outcomes("from/a"), (texts{"-", "hello"}));
  ASSERT_TRUE(disk_.sync_directory("to"));
  EXPECT_EQ(outcomes("to/b"), texts{"hello"});
  EXPECT_EQ(outcomes("from/a"), texts{"-"});
}

TEST_F(virtual_disk_crash, a_synced_name_takes_earlier_moves_of_it_along) {
  ASSERT_TRUE(disk_.make_directories("from"));
  ASSERT_TRUE(disk_.make_directories("to"));
  synced_file("from/a", "moved");
  ASSERT_TRUE(disk_.rename("from/a", "to/b"));
  ASSERT_TRUE(make_file(disk_, "from/a", "fresh")->sync());
  ASSERT_TRUE(disk_.sync_directory("from"));
  EXPECT_EQ(outcomes("from/a"), texts{"fresh"});
  EXPECT_EQ(outcomes("to/b"), texts{"moved"}); // else it would be lost
}

TEST_F(virtual_disk_crash, keeps_made_directories) {
  ASSERT_TRUE(disk_.make_directories("x/y/z"));
  disk_.crash_losing_everything_unsynced();
  EXPECT_TRUE(disk_.exists("x/y/z"));
}

TEST_F(virtual_disk_crash, losing_everything_unsynced_leaves_what_was_synced) {
  const auto made = synced_file("a", "old");
  ASSERT_TRUE(made->write_at(0, as_bytes("new and longer")));
  make_file(disk_, "b", "");
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "a"), "old");
  EXPECT_EQ(disk_.files(), std::vector<std::string>{"a"});
}

TEST_F(virtual_disk_crash, a_killed_process_loses_nothing_but_leaves_it_unsynced) { // T01
  const auto made = make_file(disk_, "a", "hello");
  disk_.crash_losing_nothing();
  EXPECT_EQ(read_text(disk_, "a"), "hello");
  disk_.crash_losing_everything_unsynced();
  EXPECT_FALSE(disk_.exists("a"));
}

TEST_F(virtual_disk_crash, ends_open_files_and_locks) {
  const auto made = synced_file("a", "hello");
  auto held = disk_.lock("lock", "first");
  ASSERT_TRUE(held);
  disk_.crash_losing_nothing();
  std::array<std::byte, 1> one{};
  EXPECT_EQ(code_of(made->read_at(0, one)), errc::io_error);
  EXPECT_EQ(code_of(made->write_at(0, as_bytes("x"))), errc::io_error);
  EXPECT_EQ(code_of(made->sync()), errc::io_error);
  EXPECT_EQ(code_of(made->truncate(0)), errc::io_error);
  EXPECT_EQ(code_of(made->size()), errc::io_error);
  const auto second = disk_.lock("lock", "second");
  EXPECT_TRUE(second);
  held->reset(); // the dead one's lock does not take the new one along
  EXPECT_EQ(code_of(disk_.lock("lock", "third")), errc::locked);
  EXPECT_EQ(read_text(disk_, "a"), "hello");
}

TEST_F(virtual_disk_crash, a_halted_disk_does_nothing_until_the_crash) {
  const auto made = synced_file("a", "hello");
  ASSERT_TRUE(made->write_at(0, as_bytes("J")));
  disk_.halt();
  EXPECT_EQ(code_of(made->sync()), errc::io_error);
  EXPECT_EQ(code_of(disk_.remove("a")), errc::io_error);
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "a"), "hello");
}

TEST_F(virtual_disk_crash, a_sync_that_a_halted_disk_refused_gives_nothing_up) {
  const auto made = synced_file("a", "hello");
  ASSERT_TRUE(made->write_at(0, as_bytes("J")));
  disk_.halt();
  EXPECT_EQ(code_of(made->sync()), errc::io_error);
  disk_.crash_losing_nothing();
  EXPECT_TRUE(must_open(disk_, "a", open_mode::read)->sync());
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "a"), "Jello");
}

TEST_F(virtual_disk_crash, replays_from_its_seed) {
  const auto made = synced_file("a", std::string(20 * sector, 'o'));
  ASSERT_TRUE(made->write_at(0, as_bytes(std::string(20 * sector, 'n'))));
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    ASSERT_EQ(crashed(seed)->content("a"), crashed(seed)->content("a"));
}

TEST_F(virtual_disk_crash, clones_go_their_own_way) {
  const auto made = synced_file("a", "hello");
  const auto copy = disk_.clone();
  ASSERT_TRUE(made->write_at(0, as_bytes("J")));
  ASSERT_TRUE(disk_.rename("a", "b"));
  EXPECT_EQ(read_text(*copy, "a"), "hello");
  ASSERT_TRUE(must_open(*copy, "a", open_mode::read_write)->write_at(0, as_bytes("C")));
  EXPECT_EQ(read_text(*copy, "a"), "Cello");
  EXPECT_EQ(read_text(disk_, "b"), "Jello");
}

// A model that knows only what the contract says, against random operations and crashes.
class crash_model {
public:
  explicit crash_model(std::uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i)
      step();
  }

private:
  struct expected {
    std::string durable;            // bytes that a crash must leave
    std::set<std::size_t> unsynced; // sectors written since
    bool name_durable = false;
  };

  void step() {
    const auto path = std::string(1, static_cast<char>('a' + random_.below(4)));
    switch (random_.below(8)) {
    case 0: crash(); break;
    case 1: sync_names(); break;
    case 2: sync(path); break;
    default: write(path); break;
    }
  }
  std::unique_ptr<file> open(const std::string& path) {
    return must_open(disk_, path, disk_.exists(path) ? open_mode::read_write : open_mode::create);
  }
  void write(const std::string& path) {
    const std::string part(1 + random_.below(1500), static_cast<char>('A' + random_.below(26)));
    const auto offset = random_.below(4000);
    ASSERT_TRUE(open(path)->write_at(offset, as_bytes(part)));
    for (auto at = offset / sector; at * sector < offset + part.size(); ++at)
      files_[path].unsynced.insert(at);
  }
  void sync(const std::string& path) {
    if (!disk_.exists(path)) return;
    ASSERT_TRUE(open(path)->sync());
    files_[path].durable = read_text(disk_, path);
    files_[path].unsynced.clear();
  }
  void sync_names() {
    ASSERT_TRUE(disk_.sync_directory("."));
    for (auto& [path, file] : files_)
      file.name_durable = true;
  }
  void crash() {
    disk_.crash(random_);
    for (auto it = files_.begin(); it != files_.end();) {
      auto& [path, file] = *it;
      if (!disk_.exists(path)) {
        ASSERT_FALSE(file.name_durable) << path;
        it = files_.erase(it);
        continue;
      }
      const auto now = read_text(disk_, path);
      ASSERT_GE(now.size(), file.durable.size());
      for (std::size_t at = 0; at < file.durable.size(); ++at)
        ASSERT_TRUE(now[at] == file.durable[at] || file.unsynced.contains(at / sector)) << path << " at " << at;
      file = {now, {}, true}; // what a crash leaves is durable
      ++it;
    }
  }

  seeded_random random_;
  virtual_disk disk_;
  std::map<std::string, expected> files_;
};

TEST(virtual_disk, keeps_its_contract_under_random_operations_and_crashes) {
  const auto seed = test_seed();
  SCOPED_TRACE(seed);
  crash_model{seed}.run(20'000);
}

} // namespace
} // namespace weft
