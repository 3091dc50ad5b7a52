#include "gui/widgets/topology_view.hpp"

#include "gui/widgets/theme.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QAccessible>
#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

class topology_view : public testing::Test {
protected:
  void SetUp() override {
    view.resize(800, 500);
    set(fakeSnapshot(1));
    view.show();
    view.setFocus();
  }
  void TearDown() override { Theme::instance().setMotionAllowed(true); }
  void set(const snapshot& now) { view.setGraph(graphOf(now), {{0, 0}, {1, 0}, {0.5, 1}}); }
  void draw() {
    view.grab();
    view.finish();
  }
  void press(Qt::Key key) { QTest::keyClick(&view, key); }

  TopologyView view;
};

TEST_F(topology_view, flows_are_edges_hop_by_hop_and_links_without_one_are_too) {
  const auto graph = graphOf(fakeSnapshot(1));
  ASSERT_EQ(graph.edges.size(), 2U); // cart > ledger, orders > cart: no link is without a flow
  EXPECT_EQ(graph.edges[0].events_per_s, 900);
  EXPECT_EQ(graph.edges[0].shown, health::warn); // where the flow ends, the lag of its group shows
  EXPECT_EQ(graph.edges[0].behind_s, 41.2);
  EXPECT_EQ(graph.edges[1].shown, health::ok);
}

TEST_F(topology_view, a_click_selects_and_one_on_the_ground_lets_go) {
  QSignalSpy selected(&view, &TopologyView::nodeSelected);
  QTest::mouseClick(&view, Qt::LeftButton, {}, view.nodeBox(1).center().toPoint());
  EXPECT_EQ(view.selected(), QStringLiteral("ledger"));
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(5, 5));
  EXPECT_EQ(view.selected(), QString());
  EXPECT_EQ(selected.count(), 2);
}

TEST_F(topology_view, arrows_walk_enter_opens_and_escape_lets_go) {
  QSignalSpy opened(&view, &TopologyView::nodeOpened);
  press(Qt::Key_Right);
  EXPECT_EQ(view.selected(), QStringLiteral("cart"));
  press(Qt::Key_Right);
  EXPECT_EQ(view.selected(), QStringLiteral("ledger"));
  press(Qt::Key_Down);
  EXPECT_EQ(view.selected(), QStringLiteral("orders"));
  press(Qt::Key_Return);
  ASSERT_EQ(opened.count(), 1);
  EXPECT_EQ(opened[0][0].toString(), QStringLiteral("orders"));
  press(Qt::Key_Escape);
  EXPECT_EQ(view.selected(), QString());
}

TEST_F(topology_view, a_node_that_is_gone_is_selected_no_longer) {
  view.select(QStringLiteral("orders"));
  QSignalSpy selected(&view, &TopologyView::nodeSelected);
  auto now = fakeSnapshot(2);
  now.nodes.pop_back();
  view.setGraph(graphOf(now), {{0, 0}, {1, 0}});
  EXPECT_EQ(view.selected(), QString());
  EXPECT_EQ(selected.count(), 1);
}

TEST_F(topology_view, dots_move_only_while_it_is_shown_and_motion_is_allowed) {
  EXPECT_GT(view.dots(), 0U);
  EXPECT_TRUE(view.isMoving());
  Theme::instance().setMotionAllowed(false);
  EXPECT_FALSE(view.isMoving());
  Theme::instance().setMotionAllowed(true);
  EXPECT_TRUE(view.isMoving());
  view.hide();
  EXPECT_FALSE(view.isMoving());
}

TEST_F(topology_view, frames_draw_dots_and_leave_the_still_layers_alone) {
  view.grab();
  const int before = view.rebuilds();
  for (int frame = 0; frame < 5; ++frame)
    view.grab();
  EXPECT_EQ(view.rebuilds(), before);
}

TEST_F(topology_view, snapshots_in_which_nothing_changes_draw_nothing) {
  view.grab();
  const int before = view.rebuilds();
  for (std::uint64_t tick = 2; tick < 60; ++tick) {
    set(fakeSnapshot(tick));
    draw();
  }
  EXPECT_EQ(view.rebuilds(), before);
}

TEST_F(topology_view, rates_are_drawn_once_a_second_and_states_at_once) {
  draw();
  const int before = view.rebuilds();
  for (std::uint64_t tick = 0; tick < 30; ++tick) {
    auto now = fakeSnapshot(100 + tick); // three seconds
    now.hops[0].events_per_s = 1000 + 100 * double(tick);
    set(now);
    draw();
  }
  EXPECT_GE(view.rebuilds() - before, 3);
  EXPECT_LE(view.rebuilds() - before, 4);
  auto now = fakeSnapshot(130);
  now.hops[0].events_per_s = 1000 + 100 * 29;
  now.nodes[0].shown = health::fail;
  const int then = view.rebuilds();
  set(now);
  draw();
  EXPECT_EQ(view.rebuilds(), then + 1);
}

