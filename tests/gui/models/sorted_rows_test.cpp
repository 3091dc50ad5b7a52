#include "gui/models/sorted_rows.hpp"

#include "gui/models/groups_model.hpp"
#include "gui/models/nodes_model.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <gmock/gmock.h>

#include <random>

namespace weft::monitor {
namespace {

using testing::ElementsAre;

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::Warning; // a warning fails the test
constexpr int nameColumn = 1, behindColumn = 8;

group_view group(std::string name, double seconds) {
  group_view made;
  made.name = std::move(name);
  made.worst_seconds = seconds;
  made.lag_rows = 1;
  made.shown = seconds > 10 ? health::warn : health::ok;
  return made;
}

class sorted_rows : public testing::Test {
protected:
  void SetUp() override { sorted.setSourceModel(&model); }
  void feed(std::vector<group_view> groups) {
    snapshot now;
    now.groups = std::move(groups);
    model.apply(shared(std::move(now)));
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (int row = 0; row < sorted.rowCount(); ++row)
      found.push_back(sorted.index(row, nameColumn).data().toString().toStdString());
    return found;
  }

  GroupsModel model;
  SortedRows sorted;
};

TEST_F(sorted_rows, order_is_kept_until_it_is_asked_for) {
  QAbstractItemModelTester tester(&sorted, fatal);
  feed({group("a", 1), group("b", 2)});
  sorted.sort(behindColumn, Qt::DescendingOrder);
  EXPECT_THAT(names(), ElementsAre("b", "a"));
  feed({group("a", 3), group("b", 2)});
  EXPECT_THAT(names(), ElementsAre("b", "a"));
  sorted.resort();
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(sorted_rows, equal_rows_are_ordered_by_their_keys_whichever_way_it_is_sorted) {
  feed({group("a", 1), group("b", 1), group("c", 1)});
  sorted.sort(behindColumn, Qt::DescendingOrder);
  EXPECT_THAT(names(), ElementsAre("a", "b", "c"));
  sorted.sort(behindColumn, Qt::AscendingOrder);
  EXPECT_THAT(names(), ElementsAre("a", "b", "c"));
  sorted.sort(nameColumn, Qt::DescendingOrder);
  EXPECT_THAT(names(), ElementsAre("c", "b", "a"));
}

TEST_F(sorted_rows, an_order_that_has_not_changed_moves_nothing) {
  feed({group("a", 1), group("b", 2)});
  sorted.sort(behindColumn, Qt::DescendingOrder);
  QSignalSpy moved(&sorted, &QAbstractItemModel::layoutChanged);
  sorted.resort();
  EXPECT_EQ(moved.count(), 0);
}

TEST_F(sorted_rows, leaves_out_what_does_not_match_or_is_well) {
  feed({group("apple", 1), group("pear", 20), group("plum", 30)});
  sorted.setFind(QStringLiteral("  PL "));
  EXPECT_THAT(names(), ElementsAre("apple", "plum"));
  sorted.setOnlyUnwell(true);
  EXPECT_THAT(names(), ElementsAre("plum"));
  sorted.setFind({});
  EXPECT_THAT(names(), ElementsAre("pear", "plum"));
  feed({group("apple", 1), group("fig", 2), group("pear", 20), group("quince", 40)});
  EXPECT_THAT(names(), ElementsAre("pear", "quince")); // what is new is asked at once
}

TEST_F(sorted_rows, any_sequence_of_rows_keeps_it_whole_and_its_persistent_rows) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  QAbstractItemModelTester tester(&sorted, fatal), below(&model, fatal);
  sorted.sort(behindColumn, Qt::DescendingOrder);
  feed({group("0250", 5)});
  const QPersistentModelIndex kept = sorted.index(0, nameColumn);
  for (int round = 0; round < 40; ++round) {
    const unsigned parts = round % 4 == 3 ? 2 : 40; // every other one: more came and went than are told one by one
    std::vector<group_view> some;
    for (int i = 0; i < 500; ++i)
      if (i == 250 || random() % parts == 0)
        some.push_back(group(QStringLiteral("%1").arg(i, 4, 10, QLatin1Char('0')).toStdString(), double(random() % 9)));
    feed(std::move(some));
    if (random() % 3 == 0) sorted.resort();
    if (random() % 5 == 0) sorted.setFind(random() % 2 == 0 ? QStringLiteral("2") : QString());
    ASSERT_EQ(kept.data().toString(), QStringLiteral("0250"));
    ASSERT_EQ(sorted.rowCount(), sorted.find().isEmpty() ? model.rowCount() : sorted.rowCount());
  }
}

TEST_F(sorted_rows, very_many_are_sorted_elsewhere_and_come_in_order) {
  std::vector<group_view> many;
  many.reserve(100'000);
  for (int i = 0; i < 100'000; ++i)
    many.push_back(group(QStringLiteral("group-%1").arg(i, 6, 10, QLatin1Char('0')).toStdString(), i % 1000));
  feed(std::move(many));
  QSignalSpy arranged(&sorted, &SortedRows::arranged);
  sorted.sort(behindColumn, Qt::DescendingOrder);
  EXPECT_TRUE(sorted.isArranging());
  EXPECT_EQ(sorted.index(0, nameColumn).data().toString(), QStringLiteral("group-000000")); // as it was
  ASSERT_TRUE(arranged.wait(20'000));
  EXPECT_FALSE(sorted.isArranging());
  EXPECT_EQ(sorted.index(0, nameColumn).data().toString(), QStringLiteral("group-000999"));
  sorted.sort(behindColumn, Qt::AscendingOrder);
  sorted.sort(nameColumn, Qt::DescendingOrder); // the last wish counts
  while (sorted.isArranging())
    ASSERT_TRUE(arranged.wait(20'000));
  EXPECT_EQ(sorted.index(0, nameColumn).data().toString(), QStringLiteral("group-099999"));
}

TEST_F(sorted_rows, thousands_are_sorted_elsewhere_but_for_those_that_nobody_has_seen) {
  std::vector<group_view> many;
  for (int i = 0; i < 5000; ++i)
    many.push_back(group(QStringLiteral("%1").arg(i, 6, 10, QLatin1Char('0')).toStdString(), i));
  feed(many);
  QSignalSpy arranged(&sorted, &SortedRows::arranged);
  sorted.sort(behindColumn, Qt::DescendingOrder);
  EXPECT_TRUE(sorted.isArranging());
  sorted.resortFirst();
  EXPECT_EQ(sorted.index(0, nameColumn).data().toString(), QStringLiteral("004999"));
  while (sorted.isArranging())
    ASSERT_TRUE(arranged.wait(20'000));
  EXPECT_EQ(sorted.index(0, nameColumn).data().toString(), QStringLiteral("004999"));
}

TEST_F(sorted_rows, another_order_is_a_layout_only_for_who_holds_a_row) {
  feed({group("a", 1), group("b", 2)});
  sorted.sort(behindColumn, Qt::DescendingOrder);
  QSignalSpy laid(&sorted, &QAbstractItemModel::layoutChanged), changed(&sorted, &QAbstractItemModel::dataChanged);
  sorted.sort(behindColumn, Qt::AscendingOrder);
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_EQ(laid.count(), 0);
  EXPECT_EQ(changed.count(), 1);
  const QPersistentModelIndex held = sorted.index(0, nameColumn);
  sorted.sort(behindColumn, Qt::DescendingOrder);
  EXPECT_EQ(laid.count(), 1);
  EXPECT_EQ(held.row(), 1);
  EXPECT_EQ(held.data().toString(), QStringLiteral("a"));
}

TEST_F(sorted_rows, rows_that_go_while_others_are_sorted_are_not_shown) {
  std::vector<group_view> many;
  for (int i = 0; i < 30'000; ++i)
    many.push_back(group(QStringLiteral("%1").arg(i, 6, 10, QLatin1Char('0')).toStdString(), i));
  const auto few = std::vector(many.begin(), many.begin() + 25'000);
  feed(many);
  QSignalSpy arranged(&sorted, &SortedRows::arranged);
  sorted.sort(behindColumn, Qt::DescendingOrder);
  feed(few);
  while (sorted.isArranging())
    ASSERT_TRUE(arranged.wait(20'000));
  EXPECT_EQ(sorted.rowCount(), 25'000);
  EXPECT_EQ(sorted.index(0, nameColumn).data().toString(), QStringLiteral("024999"));
}

} // namespace
} // namespace weft::monitor
