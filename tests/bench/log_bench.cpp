// tests/bench/log_bench.cpp: what the log does with appends, waiting callers and readers that catch up, each beside
// what the machine's disk does with the same writes or reads, measured in turns with it.
//   log_bench [--json] [--seconds S] [--only WORDS] [--open GIGABYTES] [--dir DIRECTORY]
// --only measures the figures whose name has these words.
// --open measures only how long opening a log of that size takes, after a clean stop and after a kill.
#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/log/log.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/recording_disk.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <numeric>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace weft;
using namespace weft::log;
using bench::figures;
using bench::recording_disk;
using stopwatch = std::chrono::steady_clock;

double seconds_since(stopwatch::time_point begin) {
  return std::chrono::duration<double>(stopwatch::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

class no_starts final : public topic_starts {
public:
  result<void> move_forward(topic_id, const topic_start&) override { return {}; }
};

struct settings {
  std::string directory;
  double seconds = 2;
  std::string only;
  [[nodiscard]] bool wants(const std::string& figure) const { return figure.find(only) != std::string::npos; }
};

wire::batch_view batch_of(std::size_t value_bytes, std::uint32_t topic = 1) {
  wire::batch_builder builder(fmt::format("bench.topic-{}", topic), producer_id{}, wire::codec::none);
  WEFT_ASSERT(builder.add(
      {wall_time{1'700'000'000'000'000}, "", as_bytes("key"), {}, as_bytes(std::string(value_bytes, 'v'))}));
  return wire::batch_view::trusted(builder.seal(0));
}

append_request request_of(std::uint32_t topic, const wire::batch_view& batch, ack_level level) {
  append_request request;
  request.items.push_back({topic_id{topic}, batch});
  request.level = level;
  return request;
}

/// What the log keeps, and so the bytes that it, and the raw writer beside it, write over and over.
constexpr std::uint64_t kept_bytes = 256U << 20U;

/// A log in a directory of its own, with its spare files ready.
class bench_log {
public:
  explicit bench_log(const settings& with, bool keep = false)
      : directory_(with.directory + "/weft-log-bench"), keep_(keep), disk_(os_disk()) {
    if (!keep) std::filesystem::remove_all(directory_);
    options_.directory = directory_ + "/log";
    options_.id.node = node_id{{1}};
    options_.commit_queue_bytes = 32U << 20U; // more than the publishers have unacknowledged
    open();
    if (!keep) wait_for_spares();
  }
  ~bench_log() {
    log_.reset();
    if (!keep_) std::filesystem::remove_all(directory_);
  }
  bench_log(const bench_log&) = delete;
  bench_log& operator=(const bench_log&) = delete;

  void open() {
    log_.reset();
    auto opened = node_log::open({disk_, system_clock(), os_random(), starts_}, options_, {});
    WEFT_ASSERT(opened.has_value());
    log_ = std::move(*opened);
    if (!keep_)
      log_->set_policy(topic_id{1}, {{}, kept_bytes}); // files are used again, as in a log that has run for long
  }
  [[nodiscard]] node_log& operator*() { return *log_; }
  [[nodiscard]] node_log* operator->() { return log_.get(); }
  [[nodiscard]] recording_disk& disk() { return disk_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::vector<std::string> segments() const {
    std::vector<std::string> found;
    for (const auto& each : std::filesystem::recursive_directory_iterator(directory_))
      if (each.path().extension() == ".seg") found.push_back(each.path());
    std::sort(found.begin(), found.end());
    return found;
  }

  /// Its spare files are ready: nothing is written beside what is measured.
  void wait_for_spares() {
    for (int tries = 0; tries < 500; ++tries) {
      std::size_t ready = 0;
      for (const auto& each : std::filesystem::recursive_directory_iterator(directory_))
        ready += each.path().extension() == ".zero" || each.path().extension() == ".used" ? 1 : 0;
      if (ready >= limits::spare_segments) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

private:
  std::string directory_;
  bool keep_;
  recording_disk disk_;
  no_starts starts_;
  log_options options_;
  std::unique_ptr<node_log> log_;
};

/// Seconds of the same writes, one after the other, on a file that was written before.
class raw_writer {
public:
  explicit raw_writer(const settings& with)
      : path_(with.directory + "/weft-raw-bench"), data_(limits::batch_bytes_max * 2, std::byte{'r'}) {
    std::filesystem::remove(path_);
    auto made = os_disk().open(path_, open_mode::create);
    WEFT_ASSERT(made.has_value());
    file_ = std::move(*made);
    for (std::uint64_t at = 0; at < size; at += data_.size())
      WEFT_ASSERT(file_->write_at(at, byte_view(data_)));
    WEFT_ASSERT(file_->sync());
  }
  ~raw_writer() { std::filesystem::remove(path_); }
  raw_writer(const raw_writer&) = delete;
  raw_writer& operator=(const raw_writer&) = delete;

  double write(const std::vector<std::size_t>& sizes, bool sync = true) {
    const auto begin = stopwatch::now();
    for (const auto bytes : sizes) {
      if (at_ + bytes > size) at_ = 0;
      WEFT_ASSERT(file_->write_at(at_, byte_view(data_).first(bytes)));
      if (sync) WEFT_ASSERT(file_->sync());
      at_ += bytes;
    }
    return seconds_since(begin);
  }

private:
  static constexpr std::uint64_t size = kept_bytes;
  std::string path_;
  std::vector<std::byte> data_;
  std::unique_ptr<file> file_;
  std::uint64_t at_ = 0;
};

// --- appends

/// How much a publisher has unacknowledged. Full, it waits until half is free: so it is woken for 32, not for each.
class window {
public:
  static constexpr int most = 64;

  void take() {
    if (used_.fetch_add(1) + 1 < most) return;
    for (auto used = used_.load(); used > most / 2; used = used_.load())
      used_.wait(used);
  }
  void give_back() {
    const auto left = used_.fetch_sub(1) - 1;
    if (left == most / 2 || left == 0) used_.notify_one();
  }
  void wait_until_empty() {
    for (auto used = used_.load(); used > 0; used = used_.load())
      used_.wait(used);
  }

private:
  std::atomic<int> used_{0};
};

/// Publishers that keep 64 batches of one event unacknowledged each, for so long. @returns seconds it took
double publish(node_log& log, int publishers, const wire::batch_view& pattern, ack_level level, double seconds) {
  const auto begin = stopwatch::now();
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(publishers));
  for (int p = 0; p < publishers; ++p)
    threads.emplace_back([&] {
      const auto batch = wire::batch_view::trusted(shared_bytes::copy(pattern.bytes().view())); // nobody else counts it
      window unacknowledged;
      while (seconds_since(begin) < seconds) {
        for (int i = 0; i < window::most; ++i) {
          unacknowledged.take();
          auto request = request_of(1, batch, level);
          request.done = [&unacknowledged](const result<std::vector<appended>>& answer) {
            WEFT_ASSERT(answer.has_value());
            unacknowledged.give_back();
          };
          WEFT_ASSERT(log.append(std::move(request)));
        }
      }
      unacknowledged.wait_until_empty();
    });
  for (auto& thread : threads)
    thread.join();
  return seconds_since(begin);
}

/// Brings a log to where it is after a day: retention has gone over all files, so that the next ones are old ones.
void age(bench_log& log) {
  const auto batch = batch_of(64U << 10U);
  for (std::uint64_t written = 0; written < 2 * kept_bytes;) {
    WEFT_ASSERT(log->append_and_wait(request_of(1, batch, ack_level::written)));
    written += batch.bytes().size();
  }
  log.wait_for_spares();
}

/// Events a second, the log's and the raw writes' of the sizes the log made, in turns.
void append_figure(const settings& with, figures& found, std::size_t value_bytes, int publishers, ack_level level) {
  const auto name = fmt::format("log append {}, {} B events, {} publishers of 64 unacknowledged each",
                                level == ack_level::synced ? "synced" : "written", value_bytes, publishers);
  if (!with.wants(name)) return;
  bench_log log(with);
  raw_writer raw(with);
  const auto batch = batch_of(value_bytes);
  constexpr int turns = 5;
  age(log);
  publish(*log, publishers, batch, level, 0.1); // warms up
  std::vector<double> ours;
  std::vector<double> raws;
  std::size_t bytes = 0;
  std::size_t commits = 0;
  for (int turn = 0; turn < turns; ++turn) {
    log.disk().start_recording();
    const auto first = log->state().written_end;
    const auto took = publish(*log, publishers, batch, level, with.seconds / turns);
    const auto events = static_cast<double>(log->state().written_end - first);
    const auto sizes = log.disk().take_recorded();
    ours.push_back(events / took);
    raws.push_back(events / raw.write(sizes, level == ack_level::synced));
    bytes += std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
    commits += sizes.size();
  }
  const auto limit_is = fmt::format("raw write{} of the same sizes, {} KiB on average",
                                    level == ack_level::synced ? " + fdatasync" : "", bytes / 1024 / commits);
  found.add(name, median(ours), "events/s", median(raws), limit_is);
}

/// Microseconds that a caller waits, beside one raw write and sync of as many bytes.
void waiting_figure(const settings& with, figures& found, std::size_t value_bytes) {
  const auto name = fmt::format("log append synced, {} B event, one waiting caller, p50", value_bytes);
  if (!with.wants(name)) return;
  bench_log log(with);
  raw_writer raw(with);
  const auto batch = batch_of(value_bytes);
  std::vector<double> ours;
  std::vector<double> raws;
  const auto begin = stopwatch::now();
  log.disk().start_recording();
  for (int i = 0; seconds_since(begin) < with.seconds || i < 200; ++i) {
    const auto before = stopwatch::now();
    WEFT_ASSERT(log->append_and_wait(request_of(1, batch, ack_level::synced)));
    const auto took = seconds_since(before);
    const auto sizes = log.disk().take_recorded();
    const auto limit = raw.write(sizes);
    if (i < 50) continue; // warms up
    ours.push_back(took * 1e6);
    raws.push_back(limit * 1e6);
  }
  found.add(name, median(ours), "us", median(raws), "raw write + fdatasync of as many bytes");
}

/// Median microseconds of a waiting caller that goes round over so many topics; the limit is the same with one topic.
void topics_figure(const settings& with, figures& found, std::uint32_t topics) {
  const auto name =
      fmt::format("log append synced, 1024 B event, one waiting caller, {} topics round robin, p50", topics);
  if (!with.wants(name)) return;
  bench_log one_log(with);
  settings beside = with;
  beside.directory += "/weft-log-bench-topics";
  std::filesystem::create_directories(beside.directory);
  {
    bench_log many_log(beside);
    const auto one = batch_of(1024);
    std::vector<wire::batch_view> many;
    for (std::uint32_t t = 1; t <= topics; ++t)
      many.push_back(batch_of(1024, t));
    std::vector<double> ours;
    std::vector<double> limit;
    const auto timed = [](node_log& log, std::uint32_t topic, const wire::batch_view& batch) {
      const auto before = stopwatch::now();
      WEFT_ASSERT(log.append_and_wait(request_of(topic, batch, ack_level::synced)));
      return seconds_since(before) * 1e6;
    };
    for (std::uint32_t i = 0; i < 2 * topics || i < 5000; ++i) {
      const auto topic = i % topics;
      ours.push_back(timed(*many_log, topic + 1, many[topic]));
      limit.push_back(timed(*one_log, 1, one));
    }
    found.add(name, median(ours), "us", median(limit), "the same with 1 topic");
  }
  std::filesystem::remove_all(beside.directory);
}

// --- reading

/// Bytes of the files, read from their begin to their end.
std::uint64_t read_files(const std::vector<std::string>& paths) {
  std::vector<std::byte> piece(limits::read_chunk_bytes);
  std::uint64_t bytes = 0;
  for (const auto& path : paths) {
    const auto opened = os_disk().open(path, open_mode::read);
    for (std::uint64_t at = 0;; at += piece.size()) {
      const auto got = (*opened)->read_at(at, piece);
      bytes += *got;
      if (*got < piece.size()) break;
    }
  }
  return bytes;
}

void read_log(node_log& log) {
  read_request request;
  request.from = log.state().begin;
  request.bytes_max = limits::run_bytes_target;
  while (const auto run = log.read(request))
    request.from = {run->epoch, run->until};
}

/// @param cold  nothing of the files is in memory before each turn, theirs and ours
void catch_up_figure(const settings& with, figures& found, bool cold) {
  const auto name =
      fmt::format("log catch-up read from the {}, checksums verified, 256 KiB runs", cold ? "disk" : "page cache");
  if (!with.wants(name)) return;
  bench_log log(with);
  const auto batch = batch_of(32U << 10U);
  publish(*log, 4, batch, ack_level::written, 1);
  WEFT_ASSERT(log->append_and_wait(request_of(1, batch, ack_level::synced)));
  log.open(); // nothing is in the log's own memory
  const auto segments = log.segments();
  const auto forget = [&] {
    for (const auto& path : segments)
      if (const auto opened = os_disk().open(path, open_mode::read); opened && cold) (*opened)->drop_cache(0, 0);
  };
  const auto total = static_cast<double>(log->state().bytes);
  std::vector<double> ours;
  std::vector<double> raws;
  for (int turn = 0; turn < (cold ? 5 : 15); ++turn) {
    forget();
    auto begin = stopwatch::now();
    read_log(*log);
    ours.push_back(total / seconds_since(begin) / 1e6);
    forget();
    begin = stopwatch::now();
    const auto bytes = read_files(segments);
    raws.push_back(static_cast<double>(bytes) / seconds_since(begin) / 1e6);
  }
  found.add(name, median(ours), "MB/s", median(raws), "reading the same files, 1 MiB at a time");
}

// --- opening

/// Fills the log in another process. @param then_kill  it ends without closing the log
void fill(const settings& with, double bytes_wanted, bool then_kill) {
  const auto child = ::fork();
  WEFT_ASSERT(child >= 0);
  if (child != 0) {
    int status = 0;
    WEFT_ASSERT(::waitpid(child, &status, 0) == child && status == 0);
    return;
  }
  {
    bench_log log(with, true);
    const auto batch = batch_of(4096);
    const auto before = log->state().bytes;
    while (static_cast<double>(log->state().bytes - before) < bytes_wanted)
      publish(*log, 4, batch, ack_level::synced, 0.2);
    if (then_kill) ::_exit(0);
  }
  ::_exit(0);
}

void open_figure(const settings& with, figures& found, double gigabytes) {
  const auto directory = with.directory + "/weft-log-bench";
  std::filesystem::remove_all(directory);
  const auto timed_open = [&](const char* after) {
    const auto begin = stopwatch::now();
    bench_log log(with, true);
    const auto took = seconds_since(begin);
    const auto size = static_cast<double>(log->state().bytes) / 1e9;
    found.add(fmt::format("opening a log of {:.1f} GB after {}", size, after), took, "s");
  };
  fill(with, gigabytes * 1e9, false);
  timed_open("a clean stop");
  fill(with, 0.1e9, true);
  timed_open("a kill");
  std::filesystem::remove_all(directory);
}

} // namespace

int main(int argc, char** argv) {
  settings with;
  with.directory = std::filesystem::temp_directory_path();
  double open_gigabytes = 0;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view option(argv[i]);
    if (option == "--seconds") with.seconds = std::stod(argv[i + 1]);
    if (option == "--only") with.only = argv[i + 1];
    if (option == "--open") open_gigabytes = std::stod(argv[i + 1]);
    if (option == "--dir") with.directory = argv[i + 1];
  }
  figures found;
  if (open_gigabytes > 0) {
    open_figure(with, found, open_gigabytes);
    found.print(argc, argv);
    return 0;
  }
  for (const auto level : {ack_level::synced, ack_level::written})
    for (const std::size_t bytes : {100U, 1024U, 16384U})
      for (const int publishers : {1, 4, 16})
        append_figure(with, found, bytes, publishers, level);
  for (const std::size_t bytes : {1024U, 65536U})
    waiting_figure(with, found, bytes);
  topics_figure(with, found, 10'000);
  for (const bool cold : {false, true})
    catch_up_figure(with, found, cold);
  found.print(argc, argv);
}