TEST_F(topology_view, a_large_mesh_is_drawn_elsewhere_while_the_old_picture_stays) {
  snapshot now;
  std::vector<QPointF> places;
  for (int i = 0; i < 300; ++i) {
    node_view node;
    node.name = "n" + std::to_string(1000 + i), node.shown = health::ok;
    now.nodes.push_back(node);
    places.emplace_back(i % 20 * 140, i / 20 * 50);
  }
  view.setGraph(graphOf(now), places);
  EXPECT_EQ(view.scene().graph.nodes.size(), 3U);
  view.grab(); // of the old one
  view.finish();
  EXPECT_EQ(view.scene().graph.nodes.size(), 300U);
  const auto before = view.rebuilds();
  view.select(QStringLiteral("n1007"));
  view.zoomBy(1.5, {100, 100});
  view.grab();
  view.finish();
  EXPECT_EQ(view.rebuilds(), before + 1); // both at once
}

TEST_F(topology_view, a_node_is_put_elsewhere_by_dragging_and_by_keys) {
  QSignalSpy moved(&view, &TopologyView::nodeMoved);
  const QPoint from = view.nodeBox(1).center().toPoint();
  QTest::mousePress(&view, Qt::LeftButton, {}, from);
  QTest::mouseMove(&view, from + QPoint(-30, 20));
  QTest::mouseMove(&view, from + QPoint(-60, 40));
  view.grab();
  QTest::mouseRelease(&view, Qt::LeftButton, {}, from + QPoint(-60, 40));
  ASSERT_EQ(moved.count(), 1);
  EXPECT_EQ(moved[0][0].toString(), QStringLiteral("ledger"));
  const QPointF inScene = view.scene().fromPlaces.map(moved[0][1].toPointF());
  EXPECT_NEAR(inScene.x(), view.scene().boxes[1].center().x() - 60, 1);
  QTest::keyClick(&view, Qt::Key_Left, Qt::ControlModifier);
  ASSERT_EQ(moved.count(), 2);
  auto graph = graphOf(fakeSnapshot(1));
  graph.nodes[1].pinned = true;
  view.setGraph(graph, {{0, 0}, moved[0][1].toPointF(), {0.5, 1}});
  EXPECT_NEAR(view.scene().fromPlaces.map(moved[0][1].toPointF()).x(), view.scene().boxes[1].center().x(), 1);
}

TEST_F(topology_view, f_and_digits_ask_for_surroundings_and_escape_for_all) {
  QSignalSpy wished(&view, &TopologyView::focusWished);
  press(Qt::Key_3); // nothing is in focus
  EXPECT_EQ(wished.count(), 0);
  view.select(QStringLiteral("cart"));
  press(Qt::Key_F);
  EXPECT_EQ(wished.takeLast(), (QVariantList{QStringLiteral("cart"), 1}));
  view.setFocused(true);
  press(Qt::Key_3);
  EXPECT_EQ(wished.takeLast(), (QVariantList{QString(), 3}));
  press(Qt::Key_Escape);
  EXPECT_EQ(wished.takeLast(), (QVariantList{QString(), 0}));
  EXPECT_EQ(view.selected(), QStringLiteral("cart"));
}

TEST_F(topology_view, a_small_picture_of_all_is_there_when_not_all_is_seen) {
  EXPECT_TRUE(view.mapBox().isEmpty());
  view.zoomBy(3, {0, 0});
  const QRectF map = view.mapBox();
  ASSERT_FALSE(map.isEmpty());
  const QPointF before(view.toView().dx(), view.toView().dy());
  QTest::mouseClick(&view, Qt::LeftButton, {}, map.bottomRight().toPoint() - QPoint(6, 6));
  EXPECT_LT(view.toView().dx(), before.x());
  EXPECT_LT(view.toView().dy(), before.y());
}

TEST_F(topology_view, the_wheel_zooms_and_0_shows_all_again) {
  const double fit = view.zoom();
  press(Qt::Key_Plus);
  EXPECT_GT(view.zoom(), fit);
  press(Qt::Key_0);
  EXPECT_EQ(view.zoom(), fit);
}

TEST_F(topology_view, nodes_are_children_for_assistive_tools) {
  auto* tool = QAccessible::queryAccessibleInterface(&view);
  ASSERT_NE(tool, nullptr);
  ASSERT_EQ(tool->childCount(), 3);
  EXPECT_EQ(tool->child(1)->text(QAccessible::Name), QStringLiteral("ledger"));
  EXPECT_TRUE(tool->child(1)->text(QAccessible::Description).contains(QStringLiteral("its disk is full")));
  EXPECT_EQ(tool->indexOfChild(tool->child(2)), 2);
  view.select(QStringLiteral("ledger"));
  EXPECT_TRUE(tool->child(1)->state().selected);
}

TEST_F(topology_view, assistive_tools_are_told_what_signs_say) {
  auto graph = graphOf(fakeSnapshot(1));
  graph.parts = 2;
  graph.nodes[0].part = 2;
  graph.nodes[0].pinned = true;
  graph.nodes[0].shortTopics = 3;
  view.setGraph(graph, {{0, 0}, {1, 0}, {0.5, 1}});
  view.finish();
  view.grab();
  view.finish();
  const auto said = QAccessible::queryAccessibleInterface(&view)->child(0)->text(QAccessible::Description);
  for (const char* part : {"part 2 of 2", "pinned", "3 topics with too few copies"})
    EXPECT_TRUE(said.contains(QLatin1String(part))) << said.toStdString();
}

} // namespace
} // namespace weft::monitor
