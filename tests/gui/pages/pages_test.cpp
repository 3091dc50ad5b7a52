#include "gui/models/texts.hpp"
#include "gui/pages/groups_page.hpp"
#include "gui/pages/node_page.hpp"
#include "gui/pages/overview_page.hpp"
#include "gui/pages/topics_page.hpp"
#include "gui/pages/topology_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/figure_tile.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/topology_view.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QSignalSpy>
#include <QTest>
#include <QThreadPool>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

/// Waits for layouts and for pictures that are drawn elsewhere.
void settle(TopologyView& view) {
  for (int i = 0; i < 3; ++i) {
    QThreadPool::globalInstance()->waitForDone();
    QCoreApplication::processEvents();
    view.finish();
  }
}

template <class Shown>
class PageTest : public testing::Test {
protected:
  void SetUp() override {
    page.resize(1280, 700);
    page.QWidget::show();
    feed(fakeSnapshot(1));
  }
  void feed(snapshot now) {
    mesh.set(std::move(now));
    page.apply({mesh.latest(), &mesh, true});
  }
  template <class Widget>
  Widget* find(const QString& name) {
    for (auto* widget : page.template findChildren<Widget*>())
      if (widget->accessibleName() == name) return widget;
    return nullptr;
  }
  std::string cell(LightTable* table, int row, int column) {
    return table->model()->index(row, column).data().toString().toStdString();
  }

  FakeMesh mesh;
  Shown page;
};

using overview_page = PageTest<OverviewPage>;

TEST_F(overview_page, six_figures_say_how_the_mesh_is) {
  const auto figure = [&](const char* name) { return find<FigureTile>(QString::fromUtf8(name))->figure(); };
  EXPECT_EQ(figure("Published").value, QStringLiteral("48,213 /s"));
  EXPECT_EQ(figure("Worst lag").value, QStringLiteral("41.2 s"));
  EXPECT_TRUE(figure("Worst lag").note.contains(QStringLiteral("payments")));
  EXPECT_EQ(figure("Worst lag").tone, health::warn);
  EXPECT_EQ(figure("Latency p99").value, QStringLiteral("131 ms"));
  EXPECT_EQ(figure("Nodes").value, QStringLiteral("2 / 3"));
  auto now = fakeSnapshot(2);
  now.sums.published_per_s = 0;
  feed(now);
  EXPECT_EQ(figure("Published").value, QStringLiteral("0 /s"));
}

TEST_F(overview_page, of_a_mesh_that_is_not_heard_nothing_is_said_to_be_well) {
  auto now = fakeSnapshot(2);
  now.sums = {};
  now.sums.nodes = now.sums.nodes_silent = 3;
  feed(now);
  for (const char* name : {"Published", "Delivered", "Worst lag", "Latency p99", "Redelivered"}) {
    const auto figure = find<FigureTile>(QString::fromUtf8(name))->figure();
    EXPECT_EQ(figure.value, QString(texts::dash)) << name;
    EXPECT_EQ(figure.note, QStringLiteral("not heard")) << name;
  }
  EXPECT_EQ(find<FigureTile>(QStringLiteral("Nodes"))->figure().value, QStringLiteral("0 / 3"));
}

TEST_F(overview_page, a_figure_opens_the_page_that_explains_it) {
  QSignalSpy opened(&page, &Page::openPage);
  QTest::keyClick(find<FigureTile>(QStringLiteral("Worst lag")), Qt::Key_Space);
  ASSERT_EQ(opened.count(), 1);
  EXPECT_EQ(opened[0][0].toString(), QStringLiteral("groups"));
  EXPECT_EQ(opened[0][1].toString(), QStringLiteral("payments"));
}

TEST_F(overview_page, the_worst_lag_comes_first) {
  EXPECT_EQ(cell(find<LightTable>(QStringLiteral("Worst lag")), 0, 1), "payments");
}

TEST_F(overview_page, costs_nothing_while_it_is_hidden_and_catches_up) {
  page.hide();
  auto now = fakeSnapshot(2);
  now.sums.published_per_s = 7;
  feed(now);
  auto* tile = find<FigureTile>(QStringLiteral("Published"));
  EXPECT_EQ(tile->figure().value, QStringLiteral("48,213 /s"));
  page.QWidget::show();
  EXPECT_EQ(tile->figure().value, QStringLiteral("7.0 /s"));
}

TEST_F(overview_page, an_empty_mesh_is_shown_without_complaint) {
  feed(snapshot());
  page.grab();
}

using topology_page = PageTest<TopologyPage>;

TEST_F(topology_page, a_chosen_node_is_told_of_beside_the_picture) {
  page.open(QStringLiteral("ledger"));
  auto* facts = page.findChild<FactsView*>();
  EXPECT_EQ(facts->title(), QStringLiteral("ledger"));
  EXPECT_TRUE(facts->facts().contains(Fact{QStringLiteral("cart"), QStringLiteral("900 /s"), {}}));
}

TEST_F(topology_page, reads_as_a_table_too) {
  QTest::keyClick(find<ChipButton>(QStringLiteral("Show the picture as tables")), Qt::Key_Space);
  auto* boxes = find<LightTable>(QStringLiteral("Nodes"));
  ASSERT_TRUE(boxes->isVisible());
  EXPECT_EQ(boxes->model()->rowCount(), 3);
  EXPECT_EQ(cell(boxes, 0, 1), "ledger"); // what is not well comes first
  EXPECT_EQ(cell(boxes, 0, 3), "its disk is full");
  QTest::keyClick(find<ChipButton>(QStringLiteral("Show the table of hops")), Qt::Key_Space);
  EXPECT_EQ(cell(find<LightTable>(QStringLiteral("Hops")), 0, 4), "1 flow");
  QTest::keyClick(find<ChipButton>(QStringLiteral("Show the table of flows")), Qt::Key_Space);
  auto* table = find<LightTable>(QStringLiteral("Flows"));
  ASSERT_TRUE(table->isVisible());
  EXPECT_EQ(cell(table, 0, 0), "orders");
  EXPECT_EQ(cell(table, 0, 5), "900 /s");
}

