// The faults that a virtual disk is told to have.
#include "mesh/base/virtual_disk.hpp"

#include "tests/mesh/base/disk_testing.hpp"

#include <thread>

namespace weft {
namespace {

using failure = disk_fault_plan::failure;

class virtual_disk_faults : public testing::Test {
protected:
  virtual_disk disk_;
  std::unique_ptr<file> a_ = [this] {
    auto made = make_file(disk_, "a", "hello");
    EXPECT_TRUE(made->sync());
    EXPECT_TRUE(disk_.sync_directory("."));
    return made;
  }();

  void fail_calls(failure what) { disk_.set_faults({.failures = {what}}); }
};

TEST_F(virtual_disk_faults, fails_the_nth_call_of_all_once) {
  fail_calls({.nth = 2, .code = errc::io_error});
  EXPECT_TRUE(a_->write_at(0, as_bytes("1")));
  EXPECT_EQ(code_of(disk_.rename("a", "b")), errc::io_error);
  EXPECT_TRUE(disk_.exists("a")); // it had no effect
  EXPECT_TRUE(a_->write_at(0, as_bytes("3")));
  EXPECT_EQ(disk_.faults_hit(), 1U);
}

TEST_F(virtual_disk_faults, fails_the_nth_of_a_kind_for_ever) { // T09
  fail_calls({.nth = 2, .code = errc::descriptors_out, .kind = disk_call::open, .for_ever = true});
  EXPECT_TRUE(a_->write_at(0, as_bytes("x")));
  EXPECT_TRUE(disk_.open("a", open_mode::read));
  EXPECT_EQ(code_of(disk_.open("a", open_mode::read)), errc::descriptors_out);
  EXPECT_EQ(code_of(disk_.open("a", open_mode::read)), errc::descriptors_out);
  disk_.set_faults({});
  EXPECT_TRUE(disk_.open("a", open_mode::read));
}

TEST_F(virtual_disk_faults, every_kind_can_fail) {
  const auto each = [&](disk_call kind) -> errc {
    fail_calls({.nth = 1, .code = errc::busy, .kind = kind}); // a code that nothing else gives
    std::array<std::byte, 1> one{};
    switch (kind) {
    case disk_call::open: return code_of(disk_.open("a", open_mode::read));
    case disk_call::read: return code_of(a_->read_at(0, one));
    case disk_call::write: return code_of(a_->write_at(0, as_bytes("x")));
    case disk_call::sync: return code_of(a_->sync());
    case disk_call::truncate: return code_of(a_->truncate(1));
    case disk_call::rename: return code_of(disk_.rename("a", "b"));
    case disk_call::remove: return code_of(disk_.remove("a"));
    case disk_call::sync_directory: return code_of(disk_.sync_directory("."));
    case disk_call::make_directories: return code_of(disk_.make_directories("d"));
    case disk_call::list: return code_of(disk_.list("."));
    case disk_call::lock: return code_of(disk_.lock("lock", "me"));
    case disk_call::free_space: return code_of(disk_.free_space("."));
    }
    return errc::ok;
  };
  for (std::size_t kind = 0; kind < disk_calls; ++kind)
    EXPECT_EQ(each(static_cast<disk_call>(kind)), errc::busy) << kind;
}

TEST_F(virtual_disk_faults, counts_calls_by_kind) {
  const auto before = disk_.counts();
  EXPECT_TRUE(a_->sync());
  EXPECT_TRUE(a_->sync());
  EXPECT_TRUE(disk_.list("."));
  const auto after = disk_.counts();
  EXPECT_EQ(after.of(disk_call::sync) - before.of(disk_call::sync), 2U);
  EXPECT_EQ(after.of(disk_call::list) - before.of(disk_call::list), 1U);
  EXPECT_EQ(after.total() - before.total(), 3U);
}

TEST_F(virtual_disk_faults, writes_half_of_a_short_write) { // T01
  disk_.set_faults({.short_write = 1});
  EXPECT_EQ(code_of(a_->write_at(0, as_bytes("ABCDEFGH"))), errc::io_error);
  EXPECT_EQ(read_text(disk_, "a"), "ABCDo");
  EXPECT_EQ(disk_.faults_hit(), 1U);
}

TEST_F(virtual_disk_faults, a_full_disk_takes_what_fits) { // T09
  disk_.set_faults({.capacity = 8});
  EXPECT_EQ(disk_.free_space("."), 3U);
  EXPECT_TRUE(a_->write_at(0, as_bytes("HELLO"))); // in place: needs no space
  EXPECT_EQ(code_of(a_->write_at(5, as_bytes("abcdef"))), errc::disk_full);
  EXPECT_EQ(read_text(disk_, "a"), "HELLOabc");
  EXPECT_EQ(disk_.free_space("."), 0U);
  const auto b = make_file(disk_, "b", "");
  EXPECT_EQ(code_of(b->write_at(0, as_bytes("x"))), errc::disk_full);
  ASSERT_TRUE(disk_.remove("a"));
  EXPECT_TRUE(b->write_at(0, as_bytes("x")));
}

TEST_F(virtual_disk_faults, a_lying_device_loses_what_it_said_was_synced) {
  disk_.set_faults({.ignores_syncs = true});
  ASSERT_TRUE(a_->write_at(0, as_bytes("J")));
  EXPECT_TRUE(a_->sync());
  make_file(disk_, "b", "");
  EXPECT_TRUE(disk_.sync_directory("."));
  EXPECT_TRUE(disk_.make_directories("d"));
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "a"), "hello");
  EXPECT_EQ(disk_.list("."), std::vector<std::string>{"a"});
}

