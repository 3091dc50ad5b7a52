// tests/bench/group_bench.cpp: how a group scales with its members, and how long a key waits when its slot moves.
//
// The log is written before the group has a member, by a publisher that knows of none. A handler takes 1 ms, asleep:
// the ideal is what as many threads do that only sleep. Members are subscriptions of the log's own node, or processes
// with a connection to it each.
#include "tests/bench/figures.hpp"
#include "tests/bench/mesh_traffic.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <spawn.h>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>
#include <weft/weft.hpp>

namespace weft::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto work = 1ms;
constexpr int keys = 5000;
constexpr std::size_t value_bytes = 100;
constexpr auto measured_for = 2s;
constexpr std::array member_counts{1, 2, 4, 8, 16, 32, 64};
constexpr std::string_view jobs = "bench.jobs", stream = "bench.stream";

constexpr int movers = 8;             // members while slots move
constexpr int moves = 40;             // of a member that comes or goes
constexpr auto between_moves = 500ms; // the others have their slots by then
constexpr int stream_keys = 1000;
constexpr auto stream_pause = 250us; // 4,000 events a second

subscription_options member_of(std::string_view group) {
  return {.from = start::beginning, .group = {.name = std::string(group), .events_max = 256}};
}

void publish(raw_publisher& to, std::int64_t number, int of_keys, std::string_view value) {
  const auto key = fmt::format("key-{}", number % of_keys);
  static_cast<void>(to.publish({.key = as_bytes(key), .value = as_bytes(value)}));
}

/// A number that processes share.
class shared_count {
public:
  explicit shared_count(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::ftruncate(file, sizeof(number)) != 0)
      throw std::system_error(errno, std::generic_category(), path);
    void* const at = ::mmap(nullptr, sizeof(number), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category(), path);
    number_ = static_cast<number*>(at);
  }
  shared_count(const shared_count&) = delete;
  shared_count& operator=(const shared_count&) = delete;
  ~shared_count() { ::munmap(number_, sizeof(number)); }
  std::atomic<std::uint64_t>& operator*() const { return *number_; }

private:
  using number = std::atomic<std::uint64_t>;
  static_assert(number::is_always_lock_free);
  number* number_ = nullptr;
};

[[nodiscard]] subscription working_member(participant& at, std::string_view group, std::atomic<std::uint64_t>& done) {
  return must(at.subscribe(jobs, member_of(group), [&done](const event&) {
    std::this_thread::sleep_for(work);
    done.fetch_add(1, std::memory_order_relaxed);
  }));
}

/// What a member does that is a process. @returns its exit code
int be_member(const std::string& data, const std::string& group, const std::string& count) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  const shared_count done(count);
  auto home = must(client::connect({.data_dir = data, .program = "member"}));
  auto member = working_member(home, group, *done);
  int number = 0;
  sigwait(&stop, &number);
  member.close();
  return 0;
}

class member_process {
public:
  member_process(const std::string& data, const std::string& group, const std::string& count) {
    std::array words{std::string("/proc/self/exe"), std::string("--member"), data, group, count};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i)
      arguments[i] = words[i].data();
    if (const int failed = ::posix_spawn(&pid_, words[0].c_str(), nullptr, nullptr, arguments.data(), ::environ))
      throw std::system_error(failed, std::generic_category(), "a member");
  }
  member_process(const member_process&) = delete;
  member_process& operator=(const member_process&) = delete;
  ~member_process() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

private:
  pid_t pid_ = 0;
};

/// Events a second once all have some.
double steady_rate(const std::atomic<std::uint64_t>& done, int members) {
  const auto begins = static_cast<std::uint64_t>(members) * 200;
  const auto asked = std::chrono::steady_clock::now();
  while (done.load() < begins) {
    if (seconds_since(asked) > 60) throw std::runtime_error("members did not begin");
    std::this_thread::sleep_for(1ms);
  }
  const auto before = done.load();
  const auto began = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(measured_for);
  return static_cast<double>(done.load() - before) / seconds_since(began);
}

/// What threads do that only sleep.
double ideal_rate(int threads) {
  std::atomic<std::uint64_t> done = 0;
  std::vector<std::jthread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&done](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::this_thread::sleep_for(work);
        done.fetch_add(1, std::memory_order_relaxed);
      }
    });
  return steady_rate(done, threads);
}

double rate_in_process(participant& at, int members) {
  std::atomic<std::uint64_t> done = 0;
  std::vector<subscription> all;
  for (int i = 0; i < members; ++i)
    all.push_back(working_member(at, fmt::format("in-process-{}", members), done));
  const auto found = steady_rate(done, members);
  for (auto& one : all)
    one.close();
  return found;
}