TEST_F(topology_page, zones_of_a_large_mesh_open_by_enter_and_close_by_backspace) {
  snapshot now;
  now.at = fakeStart, now.sequence = 7, now.mesh = "large";
  for (int i = 0; i < 200; ++i) {
    node_view node;
    node.name = "n" + std::to_string(1000 + i), node.zone = "z" + std::to_string(i % 10), node.shown = health::ok;
    now.nodes.push_back(node);
  }
  feed(now);
  auto* view = page.findChild<TopologyView*>();
  ASSERT_EQ(view->graph().nodes.size(), 10U);
  settle(*view);
  view->select(QStringLiteral("zone/z3"));
  QTest::keyClick(view, Qt::Key_Return);
  EXPECT_EQ(view->graph().nodes.size(), 29U);
  settle(*view);
  view->select(QStringLiteral("n1003"));
  QTest::keyClick(view, Qt::Key_Backspace);
  EXPECT_EQ(view->graph().nodes.size(), 10U);
  EXPECT_EQ(view->selected(), QStringLiteral("zone/z3"));
  page.open(QStringLiteral("n1007")); // who looks for a node finds its zone open
  EXPECT_EQ(view->selected(), QStringLiteral("n1007"));
}

TEST_F(topology_page, chips_find_then_hide_then_let_be) {
  auto* view = page.findChild<TopologyView*>();
  const auto press = [&](const char* name) { QTest::keyClick(find<ChipButton>(QLatin1String(name)), Qt::Key_Space); };
  press("Find lagging nodes; pressed twice: hide them");
  EXPECT_TRUE(view->graph().nodes[0].dim);
  EXPECT_FALSE(view->graph().nodes[1].dim); // ledger
  press("Others are dim; press to hide lagging nodes");
  EXPECT_EQ(view->graph().nodes.size(), 2U);
  press("Show lagging nodes again");
  EXPECT_EQ(view->graph().nodes.size(), 3U);
  EXPECT_FALSE(view->graph().nodes[0].dim);
}

TEST_F(topology_page, focus_is_left_by_escape) {
  auto* view = page.findChild<TopologyView*>();
  settle(*view);
  view->select(QStringLiteral("orders"));
  QTest::keyClick(view, Qt::Key_F);
  EXPECT_EQ(view->graph().nodes.size(), 2U); // orders and cart
  settle(*view);
  QTest::keyClick(view, Qt::Key_2);
  EXPECT_EQ(view->graph().nodes.size(), 3U);
  QTest::keyClick(view, Qt::Key_Escape);
  EXPECT_EQ(view->graph().nodes.size(), 3U);
  EXPECT_NE(find<ChipButton>(QStringLiteral("Show only the chosen node and what is around it (F)")), nullptr);
}

TEST_F(topology_page, the_side_says_what_is_merged_and_what_has_too_few_copies) {
  auto now = fakeSnapshot(2);
  now.hops[1].flows = 3;
  now.hops[1].streams = 1;
  feed(now);
  page.open(QStringLiteral("orders"));
  const auto& facts = page.findChild<FactsView*>()->facts();
  EXPECT_TRUE(facts.contains(Fact{QStringLiteral("   carries"), QStringLiteral("3 flows in 1 stream"), {}}));
  EXPECT_TRUE(facts.contains(Fact{QStringLiteral("retail.orders"), QStringLiteral("1 of 2"), health::warn}));
}

using groups_page = PageTest<GroupsPage>;

TEST_F(groups_page, the_worst_is_chosen_first_and_its_rows_are_shown) {
  EXPECT_EQ(find<LightTable>(QStringLiteral("Groups"))->selectedKey(), QStringLiteral("payments"));
  EXPECT_EQ(cell(find<LightTable>(QStringLiteral("Lag of the chosen group")), 0, 2), "retail.orders");
  page.open(QStringLiteral("audit"));
  EXPECT_EQ(cell(find<LightTable>(QStringLiteral("Lag of the chosen group")), 0, 2), "retail.carts");
}

TEST_F(groups_page, the_choice_outlasts_snapshots_and_sorting) {
  page.open(QStringLiteral("audit"));
  auto now = fakeSnapshot(2);
  group_view first;
  first.name = "aaa", first.worst_seconds = 1000;
  now.groups.insert(now.groups.begin(), first);
  feed(now);
  page.resort();
  EXPECT_EQ(find<LightTable>(QStringLiteral("Groups"))->selectedKey(), QStringLiteral("audit"));
  EXPECT_EQ(cell(find<LightTable>(QStringLiteral("Groups")), 0, 1), "aaa");
}

using topics_page = PageTest<TopicsPage>;

TEST_F(topics_page, readers_of_the_chosen_topic_stand_below) {
  page.open(QStringLiteral("retail.orders"));
  EXPECT_EQ(cell(find<LightTable>(QStringLiteral("Groups that read the topic")), 0, 1), "payments");
}

using node_page = PageTest<NodePage>;

TEST_F(node_page, facts_and_links_are_those_of_the_chosen_node) {
  page.open(QStringLiteral("ledger"));
  EXPECT_EQ(page.findChild<FactsView*>()->title(), QStringLiteral("ledger"));
  EXPECT_EQ(find<LightTable>(QStringLiteral("Links of the chosen node"))->model()->rowCount(), 1);
}

} // namespace
} // namespace weft::monitor