TEST_F(virtual_disk_faults, a_sync_after_a_failed_one_does_not_bring_the_bytes_back) { // T08
  ASSERT_TRUE(a_->write_at(0, as_bytes("J")));
  fail_calls({.nth = 1, .code = errc::io_error, .kind = disk_call::sync});
  EXPECT_EQ(code_of(a_->sync()), errc::io_error);
  EXPECT_TRUE(a_->sync());
  EXPECT_EQ(read_text(disk_, "a"), "Jello"); // the cache still has it
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto copy = disk_.clone();
    seeded_random random{seed};
    copy->crash(random);
    ASSERT_EQ(read_text(*copy, "a"), "hello");
  }
  a_->drop_cache(0, 0);
  EXPECT_EQ(read_text(disk_, "a"), "hello");
}

TEST_F(virtual_disk_faults, bytes_written_again_after_a_failed_sync_become_durable) { // T08
  ASSERT_TRUE(a_->write_at(0, as_bytes("J")));
  fail_calls({.nth = 1, .code = errc::io_error, .kind = disk_call::sync});
  EXPECT_EQ(code_of(a_->sync()), errc::io_error);
  ASSERT_TRUE(a_->write_at(0, as_bytes("J")));
  EXPECT_TRUE(a_->sync());
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "a"), "Jello");
}

TEST_F(virtual_disk_faults, a_flipped_bit_stays) { // T04
  ASSERT_TRUE(a_->write_at(4, as_bytes("O")));
  disk_.flip_bit("a", 0, 5);
  EXPECT_EQ(read_text(disk_, "a"), "HellO");
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "a"), "Hello");
}

TEST_F(virtual_disk_faults, a_misdirected_write_succeeds_elsewhere) { // T07
  const auto b = make_file(disk_, "b", "world");
  disk_.set_faults({.misdirected = disk_fault_plan::misdirection{2, "b", 1}});
  EXPECT_TRUE(a_->write_at(0, as_bytes("1")));
  EXPECT_TRUE(a_->write_at(0, as_bytes("22")));
  EXPECT_EQ(read_text(disk_, "a"), "1ello");
  EXPECT_EQ(read_text(disk_, "b"), "w22ld");
}

TEST_F(virtual_disk_faults, an_operator_restores_a_file) { // T07
  disk_.restore("d/old", as_bytes("backup"));
  disk_.restore("a", as_bytes("older"));
  disk_.crash_losing_everything_unsynced();
  EXPECT_EQ(read_text(disk_, "d/old"), "backup");
  EXPECT_EQ(read_text(disk_, "a"), "older");
  EXPECT_EQ(disk_.files(), (std::vector<std::string>{"a", "d/old"}));
  EXPECT_EQ(disk_.content("no"), std::nullopt);
}

TEST_F(virtual_disk_faults, the_hook_sees_each_call_and_may_use_the_disk) { // T11
  std::vector<std::string> seen;
  disk_.set_hook([&](disk_call kind, const std::string& path) {
    seen.push_back(std::to_string(static_cast<int>(kind)) + path);
    EXPECT_TRUE(disk_.clone()->content("a"));
  });
  EXPECT_TRUE(a_->sync());
  EXPECT_TRUE(disk_.rename("a", "b"));
  disk_.set_hook(nullptr);
  EXPECT_TRUE(disk_.list("."));
  EXPECT_EQ(seen, (std::vector<std::string>{"3a", "5a"}));
}

TEST_F(virtual_disk_faults, a_call_that_waits_in_the_hook_does_not_hold_up_others) { // T11
  std::mutex gate;
  std::unique_lock closed{gate};
  disk_.set_hook([&](disk_call kind, const std::string&) {
    if (kind == disk_call::sync) const std::scoped_lock wait{gate};
  });
  std::thread slow{[&] { EXPECT_TRUE(a_->sync()); }};
  EXPECT_EQ(read_text(disk_, "a"), "hello");
  closed.unlock();
  slow.join();
}

TEST_F(virtual_disk_faults, threads_may_share_it) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([this, i] {
      const auto path = "t" + std::to_string(i);
      const auto made = make_file(disk_, path, "");
      for (std::uint64_t at = 0; at < 200; ++at) {
        EXPECT_TRUE(made->write_at(at, as_bytes("x")));
        EXPECT_TRUE(made->sync());
        EXPECT_TRUE(disk_.sync_directory("."));
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(disk_.files().size(), 5U);
}

// The n-th-failing-call loop, on what must leave the old or the new content whatever happens.
TEST(write_file_durably, leaves_the_old_or_the_new_whichever_call_fails_and_whatever_a_crash_keeps) { // T10
  const std::string older(700, 'o'), newer(3000, 'n');
  for (const bool for_ever : {false, true})
    for (std::uint64_t nth = 1;; ++nth) {
      virtual_disk disk;
      disk.restore("a", as_bytes(older));
      disk.set_faults({.failures = {{.nth = nth, .for_ever = for_ever}}});
      const auto done = write_file_durably(disk, "a", as_bytes(newer));
      EXPECT_EQ(done.has_value(), disk.faults_hit() == 0);
      for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const auto copy = disk.clone();
        seeded_random random{seed};
        copy->crash(random);
        const auto left = text_of(copy->content("a").value());
        ASSERT_TRUE(done ? left == newer : left == older || left == newer) << "call " << nth << " seed " << seed;
      }
      if (disk.faults_hit() == 0) break;
    }
}

} // namespace
} // namespace weft
