#include "gui/models/events_model.hpp"

#include "gui/models/event_texts.hpp"
#include "gui/models/zone.hpp"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <gmock/gmock.h>

#include <random>

namespace weft::monitor {
namespace {

using testing::ElementsAre;
using Rows = std::vector<EventsModel::Row>;

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::Warning; // a warning fails the test

EventsModel::Row event(time_us at, const std::string& key = "k") {
  event_row made;
  made.node = "a", made.position = "a/1-b/" + std::to_string(at), made.topic = "retail.orders", made.type = "Placed";
  made.key = key, made.logged_at = at, made.value = R"({"quantity":5})", made.topic_offset = 1234;
  return std::make_shared<const event_row>(std::move(made));
}

EventsModel::Row gap(time_us at) {
  event_row made;
  made.node = "a", made.position = "a/1-b/0", made.logged_at = at, made.note = "skipped 5 events";
  return std::make_shared<const event_row>(std::move(made));
}

std::vector<time_us> times(const EventsModel& model) {
  std::vector<time_us> made;
  for (int i = 0; i < model.rowCount(); ++i)
    made.push_back(model.row(i).logged_at);
  return made;
}

std::string cell(const EventsModel& model, int row, int column) {
  return model.index(row, column).data().toString().toStdString();
}

TEST(events_model, rows_come_at_the_end_in_one_insertion_and_move_only_in_resort) {
  EventsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  QSignalSpy came(&model, &QAbstractItemModel::rowsInserted);
  model.append({event(5), event(7)});
  model.append({event(6), event(1)});
  EXPECT_EQ(came.count(), 2);
  EXPECT_THAT(times(model), ElementsAre(5, 7, 6, 1));
  const QPersistentModelIndex kept = model.index(0, 0);
  model.resort();
  EXPECT_THAT(times(model), ElementsAre(1, 5, 6, 7));
  EXPECT_EQ(kept.row(), 1);
  QSignalSpy moved(&model, &QAbstractItemModel::layoutChanged);
  model.append({event(8)});
  model.resort(); // nothing is out of order
  EXPECT_EQ(moved.count(), 0);
}

TEST(events_model, is_sorted_by_any_column_and_equal_rows_stay_as_they_came) {
  EventsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.append({event(1, "b"), event(2, "a"), event(3, "b"), event(4, "a")});
  model.sort(EventsModel::At::key, Qt::AscendingOrder);
  EXPECT_THAT(times(model), ElementsAre(2, 4, 1, 3));
  model.sort(EventsModel::At::time, Qt::DescendingOrder);
  EXPECT_THAT(times(model), ElementsAre(4, 3, 2, 1));
  for (int column = 0; column < EventsModel::At::columns; ++column)
    model.sort(column, Qt::DescendingOrder);
  EXPECT_EQ(model.rowCount(), 4);
}

TEST(events_model, keeps_what_came_last_wherever_it_stands) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  EventsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  std::vector<time_us> all;
  for (int round = 0; round < 20; ++round) {
    Rows some;
    for (int i = 0; i < 7; ++i)
      some.push_back(event(all.emplace_back(static_cast<time_us>(random() % 1000))));
    model.append(some);
    if (round % 2 == 0) model.resort();
    model.keepLatest(30);
    auto expected = std::vector<time_us>(all.end() - std::min<std::ptrdiff_t>(30, std::ssize(all)), all.end());
    EXPECT_THAT(times(model), testing::UnorderedElementsAreArray(expected));
  }
  model.clear();
  EXPECT_EQ(model.rowCount(), 0);
  EXPECT_EQ(model.bytes(), 0U);
}

TEST(events_model, a_million_rows_cost_their_pointers) {
  EventsModel model;
  Rows some;
  for (int i = 0; i < 1000; ++i)
    some.push_back(event(i));
  for (int i = 0; i < 1000; ++i)
    model.append(some);
  EXPECT_EQ(model.rowCount(), 1'000'000);
  EXPECT_EQ(cell(model, 999'999, EventsModel::At::key), "k");
  model.resort();
  EXPECT_EQ(model.row(999'999).logged_at, 999);
  model.keepLatest(10);
  EXPECT_EQ(model.rowCount(), 10);
}

TEST(events_model, says_what_people_read) {
  EventsModel model;
  const time_us at = 1'800'000'000'123'000;
  model.append({event(at, "A17"), gap(at + 1)});
  EXPECT_EQ(cell(model, 0, EventsModel::At::time), "2027-01-15 08:00:00.123");
  model.setDay(at + 3'600'000'000);
  EXPECT_EQ(cell(model, 0, EventsModel::At::time), "08:00:00.123");
  EXPECT_EQ(cell(model, 0, EventsModel::At::offset), "1,234");
  EXPECT_EQ(cell(model, 0, EventsModel::At::value), R"({"quantity":5})");
  EXPECT_EQ(cell(model, 1, EventsModel::At::type), "gap");
  EXPECT_EQ(cell(model, 1, EventsModel::At::value), "skipped 5 events");
  EXPECT_EQ(model.index(1, 0).data(ToneRole).toInt(), static_cast<int>(health::warn));
  EXPECT_EQ(model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Logged at"));
}

TEST(event_texts, values_that_are_no_text_are_told_by_their_first_bytes) {
  event_row row;
  row.value = std::string("\xff\x00\n", 3);
  EXPECT_EQ(texts::preview(row), QStringLiteral("3 bytes: ff 00 0a"));
  EXPECT_TRUE(texts::wholeText(row).isEmpty());
  row.value = "a\nb\x01";
  EXPECT_EQ(texts::preview(row), QStringLiteral("a b "));
  row.decoded = R"({"a":1})";
  EXPECT_EQ(texts::preview(row), QStringLiteral(R"({"a":1})"));
  row.decoded = std::string(600'000, 'x');
  EXPECT_LT(texts::wholeText(row).size(), 300'000);
}

TEST(event_texts, progress_says_what_passed_and_how_many_logs_are_read) {
  EXPECT_EQ(texts::progress({3, 1, 1000, 48213, {}}),
            QStringLiteral("1,000 events of 48,213 passed, 1 of 3 logs read to their end"));
  EXPECT_EQ(texts::progress({1, 1, 1, 1, {}}), QStringLiteral("1 event passed, 1 of 1 log read to its end"));
}

TEST(events_model, keeps_no_more_bytes_than_it_may_and_says_how_many_rows_went) {
  EventsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.append({event(1), event(2), event(3), event(4)});
  const auto one = model.bytes() / 4;
  EXPECT_EQ(model.keepLatest(100, 10 * one), 0U);
  EXPECT_EQ(model.keepLatest(100, 2 * one + 1), 2U);
  EXPECT_THAT(times(model), ElementsAre(3, 4));
  EXPECT_LE(model.bytes(), 2 * one + 1);
  EXPECT_EQ(model.keepLatest(100, 1), 1U) << "the last one stays";
  EXPECT_THAT(times(model), ElementsAre(4));
}

TEST(events_model, keeps_the_last_rows_that_fit_into_both_limits) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  EventsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  Rows all;
  for (int round = 0; round < 20; ++round) {
    Rows some;
    for (int i = 0; i < 9; ++i)
      some.push_back(all.emplace_back(event(static_cast<time_us>(random() % 1000), std::string(random() % 2000, 'k'))));
    model.append(some);
    if (round % 3 != 0) model.resort();
    constexpr std::size_t rowsMost = 25, bytesMost = 30'000;
    model.keepLatest(rowsMost, bytesMost);
    std::vector<time_us> expected;
    std::size_t bytes = 0;
    for (auto row = all.rbegin(); row != all.rend() && expected.size() < rowsMost; ++row) {
      if (bytes + (*row)->bytes() > bytesMost) break;
      bytes += (*row)->bytes();
      expected.push_back((*row)->logged_at);
    }
    EXPECT_THAT(times(model), testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(model.bytes(), bytes);
  }
}

class events_model_zone : public testing::TestWithParam<const char*> {
protected:
  void TearDown() override { Zone::instance().choose(QStringLiteral("utc")); }
};

TEST_P(events_model_zone, days_and_hours_are_those_of_the_clock_that_is_shown) {
  constexpr time_us second = 1'000'000, hour = 3600 * second;
  ASSERT_TRUE(Zone::instance().choose(QString::fromUtf8(GetParam())));
  const time_us noon = 1'800'014'400 * second; // 2027-01-15T12:00:00Z
  const time_us midnight = noon - 12 * hour - Zone::instance().offset(noon);
  EventsModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.setDay(midnight + hour / 4);
  model.append({event(midnight), event(midnight - second)});
  EXPECT_EQ(cell(model, 0, EventsModel::At::time), "00:00:00.000") << "today has just begun";
  EXPECT_EQ(cell(model, 1, EventsModel::At::time), "2027-01-14 23:59:59.000") << "and that was yesterday";
  model.setDay(midnight - hour / 4);
  EXPECT_EQ(cell(model, 1, EventsModel::At::time), "23:59:59.000");
  EXPECT_EQ(cell(model, 0, EventsModel::At::time), "2027-01-15 00:00:00.000");
  const auto about = model.headerData(EventsModel::At::time, Qt::Horizontal, Qt::ToolTipRole).toString();
  EXPECT_TRUE(about.endsWith(Zone::instance().name(midnight))) << about.toStdString();
}

INSTANTIATE_TEST_SUITE_P(of_three_zones, events_model_zone, testing::Values("utc", "America/New_York", "Asia/Kolkata"));

TEST(events_model, another_zone_is_told_to_who_shows_it) {
  EventsModel model;
  model.setDay(1'800'000'000'000'000);
  model.append({event(1'800'000'000'000'000)});
  QSignalSpy changed(&model, &QAbstractItemModel::dataChanged), head(&model, &QAbstractItemModel::headerDataChanged);
  Zone::instance().choose(QStringLiteral("Asia/Kolkata"));
  EXPECT_EQ(changed.count(), 1);
  EXPECT_EQ(head.count(), 1);
  EXPECT_EQ(cell(model, 0, EventsModel::At::time), "13:30:00.000");
  Zone::instance().choose(QStringLiteral("utc"));
}

} // namespace
} // namespace weft::monitor
