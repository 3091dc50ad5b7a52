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

} // namespace
} // namespace weft::monitor
