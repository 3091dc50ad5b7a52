// tests/bench/relay_bench.cpp: from a publisher at one node to a handler at another over two relays, synced and
// encrypted, beside what bare encrypted ZeroMQ sockets with two relaying ones between them move in the same run. Four
// hosts in a chain of cables; all share this process and its cores.
#include "tests/bench/figures.hpp"
#include "tests/bench/hosts.hpp"
#include "tests/bench/mesh_traffic.hpp"
#include "tests/bench/relayed_sockets.hpp"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <unistd.h>

namespace weft::bench {
namespace {

constexpr std::size_t hosts = 4;

/// Nodes p - r1 - r2 - c, one a host: r1 founded the mesh, c met it beside r2 and then moved away.
class four_nodes {
public:
  explicit four_nodes(chain_of_hosts& on)
      : on_(on), directory_(std::filesystem::temp_directory_path() / fmt::format("weft-relays-{}", ::getpid())) {
    std::filesystem::create_directories(directory_);
    open(1, r1_, "r1", true, {});
    open(0, p_, "p", false, invitation("p"));
    open(2, r2_, "r2", true, invitation("r2"));
    open(2, c_, "c", false, invitation("c"));
    await([this] { return knows("r2") && knows("p"); });
    c_.reset();
    open(3, c_, "c", false, {});
  }
  ~four_nodes() {
    for (auto* one : {&c_, &p_, &r2_, &r1_})
      one->reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  four_nodes(const four_nodes&) = delete;
  four_nodes& operator=(const four_nodes&) = delete;

  node& p() { return *p_; }
  node& c() { return *c_; }

  /// Until what c has of p's log comes over both relays.
  void await_path() {
    await([this] {
      const auto all = ask(*c_, "flows");
      for (const auto& flow : all.at("flows"))
        if (flow.at("path") == nlohmann::json{"p", "r1", "r2", "c"}) return true;
      return false;
    });
  }

  /// Of runs that c got from p.
  double bytes_an_event() {
    const auto all = ask(*c_, "flows");
    for (const auto& flow : all.at("flows"))
      if (flow.at("from") == "p") return flow.at("bytes").get<double>() / flow.at("events").get<double>();
    throw std::runtime_error("c has no flow of p");
  }

private:
  void open(std::size_t number, std::optional<node>& into, const std::string& name, bool listens,
            std::optional<std::string> join) {
    node_options options{.name = name, .data_dir = directory_ / name};
    if (listens) options.listen = fmt::format("tcp://{}:0", chain_of_hosts::address(number));
    options.join = std::move(join);
    on_.at(number).run([&] { into.emplace(must(node::open(options))); });
  }
  std::string invitation(const std::string& name) {
    auto path = directory_ / (name + ".invitation");
    const auto answer = nlohmann::json::parse(must(r1_->query("invite", nlohmann::json{{"name", name}}.dump())));
    std::ofstream(path) << answer.at("invitation").get<std::string>();
    return path;
  }
  static nlohmann::json ask(node& at, const std::string& what) {
    return nlohmann::json::parse(must(at.query(what, "{}")));
  }
  bool knows(const std::string& name) {
    const auto all = ask(*c_, "nodes");
    for (const auto& one : all.at("nodes"))
      if (one.at("name") == name) return true;
    return false;
  }
  static void await(const std::function<bool()>& condition) {
    const auto started = std::chrono::steady_clock::now();
    while (!condition()) {
      if (seconds_since(started) > 30) throw std::runtime_error("the nodes did not get into a chain");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  chain_of_hosts& on_;
  std::filesystem::path directory_;
  std::optional<node> p_, r1_, r2_, c_;
};

/// The mean of what was measured around something.
socket_figures mean(const socket_figures& one, const socket_figures& other) {
  return {(one.bytes_per_s + other.bytes_per_s) / 2, (one.cpu_s_per_byte + other.cpu_s_per_byte) / 2};
}

/// What is measured stands beside bare sockets whose messages have as many events as runs of their size.
void measure_size(figures& out, chain_of_hosts& on, std::size_t value_bytes) {
  four_nodes nodes(on);
  const std::string topic = "bench.events";
  const receiver at(nodes.c(), topic);
  must(must(nodes.p().publisher(std::string_view(topic))).publish_and_wait({.value = as_bytes(std::string_view("x"))}));
  nodes.await_path();
  static_cast<void>(flood(nodes.p(), at, topic, value_bytes)); // warms memory and segments up
  const double event_bytes = nodes.bytes_an_event();
  const auto limit_is =
      fmt::format("two relaying bare ZeroMQ sockets with CURVE, 256 KiB messages, {:.0f} B an event", event_bytes);
  const auto label = fmt::format("two relays away, encrypted, {} B values", value_bytes);

  const auto before = measure_relayed_sockets(on);
  const double rate = flood(nodes.p(), at, topic, value_bytes);
  const auto between = measure_relayed_sockets(on);
  const double cpu = cpu_seconds();
  const double behind = catch_up(nodes.c(), topic, at.received());
  const double cpu_an_event = (cpu_seconds() - cpu) / static_cast<double>(at.received());
  const auto after = measure_relayed_sockets(on);
  out.add("publish to handler " + label + ", synced, 1 publisher", rate, "events/s",
          mean(before, between).bytes_per_s / event_bytes, limit_is);
  out.add("catch-up from a log to a handler " + label, behind, "events/s",
          mean(between, after).bytes_per_s / event_bytes, limit_is);
  out.add("catch-up from a log to a handler " + label + ", processor of all", cpu_an_event * 1e9, "ns/event",
          mean(between, after).cpu_s_per_byte * event_bytes * 1e9, limit_is);
}

} // namespace
} // namespace weft::bench

int main(int argc, char** argv) {
  using namespace weft::bench;
  figures out;
  try {
    chain_of_hosts on(hosts);
    for (const std::size_t size : {100U, 1024U})
      measure_size(out, on, size);
  } catch (const no_right_to_make_hosts& problem) {
    std::fprintf(stderr, "relay_bench: not measured: %s\n", problem.what());
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "relay_bench: %s\n", problem.what());
    return 1;
  }
  out.print(argc, argv);
  return 0;
}
