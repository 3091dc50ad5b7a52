// 200,000 events of 1,000 keys on a real disk; processes that compact them are killed, again and again.
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/keyed_batch.hpp"
#include "tests/mesh/log/killing_disk.hpp"

#include <fmt/format.h>
#include <map>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::log::testing {
namespace {

constexpr int events = 200'000;
constexpr int keys = 1'000;
constexpr int events_a_batch = 500;
constexpr std::uint64_t segment = 1U << 20U;

/// A log in a directory, as one process has it.
class opened_log {
public:
  opened_log(disk& on, const std::string& directory) {
    log_options options;
    options.directory = directory;
    options.id = test_log();
    options.segment_bytes = segment;
    options.spare_segments = 0;
    options.own_threads = false;
    auto opened = node_log::open({on, clock_, random_, starts_}, options, {});
    EXPECT_TRUE(opened.has_value()) << opened.error().message();
    if (opened) log = std::move(*opened);
  }
  void compact() {
    log->set_policy(orders, {{}, {}, compaction_rules{}});
    clock_.advance(limits::retention_interval);
    log->maintain(clock_.mono());
  }

private:
  manual_clock clock_;
  seeded_random random_{3};
  kept_starts starts_;

public:
  std::unique_ptr<node_log> log; // the last
};

/// @returns what the last event of each key must be
std::map<std::string, std::string> publish(const std::string& directory) {
  opened_log on(os_disk(), directory);
  seeded_random choose(11);
  std::map<std::string, std::string> last;
  std::vector<key_value> batch;
  for (int i = 0; i < events; ++i) {
    batch.push_back({fmt::format("key-{}", choose.below(keys)), fmt::format("value {} of many", i)});
    last[batch.back().key] = batch.back().value;
    if (batch.size() < events_a_batch) continue;
    EXPECT_TRUE(on.log->append_and_wait(request_of(orders, keyed_batch(orders, batch), ack_level::written)));
    batch.clear();
  }
  return last;
}

/// In a process of its own. @returns whether it came to its end
bool compacts_without_being_killed(const std::string& directory, std::uint64_t calls) {
  const auto child = ::fork();
  if (child == 0) {
    killing_disk disk(calls);
    opened_log(disk, directory).compact();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct consumed {
  std::map<std::string, std::string> last;
  int events = 0;
};

/// What a consumer that comes anew has at the end.
consumed consume(const std::string& directory) {
  opened_log on(os_disk(), directory);
  consumed all;
  auto at = on.log->state().begin;
  while (const auto read = on.log->read({at, 1U << 18U, 0, {}})) {
    for (const auto& entry : read->entries)
      for (auto& [topic, where, offset, event] : events_of(entry)) {
        all.last[event.key] = event.value;
        ++all.events;
      }
    at = {read->epoch, read->until};
  }
  EXPECT_TRUE(on.log->recovered().quarantined.empty());
  return all;
}

std::uint64_t disk_use(const std::string& directory) {
  std::uint64_t bytes = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(directory))
    if (each.is_regular_file()) bytes += each.file_size();
  return bytes;
}

} // namespace

TEST(compaction_kill_test, a_fresh_consumer_has_the_right_state_however_often_the_cleaning_process_is_killed) { // T01
  const temporary_directory directory;
  const auto expected = publish(directory.path());
  ASSERT_EQ(expected.size(), std::size_t{keys});
  const auto before = disk_use(directory.path());
  seeded_random choose(5);
  int killed = 0;
  while (!compacts_without_being_killed(directory.path(), choose.below(20 + 10 * static_cast<unsigned>(killed)))) {
    ASSERT_LT(++killed, 100);
    const auto now = consume(directory.path());
    ASSERT_EQ(now.last, expected) << "after " << killed << " processes";
  }
  EXPECT_GT(killed, 3);
  const auto now = consume(directory.path());
  EXPECT_EQ(now.last, expected);
  EXPECT_LT(now.events, events / 20);
  EXPECT_LT(disk_use(directory.path()), before / 10);
  const auto report = verify_directory(os_disk(), directory.path());
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->damage.empty());
}

} // namespace weft::log::testing
