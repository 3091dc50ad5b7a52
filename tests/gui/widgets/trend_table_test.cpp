#include "gui/widgets/trend_table.hpp"

#include "gui/models/preferences.hpp"
#include "gui/models/roles.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QAbstractItemModelTester>
#include <QTest>
#include <gmock/gmock.h>

#include <random>

namespace weft::monitor {
namespace {

constexpr time_us second = 1'000'000, begin = 1'800'000'000 * second;

/// One sample a second of [first, last], each with its second as its value.
TrendLine line(const char* name, int first, int last) {
  TrendLine made{QString::fromUtf8(name), {}};
  for (int at = first; at <= last; ++at)
    made.points.push_back({begin + at * second, double(at), double(at), double(at), 1});
  return made;
}

QString cell(const QAbstractItemModel& model, int row, int column) {
  return model.index(row, column).data().toString();
}

TEST(trend_table, has_a_row_for_each_moment_the_newest_first_and_a_column_for_each_series) {
  TrendTableModel table;
  const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
  table.setLines({line("orders", 0, 3), line("payments", 2, 3)});
  ASSERT_EQ(table.rowCount(), 4);
  ASSERT_EQ(table.columnCount(), 3);
  EXPECT_EQ(table.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Time"));
  EXPECT_EQ(table.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("payments"));
  EXPECT_EQ(cell(table, 0, 0), QStringLiteral("08:00:03"));
  EXPECT_EQ(cell(table, 0, 2), QStringLiteral("3"));
  EXPECT_EQ(cell(table, 3, 1), QStringLiteral("0"));
  EXPECT_EQ(cell(table, 3, 2), QStringLiteral("\u2013")) << "payments had no sample then";
  EXPECT_EQ(table.index(0, 1).data(SortRole).toDouble(), 3);
}

TEST(trend_table, a_row_that_stays_is_selected_still_when_time_goes_on) {
  TrendTableModel table;
  const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
  table.setLines({line("orders", 0, 9)});
  const QPersistentModelIndex chosen = table.index(2, 1); // of second 7
  table.setLines({line("orders", 3, 12)});
  EXPECT_EQ(table.rowCount(), 10);
  EXPECT_EQ(chosen.row(), 5);
  EXPECT_EQ(chosen.data(SortRole).toDouble(), 7);
  table.setLines({line("orders", 8, 12)});
  EXPECT_FALSE(chosen.isValid());
  table.setLines({line("payments", 8, 12)});
  EXPECT_EQ(table.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("payments"));
  table.setLines({});
  EXPECT_EQ(table.rowCount(), 0);
}

TEST(trend_table, whatever_moments_come_and_go_it_has_those_of_the_series) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  TrendTableModel table;
  const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::Fatal);
  for (int round = 0; round < 200; ++round) {
    TrendLine some{QStringLiteral("orders"), {}};
    for (int at = 0; at < 30; ++at)
      if (random() % 2 == 0) some.points.push_back({begin + at * second, 0, 0, double(at), 1});
    table.setLines({some});
    ASSERT_EQ(table.rowCount(), int(some.points.size()));
    for (int row = 0; row < table.rowCount(); ++row)
      ASSERT_EQ(table.index(row, 0).data(SortRole).toLongLong(),
                some.points[some.points.size() - 1 - std::size_t(row)].at);
  }
}

TEST(trend_table, takes_the_place_of_each_chart_when_somebody_chooses_it) {
  TrendChart chart(QStringLiteral("Published"));
  chart.resize(400, 200);
  chart.setFormat([](double value) { return QString::number(value) + QStringLiteral(" /s"); });
  chart.setLines({line("orders", 0, 3)}, begin, begin + 4 * second, true);
  chart.show();
  auto* table = chart.findChild<LightTable*>();
  ASSERT_NE(table, nullptr);
  EXPECT_FALSE(table->isVisible());
  Preferences::instance().setChartsAsTables(true);
  EXPECT_TRUE(table->isVisible());
  EXPECT_EQ(table->accessibleName(), QStringLiteral("Published over time"));
  ASSERT_EQ(table->model()->rowCount(), 4);
  chart.setLines({line("orders", 0, 4)}, begin, begin + 5 * second, true);
  EXPECT_EQ(cell(*table->model(), 0, 1), QStringLiteral("4 /s"));
  Preferences::instance().setChartsAsTables(false);
  EXPECT_FALSE(table->isVisible());
}

} // namespace
} // namespace weft::monitor
