#include "gui/core/mesh_fold.hpp"
#include "tests/gui/core/frame_maker.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace weft::monitor {
namespace {

using limits::second;

constexpr time_us start = 1'800'000'000 * second;

/// What a group's lag in one topic is at a second.
struct told {
  std::uint64_t end = 0, events = 0;
  double seconds = 0;
};

/// The row after a node has told of it for some seconds.
template <class Tell>
lag_view after(int seconds, Tell tell) {
  mesh_fold fold;
  for (int at = 0; at <= seconds; ++at) {
    frame_maker made("a", static_cast<std::uint64_t>(at + 1), start + at * second, at == 0);
    const told now = tell(at);
    made.topic("orders", now.end);
    made.lag("packers", "orders", now.events, now.seconds);
    fold.take(std::move(made.frame), start + at * second);
  }
  auto view = fold.snapshot_at(start + seconds * second);
  return view.lag.at(0);
}

std::uint64_t whole(double of) { return static_cast<std::uint64_t>(of); }

TEST(lag, of_a_log_that_is_not_heard_is_unknown_and_not_none) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  made.topic("orders", 100);
  made.group("packers");
  made.lag("packers", "orders", 50, 5);
  fold.take(std::move(made.frame), start);
  EXPECT_EQ(fold.snapshot_at(start + second).sums.groups_unknown, 0U);
  const auto later = fold.snapshot_at(start + 100 * second);
  EXPECT_EQ(later.sums.groups_unknown, 1U);
  EXPECT_EQ(later.sums.worst_lag_group, "") << "what it was is not what it is";
}

TEST(lag, that_grows_never_drains) {
  const auto row = after(40, [](int at) { return told{whole(1000 + 100 * at), whole(60 * at), 0.6 * at}; });
  EXPECT_EQ(row.goes, trend::growing);
  EXPECT_DOUBLE_EQ(row.arrived_per_s.value(), 100);
  EXPECT_DOUBLE_EQ(row.processed_per_s.value(), 40);
  EXPECT_TRUE(row.never_drains);
  EXPECT_FALSE(row.drain_s.has_value());
  EXPECT_EQ(row.end, 5000U);
  EXPECT_EQ(row.processed, 5000U - 2400U);
}

TEST(lag, that_shrinks_says_when_it_is_over) {
  const auto row = after(40, [](int at) {
    return told{whole(20'000 + 100 * at), whole(9000 - 50 * at), 90 - 0.5 * at};
  });
  EXPECT_EQ(row.goes, trend::shrinking);
  EXPECT_DOUBLE_EQ(row.processed_per_s.value(), 150);
  EXPECT_DOUBLE_EQ(row.drain_s.value(), 7000.0 / 50);
  EXPECT_FALSE(row.never_drains);
}

TEST(lag, that_rises_and_falls_with_commits_is_steady) {
  for (int period = 2; period <= 10; ++period) {
    const auto row = after(60, [&](int at) {
      return told{whole(100 * at), whole(100 * (at % period)), 1.0 * (at % period)};
    });
    EXPECT_EQ(row.goes, trend::steady) << "each " << period << " s";
    EXPECT_FALSE(row.never_drains) << "each " << period << " s";
  }
}

TEST(lag, of_a_few_events_is_steady) {
  const auto row = after(40, [](int at) { return told{whole(at), 1, 0.001 * at}; });
  EXPECT_EQ(row.goes, trend::steady);
  EXPECT_EQ(row.shown, health::ok);
}

TEST(lag, the_nodes_own_rates_come_first) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  auto& row = made.lag("packers", "orders", 100, 5);
  row.processed_per_s = 7;
  row.arrived_per_s = 2;
  fold.take(std::move(made.frame), start);
  const auto view = fold.snapshot_at(start).lag.at(0);
  EXPECT_EQ(view.processed_per_s, 7);
  EXPECT_DOUBLE_EQ(view.drain_s.value(), 20);
}

TEST(lag, nothing_to_do_is_drained) {
  const auto row = after(5, [](int at) { return told{whole(100 * at), 0, 0}; });
  EXPECT_EQ(row.drain_s, 0);
  EXPECT_EQ(row.shown, health::ok);
}

TEST(lag, is_unknown_since_its_node_was_last_heard) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  made.lag("packers", "orders", 100, 500);
  made.group("packers").members = 2;
  fold.take(std::move(made.frame), start);
  const auto now = fold.snapshot_at(start + 10 * second);
  EXPECT_EQ(now.lag.at(0).unknown_since, start);
  EXPECT_EQ(now.lag.at(0).shown, health::unknown);
  EXPECT_EQ(now.groups.at(0).shown, health::unknown);
  EXPECT_EQ(now.sums.worst_lag_group, "") << "what is not known is not the worst";
}

TEST(lag, a_group_is_as_well_as_its_worst_row) {
  mesh_fold fold;
  for (const auto* name : {"a", "b"}) {
    frame_maker made(name, 1, start, true);
    made.lag("packers", "orders", 10, *name == 'a' ? 0.5 : 30);
    auto& group = made.group("packers");
    group.members = *name == 'a' ? 2 : 3;
    group.repeated = 4;
    fold.take(std::move(made.frame), start);
  }
  const auto now = fold.snapshot_at(start);
  ASSERT_EQ(now.groups.size(), 1U);
  const auto& group = now.groups[0];
  EXPECT_EQ(group.logs, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(group.members, 3U);
  EXPECT_EQ(group.repeated, 8U);
  EXPECT_EQ(group.lag_events, 20U);
  EXPECT_DOUBLE_EQ(group.worst_seconds, 30);
  EXPECT_EQ(group.shown, health::warn);
  EXPECT_EQ(group.why, "30.0 s behind in orders of b");
  EXPECT_EQ(now.sums.worst_lag_group, "packers");
}

TEST(lag, without_anybody_who_processes_it_warns) {
  mesh_fold fold;
  frame_maker made("a", 1, start, true);
  made.lag("packers", "orders", 10, 1);
  made.group("packers");
  fold.take(std::move(made.frame), start);
  EXPECT_EQ(fold.snapshot_at(start).groups.at(0).why, "nobody processes what waits");
}

/// Whatever rates there are: a lag that is said to be over is over after that time, at these rates.
TEST(lag, drain_is_what_the_rates_make_of_it) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  std::uniform_real_distribution<double> rates(0, 1000);
  for (int round = 0; round < 300; ++round) {
    const double arrived = rates(drawn);
    const double processed = rates(drawn);
    const double first = 50'000 + rates(drawn);
    const auto row = after(35, [&](int at) {
      const auto events = std::max(0.0, first + (arrived - processed) * at);
      return told{whole(1e6 + arrived * at), whole(events), events / (1 + arrived)};
    });
    ASSERT_LE(row.processed, row.end);
    if (row.drain_s && row.events > 0) {
      const double gain = row.processed_per_s.value() - row.arrived_per_s.value();
      ASSERT_NEAR(gain, processed - arrived, 3) << "counters are whole";
      ASSERT_NEAR(*row.drain_s * gain, static_cast<double>(row.events), 1);
    }
    ASSERT_FALSE(arrived > processed + 3 && row.drain_s.has_value());
    ASSERT_FALSE(row.drain_s && row.never_drains);
  }
}

} // namespace
} // namespace weft::monitor
