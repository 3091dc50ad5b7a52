// tests/sim/stage_fixture.hpp: a world of scripted processes with a network of exact latencies.
#pragma once
#include "tests/sim/scripted.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

namespace weft::sim {

using namespace std::chrono_literals;

inline constexpr microseconds one_way{1'000};

struct stage_fixture : ::testing::Test {
  world_options options = exact();
  std::map<std::uint32_t, std::vector<scripted::got>> records; // by host, over restarts
  world* the_world = nullptr;
  std::unique_ptr<world> made;

  static world_options exact() {
    world_options o;
    o.network.latency_min = o.network.latency_max = one_way;
    o.network.jitter = microseconds{0};
    o.clocks.offset_max = microseconds{0};
    o.clocks.drift_per_million_max = 0;
    return o;
  }

  /// The world, made and started at its first use with `options`.
  world& w() {
    if (made) return *made;
    made = std::make_unique<world>(options, [this](environment& around) {
      return std::make_unique<scripted>(around, the_world, records[around.host().value()]);
    });
    the_world = made.get();
    for (std::uint32_t i = 0; i < options.hosts; ++i)
      made->start(host_index{i});
    return *made;
  }
  ~stage_fixture() override { made.reset(); }

  scripted& on(std::uint32_t host) { return static_cast<scripted&>(*w().process_of(host_index{host})); }
  void run(microseconds time) { w().run_for(time); }
  void dial(std::uint32_t from, std::uint32_t to) { on(from).env.dial(w().address(host_index{to})); }
  /// A link between two, there after the call.
  void link(std::uint32_t from, std::uint32_t to) {
    dial(from, to);
    run(4 * one_way);
    ASSERT_TRUE(heard(from, "opened"));
    ASSERT_TRUE(heard(to, "accepted"));
  }
  std::size_t times_heard(std::uint32_t host, std::string_view what) {
    return static_cast<std::size_t>(std::ranges::count(records[host], what, &scripted::got::what));
  }
  bool heard(std::uint32_t host, std::string_view what) { return times_heard(host, what) > 0; }
  /// When it came first; a test fails that asks in vain.
  virtual_time heard_at(std::uint32_t host, std::string_view what) {
    const auto found = std::ranges::find(records[host], what, &scripted::got::what);
    EXPECT_NE(found, records[host].end()) << what << " was not heard by h" << host;
    return found == records[host].end() ? virtual_time{-1} : found->at;
  }
  /// What frames said, in the order they came.
  std::string frames(std::uint32_t host) {
    std::string all;
    for (const auto& got : records[host])
      if (got.what.starts_with("frame ")) all += got.what.substr(6) + " ";
    return all;
  }
  rule_id rule(path_effect effect, host_set from, host_set to) {
    return w().network().add_rule({effect, std::move(from), std::move(to)});
  }
  static host_set only(std::uint32_t host) { return {host_index{host}}; }
};

} // namespace weft::sim
