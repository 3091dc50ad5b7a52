#include "gui/core/alerts.hpp"
#include "gui/core/demo_source.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace weft::monitor {
namespace {

using limits::second;

constexpr time_us start = 1'800'000'000 * second;

/// A mesh of one group, looked at each half second.
struct watch {
  alerts rules;
  time_us now = start;
  std::vector<mark> marks;

  explicit watch(alert_rule rule) : rules({std::move(rule)}) {}
  void see(double seconds_behind, std::uint64_t events = 1000, bool there = true) {
    now += second / 2;
    snapshot of;
    of.at = now;
    if (there) of.groups.resize(1);
    if (there) of.groups[0].name = "packers";
    if (there) of.groups[0].worst_seconds = seconds_behind;
    if (there) of.groups[0].lag_events = events;
    for (auto& made : rules.look(of))
      marks.push_back(std::move(made));
  }
  void see_for(double length, double seconds_behind, std::uint64_t events = 1000) {
    for (double at = 0; at < length; at += 0.5)
      see(seconds_behind, events);
  }
  [[nodiscard]] bool fires() const {
    const auto all = rules.between(now, now + 1);
    return !all.empty() && !all.back().until;
  }
};

alert_rule behind() { return {.name = "behind", .limit = 30, .size_least = 10}; }

TEST(alerts, fire_when_the_condition_has_held) {
  watch group(behind());
  group.see_for(9, 40);
  EXPECT_FALSE(group.fires());
  group.see_for(2, 45);
  ASSERT_TRUE(group.fires());
  ASSERT_EQ(group.marks.size(), 1U);
  EXPECT_EQ(group.marks[0].text, "packers is 45.0 s behind");
  EXPECT_EQ(group.marks[0].page, "groups");
  EXPECT_EQ(group.marks[0].of, "packers");
}

TEST(alerts, one_look_below_the_limit_begins_the_hold_anew) {
  watch group(behind());
  for (int round = 0; round < 20; ++round) {
    group.see_for(9, 40);
    group.see(29);
  }
  EXPECT_TRUE(group.marks.empty());
}

TEST(alerts, end_when_all_is_calm_and_remember_the_worst) {
  watch group(behind());
  group.see_for(20, 40);
  group.see(90);
  group.see_for(59, 5);
  EXPECT_TRUE(group.fires());
  group.see_for(30, 28);
  group.see_for(58, 5);
  EXPECT_TRUE(group.fires()) << "28 s is near the limit";
  group.see_for(4, 5);
  EXPECT_FALSE(group.fires());
  ASSERT_EQ(group.marks.size(), 2U);
  EXPECT_EQ(group.marks[1].shown, health::ok);
  const auto past = group.rules.between(start, group.now);
  ASSERT_EQ(past.size(), 1U);
  EXPECT_EQ(past[0].value, 90);
  EXPECT_TRUE(past[0].until.has_value());
}

TEST(alerts, an_idle_group_does_not_fire) {
  watch group(behind());
  group.see_for(300, 0, 0);
  group.see_for(300, 5000, 3); // old, but only three events
  EXPECT_TRUE(group.marks.empty());
}

TEST(alerts, a_muted_rule_is_watched_and_silent) {
  auto rule = behind();
  rule.muted_until = start + 3600 * second;
  watch group(rule);
  group.see_for(30, 50);
  EXPECT_TRUE(group.marks.empty());
  ASSERT_TRUE(group.fires());
  EXPECT_TRUE(group.rules.between(start, group.now).at(0).muted);
}

TEST(alerts, a_row_that_is_gone_does_not_fire_for_ever) {
  watch group(behind());
  group.see_for(30, 50);
  for (int i = 0; i < 130; ++i)
    group.see(0, 0, false);
  EXPECT_FALSE(group.fires());
}

TEST(alerts, of_what_is_not_heard_neither_begin_nor_end) {
  watch group(behind());
  group.see_for(30, 50);
  for (int i = 0; i < 300; ++i) {
    group.now += second / 2;
    snapshot of;
    of.at = group.now;
    of.groups.resize(1);
    of.groups[0].name = "packers";
    of.lag.resize(1);
    of.lag[0].group = "packers";
    of.lag[0].unknown_since = start;
    EXPECT_TRUE(group.rules.look(of).empty());
  }
  EXPECT_TRUE(group.fires());
  group.see_for(61, 0, 0);
  EXPECT_FALSE(group.fires());
}

TEST(alerts, rules_that_stay_keep_their_state) {
  watch group(behind());
  group.see_for(30, 50);
  auto muted = behind();
  muted.muted_until = start + 3600 * second;
  group.rules.set_rules({muted});
  EXPECT_TRUE(group.fires());
  auto other = behind();
  other.limit = 500;
  group.rules.set_rules({other});
  EXPECT_FALSE(group.fires());
  group.rules.set_rules(std::vector<alert_rule>(limits::alert_rules_max + 1));
  EXPECT_EQ(group.rules.rules().size(), limits::alert_rules_max);
}

TEST(alerts, below_and_only_one_row) {
  alerts rules({{.name = "still",
                 .what = alert_metric::topic_per_s,
                 .condition = alert_condition::below,
                 .limit = 10,
                 .hold = 0,
                 .only = "orders"}});
  snapshot of;
  of.at = start;
  of.topics.resize(2);
  of.topics[0].name = "carts";
  of.topics[1].name = "orders";
  of.topics[1].published_per_s = 3;
  const auto marks = rules.look(of);
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].text, "orders is published at 3.0 /s");
}

