#include "gui/widgets/topology_geometry.hpp"

#include <QLineF>
#include <gmock/gmock.h>

#include <random>

namespace weft::monitor {
namespace {

class topology_geometry : public testing::Test {
protected:
  std::vector<QPointF> somewhere(std::size_t count) {
    std::vector<QPointF> places(count);
    for (auto& place : places)
      place = {std::uniform_real_distribution<>(0, 1)(random), std::uniform_real_distribution<>(0, 1)(random)};
    return places;
  }
  static bool overlap(const std::vector<QRectF>& boxes) {
    for (std::size_t i = 0; i < boxes.size(); ++i)
      for (std::size_t j = i + 1; j < boxes.size(); ++j)
        if (boxes[i].intersects(boxes[j])) return true;
    return false;
  }

  const unsigned seed = std::random_device{}();
  std::mt19937 random{seed};
  testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
};

TEST_F(topology_geometry, boxes_never_overlap_however_crowded_it_is) {
  const QRectF area(0, 0, 900, 500);
  for (const std::size_t count : {1U, 2U, 12U, 40U, 120U}) {
    const auto boxes = placeBoxes(somewhere(count), std::vector<QSizeF>(count, {110, 40}), area, {12, 10}).boxes;
    EXPECT_FALSE(overlap(boxes)) << count;
  }
  EXPECT_FALSE(overlap(placeBoxes({{0, 0}, {0, 0}, {0, 0}}, std::vector<QSizeF>(3, {110, 40}), area, {12, 10}).boxes));
}

TEST_F(topology_geometry, few_boxes_stay_inside_the_area) {
  const QRectF area(10, 20, 900, 500);
  const auto boxes = placeBoxes(somewhere(12), std::vector<QSizeF>(12, {110, 40}), area, {12, 10}).boxes;
  for (const auto& box : boxes)
    EXPECT_TRUE(area.contains(box));
}

TEST_F(topology_geometry, edges_stop_at_the_borders_of_their_boxes) {
  const auto boxes = placeBoxes(somewhere(12), std::vector<QSizeF>(12, {110, 40}), {0, 0, 900, 500}, {26, 22}).boxes;
  std::vector<EdgeEnds> edges;
  for (std::size_t i = 0; i < 12; ++i)
    for (std::size_t j = 0; j < 12; ++j)
      if (i != j) edges.push_back({i, j, true});
  const auto lines = routeEdges(boxes, edges, {0, 0, 900, 500});
  for (std::size_t i = 0; i < edges.size(); ++i) {
    ASSERT_FALSE(lines[i].empty());
    for (const auto& point : lines[i]) {
      EXPECT_FALSE(boxes[edges[i].from].contains(point));
      EXPECT_FALSE(boxes[edges[i].to].contains(point));
    }
    EXPECT_TRUE(boxes[edges[i].to].adjusted(-3, -3, 3, 3).contains(lines[i].back()));
    EXPECT_TRUE(boxes[edges[i].from].adjusted(-3, -3, 3, 3).contains(lines[i].front()));
  }
}

TEST_F(topology_geometry, an_edge_bends_around_a_box_in_its_way) {
  const std::vector<QRectF> boxes{{0, 200, 100, 40}, {300, 200, 100, 40}, {600, 200, 100, 40}};
  const auto lines = routeEdges(boxes, {{0, 2, false}}, {0, 0, 700, 400});
  for (const auto& point : lines.front())
    EXPECT_FALSE(boxes[1].contains(point));
}

TEST_F(topology_geometry, an_edge_does_not_leave_the_picture_to_go_around_a_box) {
  const QRectF area(0, 190, 700, 400);
  const std::vector<QRectF> boxes{{0, 200, 100, 40}, {300, 200, 100, 40}, {600, 200, 100, 40}};
  const auto lines = routeEdges(boxes, {{0, 2, false}, {2, 0, false}}, area);
  for (const auto& line : lines)
    for (const auto& point : line)
      EXPECT_TRUE(area.contains(point));
}

TEST_F(topology_geometry, labels_touch_neither_boxes_nor_one_another) {
  const QRectF area(0, 0, 900, 500);
  const auto boxes = placeBoxes(somewhere(14), std::vector<QSizeF>(14, {110, 40}), area, {26, 22}).boxes;
  std::vector<EdgeEnds> edges;
  std::vector<LabelWish> wishes;
  for (std::size_t i = 1; i < 14; ++i)
    edges.push_back({i - 1, i, false}), wishes.push_back({i - 1, {60, 16}});
  const QRectF legend(0, 470, 900, 30);
  const auto labels = placeLabels(wishes, routeEdges(boxes, edges, {0, 0, 900, 500}), boxes, {legend}, area);
  std::vector<QRectF> all = boxes;
  for (const auto& label : labels)
    if (label) {
      EXPECT_FALSE(label->intersects(legend));
      for (const auto& other : all)
        EXPECT_FALSE(label->intersects(other));
      all.push_back(*label);
    }
}

TEST_F(topology_geometry, edges_of_opposite_ways_stay_apart_at_their_ends_too) {
  const std::vector<QRectF> boxes{{0, 200, 100, 40}, {500, 200, 100, 40}};
  const auto lines = routeEdges(boxes, {{0, 1, true}, {1, 0, true}}, {0, 0, 700, 400});
  for (const double part : {0.0, 0.25, 0.5, 0.75, 1.0})
    EXPECT_GT(QLineF(along(lines[0], part), along(lines[1], 1 - part)).length(), 8) << part;
}

TEST_F(topology_geometry, a_label_lies_on_no_other_edge_where_it_need_not) {
  const std::vector<QRectF> boxes{{0, 200, 100, 40}, {600, 200, 100, 40}, {300, 0, 100, 40}, {300, 380, 100, 40}};
  const auto lines = routeEdges(boxes, {{0, 1, false}, {2, 3, false}}, {0, 0, 700, 420}); // a cross
  const auto labels = placeLabels({{0, {60, 16}}}, lines, boxes, {}, {0, 0, 700, 420});
  ASSERT_TRUE(labels[0]);
  for (double part = 0; part <= 1; part += 0.01)
    EXPECT_FALSE(labels[0]->contains(along(lines[1], part)));
}

TEST_F(topology_geometry, pinned_boxes_are_where_they_were_put_and_others_give_way) {
  const QRectF area(0, 0, 900, 500);
  const auto placed = placeBoxes({{0, 0}, {1, 1}, {0.5, 0.5}, {0.5, 0.5}}, std::vector<QSizeF>(4, {110, 40}), area,
                                 {12, 10}, {false, false, true, false});
  EXPECT_FALSE(overlap(placed.boxes));
  EXPECT_NEAR(placed.boxes[2].center().x(), placed.fromPlaces.map(QPointF(0.5, 0.5)).x(), 0.01);
  EXPECT_NEAR(placed.boxes[2].center().y(), placed.fromPlaces.map(QPointF(0.5, 0.5)).y(), 0.01);
}

} // namespace
} // namespace weft::monitor