double rate_of_processes(const std::string& directory, int members) {
  const auto path = fmt::format("{}/done-{}", directory, members);
  const shared_count done(path);
  std::vector<std::unique_ptr<member_process>> all;
  for (int i = 0; i < members; ++i)
    all.push_back(std::make_unique<member_process>(directory + "/a", fmt::format("processes-{}", members), path));
  return steady_rate(*done, members);
}

/// Whose events took how long from their publisher's call to their handler.
struct waits {
  std::mutex mutex;
  std::unordered_map<std::string, int> last; // of a key
  std::vector<double> moved_ms, others_ms;

  void note(int member, const event& came) {
    const auto took = static_cast<double>(now_us() - came.time.us) / 1000;
    const std::lock_guard held{mutex};
    const auto before = last.try_emplace(std::string(as_text(came.key)), member).first;
    (std::exchange(before->second, member) == member ? others_ms : moved_ms).push_back(took);
  }
};

double percentile(std::vector<double>& of, double part) {
  std::ranges::sort(of);
  return of.empty() ? 0 : of[static_cast<std::size_t>(part * static_cast<double>(of.size() - 1))];
}

void measure_moves(participant& at, figures& into) {
  waits seen;
  std::jthread publishing([&at](const std::stop_token& ends) {
    auto to = must(at.publisher(stream));
    const std::string value(value_bytes, 'v');
    auto next = std::chrono::steady_clock::now();
    for (std::int64_t n = 0; !ends.stop_requested(); ++n) {
      publish(to, n, stream_keys, value);
      std::this_thread::sleep_until(next += stream_pause);
    }
    must(to.flush(1min));
  });
  int number = 0;
  std::vector<subscription> members;
  const auto add = [&] {
    members.push_back(must(at.subscribe(stream, member_of("movers"),
                                        [&seen, who = number++](const event& came) { seen.note(who, came); })));
  };
  for (int i = 0; i < movers; ++i)
    add();
  std::this_thread::sleep_for(2s);
  {
    const std::lock_guard held{seen.mutex}; // the first ones came and shared
    seen.moved_ms.clear();
    seen.others_ms.clear();
  }
  for (int i = 0; i < moves; ++i) {
    if (i % 2 == 0)
      add();
    else {
      members.front().close();
      members.erase(members.begin());
    }
    std::this_thread::sleep_for(between_moves);
  }
  publishing.request_stop();
  publishing.join();
  for (auto& one : members)
    one.close();
  const auto name = [](std::string_view of) {
    return fmt::format("{}, {} members, one comes or goes {} times", of, movers, moves);
  };
  const auto usual = percentile(seen.others_ms, 0.99);
  into.add(name("p50 of the first event of a key at another member"), percentile(seen.moved_ms, 0.5), "ms",
           percentile(seen.others_ms, 0.5), "p50 of all other events in the same run");
  into.add(name("p99 of the first event of a key at another member"), percentile(seen.moved_ms, 0.99), "ms", usual,
           "p99 of all other events in the same run");
}

int measure(int argc, char** argv) {
  const auto directory = (std::filesystem::temp_directory_path() / fmt::format("weft-group-{}", ::getpid())).string();
  std::filesystem::create_directories(directory);
  figures found;
  {
    auto at = must(node::open({.name = "a", .data_dir = directory + "/a"}));
    {
      auto to = must(at.publisher(jobs));
      const std::string value(value_bytes, 'v');
      const auto most = static_cast<std::int64_t>(member_counts.back()) * 1000 * 8;
      for (std::int64_t n = 0; n < most; ++n)
        publish(to, n, keys, value);
      must(to.flush(5min));
    }
    for (const int members : member_counts) {
      const auto ideal = ideal_rate(members);
      const auto limit_is = fmt::format("{} threads that only sleep 1 ms", members);
      found.add(fmt::format("members in one process: {}, a handler takes 1 ms", members), rate_in_process(at, members),
                "events/s", ideal, limit_is);
      found.add(fmt::format("members that are processes: {}, a handler takes 1 ms", members),
                rate_of_processes(directory, members), "events/s", ideal, limit_is);
    }
    measure_moves(at, found);
  }
  found.print(argc, argv);
  std::filesystem::remove_all(directory);
  return 0;
}

} // namespace
} // namespace weft::bench

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--member") return weft::bench::be_member(argv[2], argv[3], argv[4]);
  return weft::bench::measure(argc, argv);
}