/// Lag of a group that commits now and then: it rises evenly and falls at each commit. With any height and any period
/// up to the calm there is at most one alert, and none where it falls below the limit within the hold.
TEST(alerts, do_not_flap_on_a_sawtooth) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  std::uniform_real_distribution<double> part(0, 1);
  for (int round = 0; round < 200; ++round) {
    const double period = 1 + part(drawn) * 57;
    const double low = part(drawn) * 60;
    const double high = low + part(drawn) * 120;
    watch group(behind());
    for (double at = 0; at < 900; at += 0.5) {
      const double noise = part(drawn) * 0.5;
      group.see(low + (high - low) * std::fmod(at, period) / period + noise);
    }
    ASSERT_LE(group.marks.size(), 1U) << period << " s, from " << low << " to " << high;
    const bool is_seen_low = low < 29 && (29 - low) / (high - low) * period > 1; // by a look each half second
    if (is_seen_low && period < 10) {
      ASSERT_TRUE(group.marks.empty()) << period << " s, from " << low << " to " << high;
    }
    if (low > 31) {
      ASSERT_EQ(group.marks.size(), 1U);
    }
  }
}

TEST(alerts, the_made_up_mesh_has_some_on_its_time_bar) {
  demo_source mesh;
  mesh.make_past(20 * limits::minute);
  mesh.advance_to(start + 60 * second);
  const auto marks = mesh.marks(mesh.oldest(), mesh.now() + 1);
  const auto about = [&](const std::string& of) {
    return std::ranges::count_if(marks, [&](const mark& made) { return made.of == of; });
  };
  EXPECT_TRUE(std::ranges::is_sorted(marks, {}, &mark::at));
  EXPECT_GE(about("packers"), 4) << "behind and well again, twice";
  EXPECT_LE(about("packers"), 8);
  EXPECT_GE(about("forecasts"), 4);
  EXPECT_GE(about("retail.payments"), 1);
  const auto now = mesh.alerts_between(mesh.now(), mesh.now() + 1);
  EXPECT_TRUE(std::ranges::any_of(now, [](const alert& of) { return of.of == "packers" && !of.until; }));
  EXPECT_EQ(mesh.alert_rules(), usual_alert_rules());
}

} // namespace
} // namespace weft::monitor
