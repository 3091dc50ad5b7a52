#include "gui/pages/events_page.hpp"

#include "gui/core/demo_access.hpp"
#include "gui/core/demo_events.hpp"
#include "gui/core/demo_source.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/replay_range.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/event_start.hpp"
#include "gui/pages/trace_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/filter_line.hpp"
#include "gui/widgets/hex_view.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note_line.hpp"
#include "gui/widgets/payload_text.hpp"
#include "gui/widgets/trace_view.hpp"

#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::HasSubstr;

template <class Shown>
class MadeUpMesh : public testing::Test {
protected:
  void SetUp() override {
    source.make_past(3 * limits::minute);
    source.advance_to(source.now() + limits::second);
    page.resize(1280, 700);
    page.QWidget::show();
    page.apply({source.latest(), &source, true});
    settle();
  }
  void settle() {
    while (page.isBusy())
      QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  template <class Widget>
  Widget* find(const char* name) {
    for (auto* widget : page.template findChildren<Widget*>())
      if (widget->accessibleName() == QLatin1String(name)) return widget;
    return nullptr;
  }
  QList<Fact> facts() { return find<FactsView>("Facts of the chosen event")->facts(); }
  QString fact(const char* name) {
    for (const auto& one : facts())
      if (one.name == QLatin1String(name)) return one.value;
    return {};
  }
  void press(const char* name) {
    for (auto* chip : page.template findChildren<ChipButton*>())
      if (chip->accessibleName().startsWith(QLatin1String(name))) QTest::keyClick(chip, Qt::Key_Space);
  }

  demo_source source;
  Errands errands{std::make_shared<demo_access>(source)};
  Shown page{errands};
};

class events_page : public MadeUpMesh<EventsPage> {
protected:
  LightTable* list() { return find<LightTable>("Events"); }
  int rows() { return list()->model()->rowCount(); }
  std::string cell(int row, int column) { return list()->model()->index(row, column).data().toString().toStdString(); }
  void filter(const char* line) {
    auto* field = find<FilterLine>("Filter events");
    field->setText(QString::fromUtf8(line));
    QTest::keyClick(field, Qt::Key_Return);
    settle();
  }
  std::string note() { return find<NoteLine>("How reading does")->text().toStdString(); }
};

TEST_F(events_page, asks_to_replay_what_is_listed) {
  filter("topic = retail.orders");
  ASSERT_GT(rows(), 1);
  QSignalSpy asked(&page, &Page::operationAsked);
  press("Plan to publish");
  ASSERT_EQ(asked.size(), 1);
  EXPECT_EQ(asked[0][0].toString(), QStringLiteral("replay-events"));
  const auto range = ReplayRange::unpacked(asked[0][1].toString());
  EXPECT_EQ(range.filter, QStringLiteral("topic = retail.orders"));
  QString problem;
  const auto wish = wishOf(range, problem);
  EXPECT_EQ(problem, QString());
  ASSERT_TRUE(wish.query.from && wish.query.until);
  std::size_t found = 0;
  const auto take = [&](const std::vector<event_row>& came, const read_progress&) { found += came.size(); };
  ASSERT_TRUE(errands.mesh()->read(wish.query, take, {}));
  EXPECT_GE(found, std::size_t(rows()));
  EXPECT_LE(found, std::size_t(rows()) + 2); // of the same milliseconds
}

TEST_F(events_page, reads_the_last_minute_when_it_is_first_shown_and_chooses_the_first_event) {
  ASSERT_GT(rows(), 100);
  EXPECT_EQ(list()->currentIndex().row(), 0);
  EXPECT_EQ(fact("Position"), list()->selectedKey());
  EXPECT_THAT(page.progressText().toStdString(), HasSubstr("passed"));
}

TEST_F(events_page, reads_again_while_its_source_catches_up_with_the_present_and_not_later) {
  source.advance_to(source.now() + 5 * limits::minute);
  page.apply({source.latest(), &source, true});
  settle();
  EXPECT_EQ(page.reading().query().from, source.latest()->at - limits::minute);
  const auto from = page.reading().query().from;
  for (const auto step : {limits::snapshot_every, 5 * limits::minute}) { // at the pace of time, and after a while away
    source.advance_to(source.now() + step);
    page.apply({source.latest(), &source, true});
  }
  EXPECT_EQ(page.reading().query().from, from);
}

TEST_F(events_page, a_filter_line_is_typed_and_read_by_enter) {
  filter("topic = retail.orders type = OrderPlaced total > 40");
  ASSERT_GT(rows(), 0);
  for (int i = 0; i < rows(); ++i) {
    EXPECT_EQ(cell(i, EventsModel::At::topic), "retail.orders");
    EXPECT_EQ(cell(i, EventsModel::At::type), "OrderPlaced");
  }
  EXPECT_EQ(note(), "");
  filter("topic = retail.orders and (total > 40 or not type = OrderPlaced)");
  ASSERT_GT(rows(), 0);
  for (int i = 0; i < rows(); ++i)
    EXPECT_EQ(cell(i, EventsModel::At::topic), "retail.orders");
  filter("no such thing anywhere");
  EXPECT_EQ(rows(), 0);
  page.grab();
}

TEST_F(events_page, a_line_that_is_wrong_says_where_and_leaves_the_list_as_it_is) {
  const int before = rows();
  filter("\u00e9t\u00e9 or");
  EXPECT_EQ(rows(), before);
  EXPECT_THAT(note(), HasSubstr("at 5: there is no term after 'or'"));
  EXPECT_EQ(find<FilterLine>("Filter events")->problem(), (std::pair{4, 2})); // characters, not bytes
  page.grab();
  filter("tea");
  EXPECT_EQ(note(), "");
  EXPECT_EQ(find<FilterLine>("Filter events")->problem().second, 0);
}

TEST_F(events_page, more_reads_on_and_stop_ends_it) {
  page.start().choose(StartAt::beginning);
  filter("");
  ASSERT_EQ(page.reading().state(), EventReading::State::waiting);
  const int portion = rows();
  EXPECT_EQ(portion, int(limits::events_page));
  press("Read on");
  settle();
  EXPECT_GT(rows(), portion);
  press("Stop reading");
  EXPECT_FALSE(page.reading().isUnderWay());
  EXPECT_THAT(page.progressText().toStdString(), testing::AnyOf(HasSubstr("stopped"), HasSubstr("logs read")));
}

TEST_F(events_page, starts_at_the_shown_time_while_the_window_is_wound_back) {
  const auto past = source.seek(source.now() - 2 * limits::minute);
  page.apply({past, &source, false});
  EXPECT_EQ(page.start().chosen(), StartAt::shown);
  filter("");
  ASSERT_GT(rows(), 0);
  EXPECT_EQ(page.reading().query().from, past->at);
  page.apply({source.latest(), &source, true});
  EXPECT_EQ(page.start().chosen(), StartAt::minute);
  page.start().choose(StartAt::hour); // what somebody chose stays
  page.apply({past, &source, false});
  EXPECT_EQ(page.start().chosen(), StartAt::hour);
}

TEST_F(events_page, opens_at_a_position_and_says_what_is_wrong_with_one) {
  const QString position = list()->model()->index(20, 0).data(KeyRole).toString();
  page.open(position);
  settle();
  EXPECT_EQ(list()->selectedKey(), position);
  auto* line = find<FilterLine>("Position to read from");
  EXPECT_TRUE(line->isVisible());
  line->setText(QStringLiteral("nowhere"));
  QTest::keyClick(line, Qt::Key_Return);
  EXPECT_THAT(note(), HasSubstr("NODE/EPOCH/SEQ"));
  line->setText(QStringLiteral("nowhere/1-a/7"));
  QTest::keyClick(line, Qt::Key_Return);
  settle();
  EXPECT_THAT(note(), HasSubstr("no event at nowhere/1-a/7"));
}

TEST_F(events_page, shows_the_value_as_a_tree_linked_to_its_bytes) {
  filter("type = OrderPlaced");
  auto* tree = find<LightTable>("Value of the chosen event");
  ASSERT_GT(tree->model()->rowCount(), 3);
  tree->setCurrentIndex(tree->model()->index(1, 0));
  auto* hex = find<HexView>("Bytes of the chosen event");
  const auto [begin, end] = hex->marked();
  EXPECT_GT(end, begin);
  Q_EMIT hex->byteClicked(10); // within the first value
  EXPECT_EQ(tree->currentIndex(), tree->model()->index(0, 0));
}

TEST_F(events_page, compares_an_event_that_is_held_with_each_that_is_chosen) {
  filter("topic = retail.orders");
  ASSERT_GT(rows(), 2);
  const auto held = list()->selectedKey();
  press("Hold this event");
  auto* differences = find<LightTable>("Differences from the event that is held");
  EXPECT_FALSE(differences->isVisible()) << "it is the same";
  list()->setCurrentIndex(list()->model()->index(1, 0));
  ASSERT_TRUE(differences->isVisible());
  const auto* rows = differences->model();
  ASSERT_GT(rows->rowCount(), 0);
  std::vector<std::string> names;
  for (int row = 0; row < rows->rowCount(); ++row) {
    names.push_back(rows->index(row, 0).data().toString().toStdString());
    EXPECT_NE(rows->index(row, 1).data(), rows->index(row, 2).data());
  }
  EXPECT_THAT(names, testing::Contains("key"));
  EXPECT_THAT(names, testing::Not(testing::Contains("topic")));
  ASSERT_TRUE(list()->selectKey(held));
  EXPECT_FALSE(differences->isVisible());
  list()->setCurrentIndex(list()->model()->index(2, 0));
  EXPECT_TRUE(differences->isVisible());
  press("Hold this event");
  EXPECT_FALSE(differences->isVisible());
  EXPECT_TRUE(find<LightTable>("Value of the chosen event")->isVisible());
}

TEST_F(events_page, says_by_which_contract_a_value_is_read_and_which_groups_are_past_it) {
  filter("topic = insight.forecasts");
  if (rows() > 0) {
    EXPECT_GT(find<LightTable>("Value of the chosen event")->model()->rowCount(), 1);
    EXPECT_NE(fact("Contract"), QString(texts::dash));
  }
  filter("topic = retail.orders");
  ASSERT_GT(rows(), 0);
  list()->setCurrentIndex(list()->model()->index(rows() - 1, 0)); // the latest: they have stalled for a minute
  const auto all = facts();
  EXPECT_TRUE(std::ranges::any_of(all, [](const Fact& one) {
    return one.name == QStringLiteral("packers") && one.value.contains(QStringLiteral("to go"));
  }));
}

TEST_F(events_page, the_chosen_event_is_traced_copied_and_its_topic_opened) {
  QSignalSpy opened(&page, &Page::openPage);
  page.traceChosen();
  press("Open the event's topic");
  press("Copy the event's position");
  ASSERT_EQ(opened.count(), 2);
  EXPECT_EQ(opened[0][0].toString(), QStringLiteral("trace"));
  EXPECT_EQ(opened[0][1].toString(), list()->selectedKey());
  EXPECT_EQ(opened[1][0].toString(), QStringLiteral("topics"));
  EXPECT_EQ(QGuiApplication::clipboard()->text(), list()->selectedKey());
}

TEST_F(events_page, what_is_listed_is_written_as_csv_and_as_json_lines) {
  QTemporaryDir folder;
  filter("type = OrderPlaced");
  for (const char* name : {"events.csv", "events.jsonl", "no/such/folder.csv"}) {
    const QString file = folder.filePath(QLatin1String(name));
    page.setFileChooser([file] { return file; });
    find<NoteLine>("How reading does")->setNote(health::ok, {});
    page.exportRows();
    while (note().empty())
      QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QFile written(file);
    if (!written.open(QIODevice::ReadOnly)) {
      EXPECT_THAT(note(), HasSubstr("can't be written"));
      continue;
    }
    const auto lines = written.readAll().count('\n');
    EXPECT_EQ(lines, rows() + (file.endsWith(QStringLiteral("csv")) ? 1 : 0)) << name;
  }
  page.setFileChooser([] { return QString(); });
  page.exportRows(); // nowhere
}

TEST_F(events_page, values_that_may_not_leave_are_neither_written_nor_copied) {
  Preferences::instance().setPayloadExport(false);
  bool asked = false;
  page.setFileChooser([&] {
    asked = true;
    return QString();
  });
  page.exportRows();
  EXPECT_FALSE(asked);
  EXPECT_THAT(note(), HasSubstr("Settings"));
  auto* list = find<LightTable>("Events");
  auto* text = find<PayloadText>("Value of the chosen event as text");
  ASSERT_FALSE(text->toPlainText().isEmpty());
  const auto copied = [&](QWidget* from) {
    QGuiApplication::clipboard()->setText(QStringLiteral("nothing"));
    QTest::keyClick(from, Qt::Key_C, Qt::ControlModifier);
    return QGuiApplication::clipboard()->text();
  };
  press("Show the value as text");
  ASSERT_TRUE(text->isVisible());
  text->selectAll();
  EXPECT_EQ(copied(text), QStringLiteral("nothing"));
  list->setCurrentIndex(list->model()->index(0, EventsModel::At::value));
  EXPECT_EQ(copied(list), QStringLiteral("nothing"));
  press("Show the value as text");
  auto* tree = find<LightTable>("Value of the chosen event");
  ASSERT_TRUE(tree->isVisible());
  tree->setCurrentIndex(tree->model()->index(0, 1));
  EXPECT_EQ(copied(tree), QStringLiteral("nothing"));
  list->setCurrentIndex(list->model()->index(0, EventsModel::At::topic));
  EXPECT_NE(copied(list), QStringLiteral("nothing")) << "where it is may be told";
  Preferences::instance().setPayloadExport(true);
  EXPECT_NE(copied(tree), QStringLiteral("nothing"));
  press("Show the value as text");
  text->selectAll();
  EXPECT_EQ(copied(text), text->toPlainText());
}

TEST_F(events_page, a_live_tail_follows_what_comes) {
  page.start().choose(StartAt::tail);
  filter("");
  QSignalSpy came(&page.reading(), &EventReading::came);
  while (rows() < 10) {
    source.advance_to(source.now() + limits::second);
    came.wait(100);
  }
  EXPECT_THAT(page.progressText().toStdString(), HasSubstr("live"));
  page.reading().stop();
}

TEST_F(events_page, reads_the_other_mesh_when_the_window_goes_to_it) {
  page.open(list()->selectedKey());
  settle();
  ASSERT_GT(rows(), 0);
  press("Hold this event");
  demo_source other;
  other.make_past(limits::minute);
  other.advance_to(source.now() + limits::hour);
  errands.setMesh(std::make_shared<demo_access>(other));
  page.meshChanged();
  EXPECT_EQ(rows(), 0);
  for (auto* chip : page.findChildren<ChipButton*>())
    EXPECT_FALSE(chip->accessibleName().startsWith(QStringLiteral("Hold this event")) && chip->isChecked());
  EXPECT_EQ(page.start().chosen(), StartAt::minute); // the position was one of a log that was
  page.apply({other.latest(), &other, true});
  settle();
  ASSERT_GT(rows(), 0);
  EXPECT_GE(page.reading().query().from.value_or(0), other.now() - limits::minute - limits::second);
}

TEST_F(events_page, a_tail_of_the_mesh_before_ends) {
  page.start().choose(StartAt::tail);
  press("Read events");
  ASSERT_TRUE(page.reading().isUnderWay());
  page.meshChanged();
  EXPECT_FALSE(page.reading().isUnderWay());
  page.apply({source.latest(), &source, true});
  EXPECT_TRUE(page.reading().query().tail); // as was chosen, of the other
}

class trace_page : public MadeUpMesh<TracePage> {
protected:
  /// The position of an order in the last minute.
  QString order(bool failed) {
    QString found;
    const demo_events events(source.latest());
    events.between(source.now() - limits::minute, source.now(), [&](const event_row& row) {
      if (row.type != "OrderPlaced" || events.lineage_of(row.position)->aside.empty() == failed) return true;
      found = texts::of(row.position);
      return false;
    });
    return found;
  }
  TraceView* view() { return page.findChild<TraceView*>(); }
  std::string note() { return find<NoteLine>("How the trace does")->text().toStdString(); }
};

TEST_F(trace_page, shows_all_that_came_of_an_event_and_marks_it) {
  const QString position = order(true);
  page.open(position);
  settle();
  ASSERT_GE(view()->trace().rows.size(), 12U);
  EXPECT_EQ(texts::of(view()->trace().rows[std::size_t(view()->selected())].what.position), position);
  EXPECT_THAT(page.summary().toStdString(), HasSubstr("12 events"));
  EXPECT_EQ(fact("Position"), position);
  page.grab();
}

TEST_F(trace_page, forgets_a_trace_of_the_mesh_before) {
  page.open(order(true));
  settle();
  ASSERT_FALSE(view()->trace().rows.empty());
  page.open(order(true)); // whose answer is due
  page.meshChanged();
  EXPECT_FALSE(page.isBusy());
  errands.waitForDone();
  QCoreApplication::processEvents();
  EXPECT_TRUE(view()->trace().rows.empty());
  EXPECT_TRUE(page.summary().isEmpty());
}

TEST_F(trace_page, clocks_are_raw_until_somebody_wants_them_corrected) {
  page.open(order(false));
  settle();
  const auto raw = view()->trace();
  ASSERT_TRUE(raw.can_correct);
  press("Take what is known");
  EXPECT_THAT(page.summary().toStdString(), HasSubstr("clocks corrected"));
  EXPECT_TRUE(std::ranges::any_of(view()->trace().rows, &trace_row::corrected));
  EXPECT_EQ(view()->trace().backwards, 0U);
}

TEST_F(trace_page, goes_to_the_event_its_topic_and_its_node) {
  page.open(order(false));
  settle();
  QSignalSpy opened(&page, &Page::openPage);
  QTest::keyClick(view(), Qt::Key_Return);
  for (const char* name : {"Open the event's topic", "Open the event's node", "Show the event's node"})
    press(name);
  ASSERT_EQ(opened.count(), 4);
  EXPECT_EQ(opened[0][0].toString(), QStringLiteral("events"));
  EXPECT_EQ(opened[1][0].toString(), QStringLiteral("topics"));
  EXPECT_EQ(opened[2][0].toString(), QStringLiteral("node"));
  EXPECT_EQ(opened[3][0].toString(), QStringLiteral("topology"));
}

TEST_F(trace_page, what_is_no_position_or_not_there_is_told) {
  auto* line = find<FilterLine>("Position of the event to trace");
  QTest::keyClicks(line, QStringLiteral("nowhere"));
  QTest::keyClick(line, Qt::Key_Return);
  EXPECT_THAT(note(), HasSubstr("NODE/EPOCH/SEQ"));
  page.open(QStringLiteral("nowhere/1-a/7"));
  settle();
  EXPECT_THAT(note(), HasSubstr("no event at"));
  EXPECT_TRUE(view()->trace().rows.empty());
  page.grab();
}

} // namespace
} // namespace weft::monitor
