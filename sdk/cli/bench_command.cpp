#include "mesh/base/limits.hpp"
#include "mesh/base/os_disk.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/table.hpp"
#include "weft/node.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace weft::cli {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t waits = 300;            // publishes that are waited for, one after another
constexpr std::size_t raw_block_bytes = 4096; // what one small publish writes
constexpr double throughput_seconds = 2;

double seconds_since(clock::time_point begin) { return std::chrono::duration<double>(clock::now() - begin).count(); }

double median(std::vector<double> of) {
  std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2), of.end());
  return of[of.size() / 2];
}

/// Measurements at an embedded node in a directory of its own, each beside the limit of the machine.
class benchmark {
public:
  benchmark(std::string directory, std::size_t value_bytes)
      : directory_(std::move(directory)), value_(value_bytes, std::byte{'x'}) {}

  result<void> run();
  [[nodiscard]] std::string text(bool json) const;

private:
  struct figure {
    std::string name, unit;
    double value, limit; ///< limit 0: none
    std::string limit_name;
  };

  result<void> waiting_publisher(node& at);
  result<void> many_publishes(node& at);
  result<double> raw_sync_seconds(file& raw, std::size_t bytes);

  std::string directory_;
  std::vector<std::byte> value_;
  std::vector<figure> figures_;
};

/// One write and sync of a file that was written before.
result<double> benchmark::raw_sync_seconds(file& raw, std::size_t bytes) {
  const std::vector<std::byte> block(bytes, std::byte{1});
  const auto begin = clock::now();
  if (const auto written = raw.write_at(0, block); !written) return fail(written.error());
  if (const auto synced = raw.sync(); !synced) return fail(synced.error());
  return seconds_since(begin);
}

result<void> benchmark::waiting_publisher(node& at) {
  auto raw = os_disk().open(directory_ + "/raw", open_mode::create);
  if (!raw) return fail(raw.error());
  const auto publisher = at.publisher("bench.waiting");
  if (!publisher) return fail(publisher.error());
  auto to = *publisher;
  std::vector<double> ours, limit;
  for (std::size_t i = 0; i < waits; ++i) { // by turns, so that both meet the same disk
    const auto begin = clock::now();
    if (const auto done = to.publish_and_wait({.value = value_, .headers = {}}); !done) return fail(done.error());
    ours.push_back(seconds_since(begin));
    const auto once = raw_sync_seconds(**raw, raw_block_bytes);
    if (!once) return fail(once.error());
    limit.push_back(*once);
  }
  figures_.push_back({"publish, synced, waited for (median)", "us", median(ours) * 1e6, median(limit) * 1e6,
                      "write + fdatasync of 4 KiB"});
  return {};
}

result<void> benchmark::many_publishes(node& at) {
  auto publisher = at.publisher("bench.many");
  if (!publisher) return fail(publisher.error());
  auto from = at.subscribe("bench.many", subscription_options{.from = start::beginning});
  if (!from) return fail(from.error());
  const auto begin = clock::now();
  std::uint64_t sent = 0, received = 0;
  double published_seconds = 0;
  bool publishing = true;
  while (publishing || received < sent) {
    for (int i = 0; i < 256 && publishing; ++i, ++sent) {
      auto taken = publisher->try_publish({.value = value_, .headers = {}});
      if (!taken && taken.error().code() != errc::would_block) return fail(taken.error());
      if (!taken) break;
    }
    if (publishing && seconds_since(begin) > throughput_seconds) {
      publishing = false;
      if (auto flushed = publisher->flush(); !flushed) return flushed;
      published_seconds = seconds_since(begin);
    }
    const auto events = from->poll_batch(4096, publishing ? microseconds{0} : std::chrono::seconds(10));
    if (!events) return fail(events.error());
    if (!publishing && events->empty() && received < sent) return fail(errc::timed_out, "the events do not arrive");
    received += events->size();
  }
  const auto events_per_s = static_cast<double>(sent) / published_seconds;
  auto raw = os_disk().open(directory_ + "/raw-large", open_mode::create);
  if (!raw) return fail(raw.error());
  constexpr std::size_t block = 1U << 20U;
  std::vector<double> limit;
  for (int i = 0; i < 50; ++i) {
    const auto once = raw_sync_seconds(**raw, block);
    if (!once) return fail(once.error());
    limit.push_back(*once);
  }
  const auto raw_rate = static_cast<double>(block) / median(limit) / static_cast<double>(value_.size());
  figures_.push_back(
      {"publish, synced, many at once", "events/s", events_per_s, raw_rate, "write + fdatasync of 1 MiB"});
  figures_.push_back(
      {"publish to handler, same process", "events/s", static_cast<double>(received) / seconds_since(begin), 0, ""});
  return {};
}

result<void> benchmark::run() {
  auto at = node::open({.name = "bench", .data_dir = directory_ + "/node"});
  if (!at) return fail(at.error());
  if (auto done = waiting_publisher(*at); !done) return done;
  return many_publishes(*at);
}

std::string benchmark::text(bool json) const {
  if (json) {
    std::string out = "{\"figures\":[";
    for (const auto& f : figures_) {
      const auto limit = f.limit > 0 ? fmt::format("{:.1f}", f.limit) : "null";
      const auto ratio = f.limit > 0 ? fmt::format("{:.3f}", f.value / f.limit) : "null";
      out += fmt::format("{}{{\"name\":\"{}\",\"value\":{:.1f},\"unit\":\"{}\",\"limit\":{},\"ratio\":{}}}",
                         &f == figures_.data() ? "" : ",", f.name, f.value, f.unit, limit, ratio);
    }
    return out + "]}\n";
  }
  table out{{{"WHAT"}, {"VALUE", true}, {"UNIT"}, {"LIMIT", true}, {"RATIO", true}, {"LIMIT IS"}}};
  for (const auto& f : figures_)
    out.add({f.name, grouped(f.value), f.unit, f.limit > 0 ? grouped(f.limit) : "-",
             f.limit > 0 ? fmt::format("{:.2f}", f.value / f.limit) : "-", f.limit_name});
  return fmt::format("values of {} bytes\n{}", value_.size(), out.text());
}

int bench(std::size_t value_bytes, bool json) {
  if (value_bytes > limits::event_value_bytes_max)
    throw usage_error{fmt::format("--bytes: a value has at most {} bytes", limits::event_value_bytes_max)};
  std::error_code problem;
  auto directory = (std::filesystem::current_path(problem) / "weft-bench-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return report("bench", {errc::io_error, "cannot make " + directory});
  benchmark work{directory, value_bytes};
  const auto done = work.run();
  std::filesystem::remove_all(directory, problem);
  return done ? print(work.text(json)) : report("bench", done.error());
}

} // namespace

void add_bench(command_line& weft) {
  struct words {
    std::optional<std::uint64_t> bytes;
    bool json = false;
  };
  auto options = std::make_shared<words>();
  weft.add("bench", "Measures publishing on this machine, each figure beside the disk's own limit")
      .option("--bytes", "N", options->bytes, std::uint64_t{1}, "Size of each value; by default 1024")
      .flag("--json", options->json, "One JSON document instead of a table")
      .notes("Works in a directory of its own below the current one, on whose disk it measures, and removes it.")
      .example("weft bench --bytes 100")
      .runs([options] { return bench(options->bytes.value_or(1024), options->json); });
}

} // namespace weft::cli
