#include "mesh/base/os_disk.hpp"

#include "mesh/base/descriptor.hpp"
#include "mesh/base/limits.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft {
namespace {

class os_disk_files : public testing::Test {
protected:
  temporary_directory place_;
  std::string at(const std::string& name) const { return place_.path() + "/" + name; }
};

/// Sets a limit of this process and gives it back.
class lowered_limit {
public:
  lowered_limit(__rlimit_resource_t which, rlim_t value) : which_(which) {
    EXPECT_EQ(::getrlimit(which_, &before_), 0);
    const rlimit lowered{value, before_.rlim_max};
    EXPECT_EQ(::setrlimit(which_, &lowered), 0);
  }
  lowered_limit(const lowered_limit&) = delete;
  lowered_limit& operator=(const lowered_limit&) = delete;
  ~lowered_limit() { ::setrlimit(which_, &before_); }

private:
  __rlimit_resource_t which_;
  rlimit before_{};
};

mode_t mode_of(const std::string& path) {
  struct stat facts {};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 0777U;
}

/// Takes every descriptor there is.
std::vector<descriptor> take_all_descriptors() {
  std::vector<descriptor> taken;
  for (;;) {
    descriptor one{::eventfd(0, EFD_CLOEXEC)};
    if (!one) return taken;
    taken.push_back(std::move(one));
  }
}

TEST_F(os_disk_files, only_the_user_may_open_what_it_makes) {
  ASSERT_TRUE(os_disk().make_directories(at("d")));
  make_file(os_disk(), at("d/a"), "");
  const auto lock = os_disk().lock(at("d/lock"), "me");
  EXPECT_EQ(mode_of(at("d")), 0700U);
  EXPECT_EQ(mode_of(at("d/a")), 0600U);
  EXPECT_EQ(mode_of(at("d/lock")), 0600U);
}

TEST_F(os_disk_files, a_named_pipe_is_refused_at_once_and_waited_for_by_nobody) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  for (const auto mode : {open_mode::read, open_mode::read_write}) {
    const auto opened = os_disk().open(at("pipe"), mode);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message().find("it is not a file"), std::string::npos);
  }
}

TEST_F(os_disk_files, programs_that_are_started_inherit_nothing) {
  auto& on = os_disk(); // its reserve is filled from here on
  const auto first_free = descriptor{::dup(0)}.get();
  const auto made = make_file(on, at("a"), "");
  const auto flags = ::fcntl(first_free, F_GETFD);
  ASSERT_GE(flags, 0);
  EXPECT_NE(flags & FD_CLOEXEC, 0);
}

TEST_F(os_disk_files, lock_of_another_process_names_it_and_ends_with_it) { // T15
  int ready[2], done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const auto child = ::fork();
  if (child == 0) {
    const auto held = os_disk().lock(at("lock"), "node shop pid 77 since noon");
    char byte = held ? '+' : '-';
    ::close(done[1]);
    bool fine = ::write(ready[1], &byte, 1) == 1;
    fine = ::read(done[0], &byte, 1) == 0 && fine; // until the parent closes its end
    ::_exit(fine ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, '+');
  const auto refused = os_disk().lock(at("lock"), "me");
  ASSERT_EQ(code_of(refused), errc::locked);
  EXPECT_NE(refused.error().message().find("node shop pid 77 since noon"), std::string::npos);
  ::close(done[1]);
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(os_disk().lock(at("lock"), "me"));
  for (const auto end : {ready[0], ready[1], done[0]})
    ::close(end);
}

TEST_F(os_disk_files, write_that_cannot_be_finished_is_an_error) {
  const auto made = make_file(os_disk(), at("a"), "");
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  {
    const lowered_limit file_size{RLIMIT_FSIZE, 1000};
    const std::string half(800, 'x');
    const std::array<byte_view, 2> parts{as_bytes(half), as_bytes(half)};
    EXPECT_EQ(code_of(made->write_at(0, parts)), errc::io_error);
  }
  ::signal(SIGXFSZ, before);
  EXPECT_EQ(made->size(), 1000U); // the kernel took a part first
}

TEST_F(os_disk_files, opens_by_the_reserve_when_no_descriptor_is_left) { // T09
  make_file(os_disk(), at("a"), "hello");
  const lowered_limit few{RLIMIT_NOFILE, 200};
  auto taken = take_all_descriptors();
  std::vector<std::unique_ptr<file>> opened;
  for (int i = 0; i < limits::spare_descriptors; ++i)
    opened.push_back(must_open(os_disk(), at("a"), open_mode::read));
  const auto refused = os_disk().open(at("a"), open_mode::read);
  ASSERT_EQ(code_of(refused), errc::descriptors_out);
  EXPECT_NE(refused.error().message().find("ulimit"), std::string::npos);

  opened.clear(); // what is closed fills the reserve before anybody else gets it
  EXPECT_TRUE(take_all_descriptors().empty());
  EXPECT_TRUE(os_disk().open(at("a"), open_mode::read));
}

TEST(descriptor_reserve, fills_up_again) {
  descriptor_reserve reserve{3};
  EXPECT_EQ(reserve.held(), 3U);
  int tries = 0;
  const auto opened = reserve.open([&] {
    if (++tries < 3) {
      errno = EMFILE;
      return -1;
    }
    return ::eventfd(0, EFD_CLOEXEC);
  });
  EXPECT_TRUE(opened);
  EXPECT_EQ(reserve.held(), 1U);
  reserve.refill();
  EXPECT_EQ(reserve.held(), 3U);
}

TEST(descriptor_reserve, stays_when_the_open_fails_for_another_reason) {
  descriptor_reserve reserve{3};
  const auto refused = reserve.open([] {
    errno = ENOENT;
    return -1;
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(reserve.held(), 3U);
}

} // namespace
} // namespace weft
