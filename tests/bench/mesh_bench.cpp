// tests/bench/mesh_bench.cpp: from a publisher at one node to a handler at another, synced and encrypted, beside what
// bare encrypted ZeroMQ sockets move in the same run. Both nodes and their threads share this process and its cores.
#include "tests/bench/figures.hpp"
#include "tests/bench/mesh_traffic.hpp"
#include "tests/bench/socket_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>
#include <weft/weft.hpp>

namespace weft::bench {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

/// Resident memory of this process in MiB.
double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1U << 20U);
}

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

double percentile(const std::vector<std::uint32_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
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

void measure_size(figures& out, std::size_t value_bytes) {
  two_nodes nodes;
  const std::string topic = "bench.events";
  receiver at(nodes.b(), topic);
  static_cast<void>(flood(nodes.a(), at, topic, value_bytes)); // warms memory and segments up
  const double limit_before = encrypted_socket_bytes_per_s();
  const double rate = flood(nodes.a(), at, topic, value_bytes);
  const double limit = (limit_before + encrypted_socket_bytes_per_s()) / 2;
  const auto label =
      fmt::format("publish to handler on another node, synced, encrypted, {} B values, 1 publisher", value_bytes);
  const double bytes_per_event = static_cast<double>(value_bytes);
  const std::string limit_is = "values in bare ZeroMQ sockets with CURVE, 256 KiB messages";
  out.add(label, rate, "events/s", limit / bytes_per_event, limit_is);
  const double behind = catch_up(nodes.b(), topic, at.received());
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
