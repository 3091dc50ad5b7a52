#include "gui/core/mesh_fold.hpp"
#include "tests/gui/core/frame_maker.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace weft::monitor {
namespace {

constexpr time_us start = 1'800'000'000 * limits::second;

TEST(mesh_fold_bounds, absurd_figures_are_none) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  auto& lag = made.lag("packers", "orders", ~std::uint64_t{0}, std::numeric_limits<double>::quiet_NaN());
  lag.drain_s = -1;
  lag.arrived_per_s = std::numeric_limits<double>::infinity();
  lag.processed_per_s = std::numeric_limits<double>::quiet_NaN();
  made.link("b").round_trip_s = -0.1;
  made.topic("orders", 5);
  fold.take(std::move(made.frame), start);
  const auto now = fold.snapshot_at(start);
  EXPECT_EQ(now.lag.at(0).seconds, 0);
  EXPECT_EQ(now.lag.at(0).drain_s, std::nullopt);
  EXPECT_EQ(now.lag.at(0).processed, 0U) << "more events than the topic has";
  EXPECT_EQ(now.links.at(0).round_trip_s, std::nullopt);
}

TEST(mesh_fold_bounds, counters_that_go_back_have_no_rate) {
  mesh_fold fold;
  const std::uint64_t ends[] = {1000, 2000, 5, 105, 205};
  std::vector<double> rates;
  for (std::uint64_t at = 0; at < 5; ++at) {
    const auto time = start + static_cast<time_us>(at) * limits::second;
    frame_maker made("a", at + 1, time, at == 0);
    made.topic("orders", ends[at]);
    fold.take(std::move(made.frame), time);
    rates.push_back(fold.snapshot_at(time).topics.at(0).published_per_s);
  }
  EXPECT_EQ(rates, (std::vector<double>{0, 1000, 0, 100, 100}));
}

TEST(mesh_fold_bounds, a_clock_that_goes_back_gives_no_rate_and_no_end) {
  mesh_fold fold;
  for (std::uint64_t at = 0; at < 10; ++at) {
    frame_maker made("a", at + 1, start - static_cast<time_us>(at) * limits::hour, at == 0);
    made.topic("orders", at * 10);
    made.lag("packers", "orders", at, 1);
    made.latency("publish", "orders", {});
    fold.take(std::move(made.frame), start + static_cast<time_us>(at) * limits::second);
  }
  EXPECT_EQ(fold.snapshot_at(start + 10 * limits::second).topics.at(0).published_per_s, 0);
}

TEST(mesh_fold_bounds, names_in_any_script_are_kept_and_long_ones_clipped_between_characters) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  made.topic("заказы.注文.commandes.\xF0\x9F\x93\xA6", 1);
  std::string longest(limits::name_bytes_max - 1, 'x');
  made.topic(longest + "é" + "and more", 1);
  made.topic(std::string("\xFF\x00\xC0 no text", 11), 1);
  made.topic("", 1);
  fold.take(std::move(made.frame), start);
  const auto now = fold.snapshot_at(start);
  ASSERT_EQ(now.topics.size(), 4U);
  EXPECT_EQ(now.topics[1].name, longest);
  EXPECT_EQ(now.topics[2].name, "заказы.注文.commandes.\xF0\x9F\x93\xA6");
}

TEST(mesh_fold_bounds, a_hundred_thousand_groups_are_taken) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  for (int i = 0; i < 100'000; ++i) {
    const auto name = "group-" + std::to_string(i);
    made.group(name).members = 1;
    made.lag(name, "orders", 1, 0.5);
  }
  fold.take(std::move(made.frame), start);
  const auto now = fold.snapshot_at(start);
  EXPECT_EQ(now.groups.size(), 100'000U);
  EXPECT_EQ(now.lag.size(), 100'000U);
  EXPECT_EQ(now.rows_refused, 0U);
}

TEST(mesh_fold_bounds, rows_beyond_the_limit_are_refused_and_counted) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  for (std::size_t i = 0; i < limits::speaker_rows_max + 10; ++i)
    made.topic(std::to_string(i), 1);
  fold.take(std::move(made.frame), start);
  EXPECT_EQ(fold.snapshot_at(start).topics.size(), limits::speaker_rows_max);
  EXPECT_EQ(fold.snapshot_at(start).rows_refused, 10U);
}

TEST(mesh_fold_bounds, nodes_beyond_the_limit_are_refused_and_counted) {
  mesh_fold fold;
  for (std::size_t i = 0; i < limits::speakers_max + 3; ++i)
    fold.take(frame_maker(std::to_string(i), 1, start, true).frame, start);
  fold.take(frame_maker("", 1, start, true).frame, start);
  EXPECT_EQ(fold.snapshot_at(start).nodes.size(), limits::speakers_max);
  EXPECT_EQ(fold.snapshot_at(start).frames_refused, 4U);
}

/// Frames with anything in them, in any order: lists stay sorted, figures finite.
TEST(mesh_fold_bounds, any_frames_give_a_picture) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 drawn(seed);
  const auto name = [&] { return std::string(1, static_cast<char>('a' + drawn() % 5)); };
  const auto number = [&]() -> double {
    const double all[] = {0, 1, -1, 1e300, NAN, INFINITY, 1e-300, 12.5};
    return all[drawn() % 8];
  };
  mesh_fold fold;
  time_us now = start;
  for (int round = 0; round < 3000; ++round) {
    now += static_cast<time_us>(drawn() % 3'000'000);
    frame_maker made(name(), drawn() % 50, drawn() % 20 == 0 ? static_cast<time_us>(drawn()) : now, drawn() % 3 == 0);
    made.frame.started_us = static_cast<time_us>(drawn() % 3);
    made.node(name(), std::vector<std::string>{"alive", "suspect", "dead", "left", "?"}[drawn() % 5]);
    made.link(name()).bytes_sent = drawn();
    made.flow(name(), name(), {name(), name()}, drawn());
    made.topic(name(), drawn() % 2 ? drawn() : round);
    made.group(name()).repeated = drawn();
    auto& lag = made.lag(name(), name(), drawn() % 1000, number());
    lag.drain_s = number();
    lag.processed_per_s = number();
    made.service(name(), "running").handled = drawn();
    made.frame.links.push_back(nullptr);
    made.gone(static_cast<telemetry::Kind>(drawn() % 8), name());
    fold.take(std::move(made.frame), now);
    if (round % 10 != 0) continue;
    const auto view = fold.snapshot_at(now);
    ASSERT_TRUE(std::ranges::is_sorted(view.nodes, {}, &node_view::name));
    ASSERT_TRUE(std::ranges::is_sorted(view.topics, {}, &topic_view::name));
    ASSERT_TRUE(
        std::ranges::is_sorted(view.lag, {}, [](const auto& row) { return std::tie(row.group, row.log, row.topic); }));
    ASSERT_TRUE(std::ranges::is_sorted(view.links, {}, [](const auto& row) { return std::tie(row.a, row.b); }));
    for (const auto& row : view.lag)
      ASSERT_TRUE(std::isfinite(row.seconds) && row.seconds >= 0 && std::isfinite(row.drain_s.value_or(0)));
    for (const auto& row : view.links)
      ASSERT_TRUE(row.a < row.b && std::isfinite(row.a_to_b_bytes_per_s) && row.a_to_b_bytes_per_s >= 0);
    ASSERT_TRUE(std::isfinite(view.sums.published_per_s) && std::isfinite(view.sums.worst_lag_s));
  }
}

} // namespace
} // namespace weft::monitor
