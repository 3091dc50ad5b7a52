#include "gui/core/layout.hpp"

#include "gui/core/layout_boxes.hpp"
#include "gui/core/limits.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <gtest/gtest.h>
#include <random>

namespace weft::monitor {
namespace {

/// A mesh of some zones: a chain and more links, most within a zone.
layout_task made(std::size_t count, std::uint64_t seed, std::size_t zones = 6) {
  std::mt19937_64 drawn(seed);
  layout_task task;
  task.seed = seed;
  for (std::size_t at = 0; at < count; ++at) {
    task.boxes.push_back({"node-" + std::to_string(at),
                          "zone-" + std::to_string(at % zones),
                          80 + static_cast<double>(drawn() % 60),
                          36,
                          {}});
    if (at > 0) task.links.push_back({at, drawn() % at});
    if (at >= zones) task.links.push_back({at, at % zones + zones * (drawn() % (at / zones))});
  }
  return task;
}

std::vector<layout_rect> rects_of(const layout_task& task, const std::vector<layout_point>& centres) {
  std::vector<layout_rect> rects;
  for (std::size_t at = 0; at < centres.size(); ++at)
    rects.push_back({centres[at].x, centres[at].y, task.boxes[at].width, task.boxes[at].height});
  return rects;
}

std::vector<layout_rect> zones_of(const layout_task& task, const std::vector<layout_point>& centres) {
  std::map<std::string, std::vector<layout_rect>> members;
  const auto rects = rects_of(task, centres);
  for (std::size_t at = 0; at < rects.size(); ++at)
    members[task.boxes[at].zone].push_back(rects[at]);
  std::vector<layout_rect> zones;
  zones.reserve(members.size());
  for (const auto& [name, own] : members)
    zones.push_back(around(own));
  return zones;
}

double mean_link(const layout_task& task, const std::vector<layout_point>& at) {
  if (task.links.empty()) return 0;
  double sum = 0;
  for (const auto& [a, b] : task.links)
    sum += std::hypot(at[a].x - at[b].x, at[a].y - at[b].y);
  return sum / static_cast<double>(task.links.size());
}

void remember(layout_task& task, const std::vector<layout_point>& centres) {
  for (std::size_t at = 0; at < centres.size(); ++at)
    task.before[task.boxes[at].name] = centres[at];
}

TEST(layout, is_the_same_for_the_same_seed) {
  for (const std::size_t count : {1U, 2U, 12U, 80U})
    EXPECT_EQ(lay_out(made(count, 7)), lay_out(made(count, 7)));
  auto other = made(80, 7);
  other.seed = 8;
  EXPECT_TRUE(lay_out(other).has_value());
}

TEST(layout, no_box_is_over_another_and_zones_are_apart) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  for (int round = 0; round < 15; ++round) {
    const auto task = made(1 + drawn() % 150, drawn(), 1 + drawn() % 8);
    const auto centres = lay_out(task);
    ASSERT_TRUE(centres.has_value());
    ASSERT_EQ(centres->size(), task.boxes.size());
    for (const auto& [x, y] : *centres)
      ASSERT_TRUE(std::isfinite(x) && std::isfinite(y));
    EXPECT_FALSE(any_collide(rects_of(task, *centres), task.gap));
    EXPECT_FALSE(any_collide(zones_of(task, *centres), 2 * task.gap));
  }
}

TEST(layout, linked_boxes_are_nearer_than_others) {
  const auto task = made(60, 3);
  const auto at = lay_out(task).value();
  double sum = 0;
  for (std::size_t a = 0; a < at.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      sum += std::hypot(at[a].x - at[b].x, at[a].y - at[b].y);
  EXPECT_LT(mean_link(task, at), 0.75 * sum / (60 * 59 / 2.0));
}

TEST(layout, when_one_joins_the_others_hardly_move) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  int apart = 0;
  constexpr int rounds = 20;
  for (int round = 0; round < rounds; ++round) {
    const auto count = 2 + drawn() % 100;
    const auto all = made(count + 1, drawn());
    auto task = all;
    task.boxes.pop_back();
    std::erase_if(task.links, [&](const layout_link& link) { return link.a >= count || link.b >= count; });
    const auto before = lay_out(task).value();
    auto next = all;
    for (std::size_t at = 0; at < before.size(); ++at)
      next.before[task.boxes[at].name] = before[at];
    const auto after = lay_out(next).value();
    const double most = 0.2 * mean_link(task, before);
    for (std::size_t at = 0; at < before.size(); ++at)
      ASSERT_LE(std::hypot(after[at].x - before[at].x, after[at].y - before[at].y), most);
    ASSERT_FALSE(any_collide(rects_of(next, after), next.gap));
    apart += any_collide(zones_of(next, after), next.gap) ? 0 : 1;
  }
  EXPECT_GE(apart, rounds * 8 / 10) << "zones that are closed in by others may get into them";
}

TEST(layout, that_has_nothing_new_stays) {
  auto task = made(40, 5);
  const auto before = lay_out(task).value();
  remember(task, before);
  EXPECT_EQ(lay_out(task).value(), before);
  task.boxes.pop_back(); // one leaves
  const auto after = lay_out(task).value();
  EXPECT_TRUE(std::equal(after.begin(), after.end(), before.begin()));
}

TEST(layout, begins_anew_when_most_are_new_or_boxes_have_grown) {
  auto task = made(20, 5);
  const auto before = lay_out(task).value();
  auto more = made(60, 5);
  for (std::size_t at = 0; at < before.size(); ++at)
    more.before[task.boxes[at].name] = before[at];
  EXPECT_FALSE(any_collide(rects_of(more, lay_out(more).value()), more.gap));
  remember(task, before);
  for (auto& box : task.boxes)
    box.height = 300;
  EXPECT_FALSE(any_collide(rects_of(task, lay_out(task).value()), task.gap));
}

TEST(layout, a_box_that_was_put_somewhere_stays_there) {
  auto task = made(30, 9);
  const auto before = lay_out(task).value();
  task.boxes[4].pinned = before[11];
  const auto after = lay_out(task).value();
  EXPECT_EQ(after[4], before[11]);
  EXPECT_FALSE(any_collide(rects_of(task, after), task.gap));
}

TEST(layout, ends_when_it_is_stopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto begun = std::clock();
  EXPECT_FALSE(lay_out(made(1000, 1), stop.get_token()).has_value());
  EXPECT_LT(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 0.1);
}

TEST(layout, of_anything_ends) {
  EXPECT_TRUE(lay_out({}).value().empty());
  layout_task lone;
  lone.boxes.push_back({"a", "", 100, 30, {}});
  lone.links = {{0, 0}, {0, 7}, {9, 9}}; // to itself, and to none
  EXPECT_EQ(lay_out(lone).value().size(), 1U);
  layout_task apart; // no links at all, one zone
  for (int i = 0; i < 20; ++i)
    apart.boxes.push_back({std::to_string(i), "", 100, 30, {}});
  EXPECT_FALSE(any_collide(rects_of(apart, lay_out(apart).value()), apart.gap));
}

TEST(layout, of_as_many_boxes_as_are_shown_is_quick) {
  const auto task = made(limits::layout_boxes_max, 4);
  const auto begun = std::clock();
  ASSERT_TRUE(lay_out(task).has_value());
  const auto took = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  RecordProperty("cpu_seconds", std::to_string(took));
  EXPECT_LT(took, 2);
}

TEST(layout, zones_of_a_large_mesh_are_one_box_each) {
  const auto task = made(200, 1);
  const auto collapsed = collapse_zones(task.boxes, task.links, {"zone-2"}, limits::layout_boxes_max);
  EXPECT_EQ(collapsed.boxes.size(), 5U + 200 / 6);
  EXPECT_EQ(collapsed.boxes[0].name, "zone/zone-0");
  EXPECT_EQ(collapsed.members[0], 34U);
  EXPECT_EQ(collapsed.box_of[0], collapsed.box_of[6]);
  EXPECT_NE(collapsed.box_of[2], collapsed.box_of[8]) << "this zone is open";
  for (const auto& [a, b] : collapsed.links)
    EXPECT_LT(a, b);
  const auto small = collapse_zones(made(150, 1).boxes, {}, {}, limits::layout_boxes_max);
  EXPECT_EQ(small.boxes.size(), 150U);
  EXPECT_EQ(collapse_zones(made(300, 1, 1).boxes, {}, {}, 150).boxes.size(), 300U) << "one zone alone says nothing";
}

} // namespace
} // namespace weft::monitor
