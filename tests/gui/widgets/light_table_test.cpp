#include "gui/widgets/light_table.hpp"

#include <gtest/gtest.h>

#include <QStandardItemModel>

namespace weft::monitor {
namespace {

struct light_table : testing::Test {
  light_table() {
    table.setModel(&rows);
    table.setWidths({100, -100, 100, 100});
    table.setSpare({3, 2});
    table.header()->setSortIndicator(0, Qt::AscendingOrder);
    table.show();
  }
  QList<int> leftOut(int width) {
    table.resize(width, 200);
    QList<int> columns;
    for (int i = 0; i < rows.columnCount(); ++i)
      if (table.isColumnHidden(i)) columns << i;
    return columns;
  }
  int widthOfColumns() {
    int sum = 0;
    for (int i = 0; i < rows.columnCount(); ++i)
      sum += table.header()->sectionSize(i);
    return sum;
  }
  QStandardItemModel rows{2, 4};
  LightTable table{QStringLiteral("Rows")};
};

TEST_F(light_table, has_all_columns_where_there_is_room) {
  EXPECT_EQ(leftOut(420), QList<int>());
  EXPECT_EQ(widthOfColumns(), table.viewport()->width());
}

TEST_F(light_table, leaves_out_what_matters_least_and_gives_its_room_to_others) {
  EXPECT_EQ(leftOut(350), QList<int>({3}));
  EXPECT_EQ(widthOfColumns(), table.viewport()->width());
  EXPECT_EQ(leftOut(250), QList<int>({2, 3}));
  EXPECT_EQ(leftOut(420), QList<int>());
}

TEST_F(light_table, keeps_the_column_that_it_is_sorted_by) {
  table.header()->setSortIndicator(3, Qt::AscendingOrder);
  EXPECT_EQ(leftOut(350), QList<int>({2}));
}

} // namespace
} // namespace weft::monitor
