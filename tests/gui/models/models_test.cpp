#include "gui/models/flows_model.hpp"
#include "gui/models/groups_model.hpp"
#include "gui/models/lag_model.hpp"
#include "gui/models/nodes_model.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/topics_model.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <gmock/gmock.h>

#include <random>

namespace weft::monitor {
namespace {

using testing::ElementsAre;

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::Warning; // a warning fails the test

snapshot withNodes(std::initializer_list<const char*> names) {
  snapshot now;
  for (const char* name : names)
    now.nodes.emplace_back().name = name;
  return now;
}

std::vector<std::string> names(const NodesModel& model) {
  std::vector<std::string> names;
  for (const auto& row : model.rows())
    names.push_back(row.name);
  return names;
}

TEST(rows_model, one_refresh_is_one_pass_of_removals_and_insertions_and_one_change) {
  NodesModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.apply(shared(withNodes({"a", "b", "d"})));
  QSignalSpy gone(&model, &QAbstractItemModel::rowsRemoved), came(&model, &QAbstractItemModel::rowsInserted),
      changed(&model, &QAbstractItemModel::dataChanged), reset(&model, &QAbstractItemModel::modelReset);
  model.apply(shared(withNodes({"a", "c", "d", "e", "f"})));
  EXPECT_THAT(names(model), ElementsAre("a", "c", "d", "e", "f"));
  EXPECT_EQ(gone.count(), 1);
  EXPECT_EQ(came.count(), 2); // c; e and f together
  EXPECT_EQ(changed.count(), 1);
  EXPECT_EQ(reset.count(), 0);
}

TEST(rows_model, rows_of_one_name_count_once_and_any_order_is_taken) {
  NodesModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.apply(shared(withNodes({"a"})));
  model.apply(shared(withNodes({"a", "a", "b"})));
  EXPECT_THAT(names(model), ElementsAre("a", "b"));
  model.apply(shared(withNodes({"c", "b", "c", "a"})));
  EXPECT_THAT(names(model), ElementsAre("a", "b", "c"));
  model.apply(shared(withNodes({"a", "a"})));
  EXPECT_THAT(names(model), ElementsAre("a"));
}

TEST(rows_model, rows_of_the_set_that_is_shown_are_taken_as_they_come) {
  GroupsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  const auto feed = [&](std::uint64_t set, const std::vector<const char*>& names, double seconds) {
    snapshot now;
    for (const auto* name : names) {
      group_view made;
      made.name = name;
      made.worst_seconds = seconds;
      now.groups.push_back(std::move(made));
    }
    now.sets.groups = set;
    model.apply(shared(std::move(now)));
  };
  feed(7, {"a", "b"}, 1);
  const QPersistentModelIndex kept = model.index(1, 1);
  QSignalSpy came(&model, &QAbstractItemModel::rowsInserted), went(&model, &QAbstractItemModel::rowsRemoved);
  feed(7, {"a", "b"}, 2);
  EXPECT_EQ(model.row(1).worst_seconds, 2);
  EXPECT_EQ(came.count() + went.count(), 0);
  feed(8, {"b", "c"}, 3); // of as many, and others
  EXPECT_EQ(kept.row(), 0);
  EXPECT_EQ(kept.data().toString(), QStringLiteral("b"));
  EXPECT_EQ(came.count() + went.count(), 2);
  feed(0, {"a", "b"}, 4); // nobody compared them
  EXPECT_EQ(kept.row(), 1);
  feed(9, {"a", "a", "b"}, 5);
  feed(9, {"a", "a", "b"}, 6); // what counts once does so each time
  EXPECT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.row(0).worst_seconds, 6);
}

TEST(rows_model, any_sequence_of_snapshots_keeps_the_model_whole_and_its_persistent_rows) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  NodesModel model;
  QAbstractItemModelTester tester(&model, fatal);
  snapshot all = withNodes({"a", "b", "c", "d", "e", "f", "g", "h", "keep", "x", "y", "z"});
  model.apply(shared(all));
  const QPersistentModelIndex kept = model.index(8, 1);
  for (int round = 0; round < 60; ++round) {
    snapshot some;
    for (const auto& node : all.nodes)
      if (node.name == "keep" || random() % 2 == 0) some.nodes.push_back(node);
    model.apply(shared(some));
    ASSERT_EQ(kept.data().toString(), QStringLiteral("keep"));
  }
}

