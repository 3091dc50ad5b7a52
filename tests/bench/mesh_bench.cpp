// tests/bench/mesh_bench.cpp: from a publisher at one node to a handler at another, synced and encrypted, beside what
// bare encrypted ZeroMQ sockets move in the same run. Both nodes and their threads share this process and its cores.
#include "tests/bench/figures.hpp"
#include "tests/bench/socket_limit.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>
#include <weft/weft.hpp>

namespace weft::bench {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr auto run_for = std::chrono::seconds(3);

template <class T>
T must(result<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message());
  return std::move(*outcome);
}

std::int64_t now_us() {
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Resident memory of this process in MiB.
double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1U << 20U);
}

/// CPU time of this process in seconds.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Two nodes of one mesh, "a" that publishes and "b" that consumes, in a directory of their own.
class two_nodes {
public:
  two_nodes() : directory_(std::filesystem::temp_directory_path() / fmt::format("weft-bench-{}", ::getpid())) {
    std::filesystem::create_directories(directory_);
    a_.emplace(must(node::open({.name = "a", .data_dir = directory_ / "a", .listen = "tcp://127.0.0.1:0"})));
    const auto answer = nlohmann::json::parse(must(a_->query("invite", R"({"name":"b"})")));
    const auto invitation = directory_ / "b.invitation";
    std::ofstream(invitation) << answer.at("invitation").get<std::string>();
    b_.emplace(must(node::open({.name = "b", .data_dir = directory_ / "b", .join = invitation.string()})));
  }
  ~two_nodes() {
    b_.reset();
    a_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  node& a() { return *a_; }
  node& b() { return *b_; }

private:
  std::filesystem::path directory_;
  std::optional<node> a_, b_;
};

/// Counts what arrives and how old it is.
class receiver {
public:
  receiver(participant& at, const std::string& topic)
      : subscription_(must(at.subscribe(std::string_view(topic), {.from = start::beginning}, [this](const event& e) {
          ages_us_.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(0, now_us() - e.time.us)));
          received_.store(ages_us_.size(), std::memory_order_release);
        }))) {
    ages_us_.reserve(64U << 20U);
  }
  std::uint64_t received() const { return received_.load(std::memory_order_acquire); }
  /// Looks so seldom that it takes nothing from those it waits for.
  void wait_for(std::uint64_t count) const {
    while (received() < count)
      std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  /// Ages of the events from `first` on, sorted.
  std::vector<std::uint32_t> ages_since(std::size_t first) const {
    std::vector<std::uint32_t> ages(ages_us_.begin() + static_cast<std::ptrdiff_t>(first), ages_us_.end());
    std::sort(ages.begin(), ages.end());
    return ages;
  }

private:
  std::vector<std::uint32_t> ages_us_;
  std::atomic<std::uint64_t> received_{0};
  subscription subscription_;
};

