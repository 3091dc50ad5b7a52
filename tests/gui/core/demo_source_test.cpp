#include "gui/core/demo_source.hpp"

#include <algorithm>
#include <ctime>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using limits::minute;
using limits::second;

constexpr time_us start = 1'800'000'000 * second;

const node_view* node_named(const snapshot& of, const std::string& name) {
  const auto at = std::ranges::find(of.nodes, name, &node_view::name);
  return at == of.nodes.end() ? nullptr : &*at;
}

std::string any_in_state(const snapshot& of, const std::string& state) {
  const auto at = std::ranges::find(of.nodes, state, &node_view::state);
  return at == of.nodes.end() ? std::string() : at->name;
}

TEST(demo_source, is_empty_and_never_null_at_first) {
  const demo_source mesh;
  ASSERT_NE(mesh.latest(), nullptr);
  EXPECT_TRUE(mesh.latest()->nodes.empty());
  EXPECT_TRUE(mesh.state().connected);
}

TEST(demo_source, shows_a_mesh_of_the_size_that_was_asked_for) {
  demo_source mesh({.nodes = 200, .topics = 30, .groups = 40, .with_story = false});
  mesh.advance_to(start + 3 * second);
  const auto now = mesh.latest();
  EXPECT_EQ(now->nodes.size(), 200U);
  EXPECT_EQ(now->topics.size(), 30U);
  EXPECT_EQ(now->groups.size(), 40U);
  EXPECT_EQ(now->sums.nodes_well, 200U);
  EXPECT_GE(now->links.size(), 199U);
  EXPECT_GT(now->sums.published_per_s, 1000);
  EXPECT_GT(now->sums.delivered_per_s, 1000);
}

TEST(demo_source, is_the_same_for_the_same_seed) {
  demo_source one({.seed = 7});
  demo_source other({.seed = 7});
  one.advance_to(start + 10 * second);
  other.advance_to(start + 10 * second);
  EXPECT_EQ(one.latest()->sums.published_per_s, other.latest()->sums.published_per_s);
  EXPECT_EQ(one.latest()->sums.worst_lag_s, other.latest()->sums.worst_lag_s);
}

TEST(demo_source, has_a_group_that_stalls_and_whose_lag_grows) {
  demo_source mesh;
  mesh.make_past(2 * minute);
  mesh.advance_to(start + 20 * second);
  const auto now = mesh.latest();
  EXPECT_EQ(now->sums.worst_lag_group, "packers");
  EXPECT_GT(now->sums.worst_lag_s, 20);
  EXPECT_EQ(now->sums.worst_lag_goes, trend::growing);
  const auto row = std::ranges::find(now->lag, std::string("packers"), &lag_view::group);
  ASSERT_NE(row, now->lag.end());
  EXPECT_TRUE(row->never_drains);
  EXPECT_GT(now->sums.repeated_per_min, 0);
}

TEST(demo_source, has_a_node_that_falls_silent_dies_and_comes_back) {
  demo_source mesh;
  mesh.advance_to(start + 19 * second);
  EXPECT_EQ(any_in_state(*mesh.latest(), "dead"), "");
  mesh.advance_to(start + 28 * second);
  EXPECT_EQ(any_in_state(*mesh.latest(), "suspect"), "forecasts");
  mesh.advance_to(start + 40 * second);
  EXPECT_EQ(node_named(*mesh.latest(), "forecasts")->state, "dead");
  EXPECT_EQ(node_named(*mesh.latest(), "forecasts")->shown, health::fail);
  mesh.advance_to(start + 185 * second);
  EXPECT_EQ(node_named(*mesh.latest(), "forecasts")->shown, health::ok);
}

TEST(demo_source, has_a_frozen_log_and_a_topic_with_too_few_copies) {
  demo_source mesh;
  mesh.advance_to(start + 5 * second);
  const auto now = mesh.latest();
  EXPECT_EQ(node_named(*now, "ledger")->shown, health::fail);
  EXPECT_NE(node_named(*now, "ledger")->why.find("frozen"), std::string::npos);
  EXPECT_TRUE(std::ranges::any_of(now->topics, [](const auto& topic) { return topic.shown == health::warn; }));
}

TEST(demo_source, rates_vary_smoothly) {
  demo_source mesh({.with_story = false});
  mesh.advance_to(start + 5 * second);
  auto before = mesh.latest()->sums.published_per_s;
  for (time_us at = 6; at < 60; ++at) {
    mesh.advance_to(start + at * second);
    const auto now = mesh.latest()->sums.published_per_s;
    ASSERT_NEAR(now, before, before * 0.15) << at;
    before = now;
  }
}

TEST(demo_source, makes_an_hour_of_the_past_that_can_be_looked_at) {
  demo_source mesh({.nodes = 8, .topics = 8, .groups = 8});
  const auto begun = std::clock(); // of this process: others may be busy
  mesh.make_past(limits::hour);
  const auto took = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  RecordProperty("cpu_seconds", std::to_string(took));
  EXPECT_LT(took, 4) << "2 s are promised, of a program without assertions";
  EXPECT_LE(mesh.oldest(), start - 55 * minute);
  const auto then = mesh.seek(start - 30 * minute);
  ASSERT_NE(then, nullptr);
  EXPECT_EQ(then->at, start - 30 * minute);
  EXPECT_EQ(then->nodes.size(), 8U);
  EXPECT_GT(then->sums.published_per_s, 100);
  EXPECT_GE(mesh.series().points({figure::published_per_s, {}}, start - limits::hour, start, 400).size(), 350U);
}

} // namespace
} // namespace weft::monitor