TEST(lag_model, says_what_a_lag_is_in_words_and_figures) {
  FakeMesh mesh;
  LagModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.apply(mesh.latest(), &mesh.series());
  ASSERT_EQ(model.rowCount(), 2);
  const auto text = [&](int column) { return model.index(1, column).data().toString().toStdString(); };
  EXPECT_EQ(text(LagModel::At::group), "payments");
  EXPECT_EQ(text(LagModel::At::lag), "38,790");
  EXPECT_EQ(text(LagModel::At::behind), "41.2 s");
  EXPECT_EQ(text(LagModel::At::drains), "never");
  EXPECT_EQ(model.index(1, LagModel::At::behind).data(ToneRole).toInt(), static_cast<int>(health::warn));
  EXPECT_FALSE(model.index(0, LagModel::At::behind).data(ToneRole).isValid());
}

TEST(lag_model, a_sparkline_is_read_once_a_second_and_only_when_it_is_drawn) {
  FakeMesh mesh;
  LagModel model;
  model.apply(mesh.latest(), &mesh.series());
  EXPECT_TRUE(mesh.fakeSeries.asked.empty());
  const auto cell = model.index(1, LagModel::At::lastMinute);
  EXPECT_EQ(cell.data(SeriesRole).value<QList<double>>().size(), 60);
  static_cast<void>(cell.data(SeriesRole));
  model.apply(shared(fakeSnapshot(2)), &mesh.series());
  static_cast<void>(cell.data(SeriesRole));
  ASSERT_EQ(mesh.fakeSeries.asked.size(), 1U);
  EXPECT_EQ(mesh.fakeSeries.asked.front().of, "payments/orders/retail.orders");
  model.apply(shared(fakeSnapshot(12)), &mesh.series());
  static_cast<void>(cell.data(SeriesRole));
  EXPECT_EQ(mesh.fakeSeries.asked.size(), 2U);
}

TEST(lag_model, can_be_of_one_group_alone) {
  FakeMesh mesh;
  LagModel model;
  model.apply(mesh.latest(), nullptr, {"audit", {}});
  ASSERT_EQ(model.rowCount(), 1);
  EXPECT_EQ(model.row(0).group, "audit");
}

TEST(topics_model, logs_come_and_go_below_their_topic) {
  TopicsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  auto now = fakeSnapshot(1);
  model.apply(now);
  ASSERT_EQ(model.rowCount(), 2);
  const auto orders = model.index(1, 0);
  ASSERT_EQ(model.rowCount(orders), 2);
  EXPECT_EQ(model.index(1, TopicsModel::At::copies, orders).data().toString(), QStringLiteral("1 of 2"));
  EXPECT_EQ(model.index(1, 0, orders).data(HealthRole).toInt(), static_cast<int>(health::warn));
  const QPersistentModelIndex log = model.index(1, 1, orders);
  now.topics.erase(now.topics.begin());
  now.topics[0].logs.erase(now.topics[0].logs.begin());
  model.apply(now);
  EXPECT_EQ(model.rowCount(), 1);
  EXPECT_EQ(log.data().toString(), QStringLiteral("orders"));
  EXPECT_EQ(log.parent().row(), 0);
}

TEST(sort_model, finds_a_log_and_shows_it_below_its_topic) {
  TopicsModel model;
  SortModel sorted;
  sorted.setSourceModel(&model);
  auto now = fakeSnapshot(1);
  now.topics[1].logs[0].node = "ZEBRA";
  model.apply(now);
  sorted.setFind(QStringLiteral("zebra"));
  ASSERT_EQ(sorted.rowCount(), 1);
  EXPECT_EQ(sorted.index(0, 1).data().toString(), QStringLiteral("retail.orders"));
  EXPECT_EQ(sorted.rowCount(sorted.index(0, 0)), 1);
}

TEST(nodes_model, of_a_node_that_was_never_heard_figures_are_dashes) {
  NodesModel model;
  auto now = withNodes({"a", "b"});
  now.nodes[1].heard_at = 1;
  now.nodes[1].memory_bytes = 2048;
  model.apply(shared(now));
  const auto shown = [&](int row) {
    QStringList words;
    for (int column = 5; column < model.columnCount(); ++column)
      words << model.index(row, column).data().toString();
    return words;
  };
  for (const auto& text : shown(0))
    EXPECT_EQ(text, QString(texts::dash));
  EXPECT_FALSE(shown(1).contains(QString(texts::dash)));
}

TEST(nodes_model, links_and_services_can_be_those_of_one_node) {
  LinksModel links;
  ServicesModel services;
  FlowsModel flows;
  QAbstractItemModelTester one(&links, fatal), two(&services, fatal), three(&flows, fatal);
  const auto now = shared(fakeSnapshot(1));
  links.apply(now, "orders");
  services.apply(now, "orders");
  flows.apply(now);
  EXPECT_EQ(links.rowCount(), 1);
  EXPECT_EQ(services.rowCount(), 0);
  EXPECT_EQ(flows.index(0, 2).data().toString(), QStringLiteral("over cart"));
}

} // namespace
} // namespace weft::monitor