double percentile(const std::vector<std::uint32_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

/// Publishes as fast as it is taken. @returns events a second, until the last one was handled
double flood(two_nodes& nodes, receiver& at, const std::string& topic, std::size_t value_bytes) {
  const auto before = at.received();
  auto publisher = must(nodes.a().publisher(std::string_view(topic)));
  const std::string value(value_bytes, 'x');
  std::uint64_t published = 0;
  const auto started = steady_clock::now();
  while (steady_clock::now() - started < run_for)
    for (int i = 0; i < 256; ++i, ++published)
      publisher.publish({.value = as_bytes(value)});
  at.wait_for(before + published);
  return static_cast<double>(published) / duration<double>(steady_clock::now() - started).count();
}

/// Publishes at a rate, in steps of a millisecond. @returns the ages of the events, sorted
std::vector<std::uint32_t> pace(two_nodes& nodes, receiver& at, const std::string& topic, std::size_t value_bytes,
                                double rate) {
  const auto before = at.received();
  auto publisher = must(nodes.a().publisher(std::string_view(topic)));
  const std::string value(value_bytes, 'x');
  std::uint64_t published = 0;
  const auto started = steady_clock::now();
  for (auto now = started; now - started < run_for; now = steady_clock::now()) {
    const auto due = static_cast<std::uint64_t>(duration<double>(now - started).count() * rate);
    for (; published < due; ++published)
      publisher.publish({.value = as_bytes(value)});
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  at.wait_for(before + published);
  return at.ages_since(before);
}

void add_latency(figures& out, const std::string& what, const std::vector<std::uint32_t>& ages) {
  out.add(what + ", p50", percentile(ages, 0.5), "us");
  out.add(what + ", p99", percentile(ages, 0.99), "us");
  out.add(what + ", p99.9", percentile(ages, 0.999), "us");
}

/// What is in a's log, to a handler at b. @returns events a second
double catch_up(two_nodes& nodes, const std::string& topic, std::uint64_t events) {
  const auto started = steady_clock::now();
  const receiver at(nodes.b(), topic);
  at.wait_for(events);
  return static_cast<double>(events) / duration<double>(steady_clock::now() - started).count();
}

void measure_size(figures& out, std::size_t value_bytes) {
  two_nodes nodes;
  const std::string topic = "bench.events";
  receiver at(nodes.b(), topic);
  flood(nodes, at, topic, value_bytes); // warms memory and segments up
  const double limit_before = encrypted_socket_bytes_per_s();
  const double rate = flood(nodes, at, topic, value_bytes);
  const double limit = (limit_before + encrypted_socket_bytes_per_s()) / 2;
  const auto label =
      fmt::format("publish to handler on another node, synced, encrypted, {} B values, 1 publisher", value_bytes);
  const double bytes_per_event = static_cast<double>(value_bytes);
  const std::string limit_is = "values in bare ZeroMQ sockets with CURVE, 256 KiB messages";
  out.add(label, rate, "events/s", limit / bytes_per_event, limit_is);
  const double behind = catch_up(nodes, topic, at.received());
  const double limit_now = (limit + encrypted_socket_bytes_per_s()) / 2;
  out.add(fmt::format("catch-up from a log to a handler on another node, encrypted, {} B values", value_bytes), behind,
          "events/s", limit_now / bytes_per_event, limit_is);
  add_latency(out, label + ", at a tenth of that rate", pace(nodes, at, topic, value_bytes, rate / 10));
  add_latency(out, label + ", at half of that rate", pace(nodes, at, topic, value_bytes, rate / 2));
  if (value_bytes == 100)
    add_latency(out, label + ", at 100000 events/s", pace(nodes, at, topic, value_bytes, 100'000));
}

/// One synced publish of a waiting caller, topics round robin.
double synced_publish_p50_us(two_nodes& nodes, int topics) {
  std::vector<raw_publisher> publishers;
  publishers.reserve(static_cast<std::size_t>(topics));
  for (int i = 0; i < topics; ++i)
    publishers.push_back(must(nodes.a().publisher(fmt::format("bench.t{}.{}", topics, i))));
  const std::string value(100, 'x');
  for (auto& publisher : publishers)
    must(publisher.publish_and_wait({.value = as_bytes(value)})); // makes the topic
  std::vector<std::uint32_t> took;
  for (std::size_t i = 0; i < 4000; ++i) {
    const auto started = steady_clock::now();
    must(publishers[i % publishers.size()].publish_and_wait({.value = as_bytes(value)}));
    took.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(steady_clock::now() - started).count()));
  }
  std::sort(took.begin(), took.end());
  return percentile(took, 0.5) / 1000;
}

void measure_sockets(figures& out) {
  const double tcp_before = tcp_bytes_per_s();
  const double encrypted = encrypted_socket_bytes_per_s();
  const double tcp = (tcp_before + tcp_bytes_per_s()) / 2;
  out.add("bare ZeroMQ sockets with CURVE, 256 KiB messages", encrypted / 1e6, "MB/s", tcp / 1e6,
          "one TCP connection, 256 KiB at a time");
}

void measure_topics(figures& out) {
  two_nodes nodes;
  const double one = synced_publish_p50_us(nodes, 1);
  const double many = synced_publish_p50_us(nodes, 10'000);
  out.add("one synced publish of a waiting caller, 100 B, 1 topic, p50", one, "us");
  out.add("one synced publish of a waiting caller, 100 B, 10000 topics round robin, p50", many, "us", one);
}

/// Bytes that this process has written to disks.
std::uint64_t bytes_written() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (io >> name >> value)
    if (name == "write_bytes:") return value;
  return 0;
}

/// Two linked nodes, of which one follows the other, once both have made their spare files. Half of what the process
/// uses is a node's: all that is shared is counted with the nodes.
void measure_rest(figures& out) {
  constexpr auto at_rest_for = std::chrono::seconds(20);
  two_nodes nodes;
  receiver at(nodes.b(), "at.rest");
  auto publisher = must(nodes.a().publisher("at.rest"));
  must(publisher.publish_and_wait({.value = as_bytes(std::string_view("x"))}));
  at.wait_for(1);
  for (std::uint64_t before = ~0ULL, now = bytes_written(); now != before; now = bytes_written()) {
    before = now;
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
  const auto cpu = cpu_seconds();
  const auto started = steady_clock::now();
  std::this_thread::sleep_for(at_rest_for);
  const double part = (cpu_seconds() - cpu) / duration<double>(steady_clock::now() - started).count();
  out.add("a linked node at rest, one follows the other, memory", resident_mib() / 2, "MiB");
  out.add("a linked node at rest, one follows the other, processor", part * 100 / 2, "% of a core");
}

} // namespace
} // namespace weft::bench

int main(int argc, char** argv) {
  try {
    weft::bench::figures out;
    weft::bench::measure_rest(out);
    weft::bench::measure_sockets(out);
    for (const std::size_t size : {100U, 1024U})
      weft::bench::measure_size(out, size);
    weft::bench::measure_topics(out);
    out.print(argc, argv);
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "mesh_bench: %s\n", problem.what());
    return 1;
  }
}
