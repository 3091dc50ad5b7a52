// Pages on the monitor's own affairs: which mesh, recordings, diagnostics.
#include "gui/models/ui_times.hpp"
#include "gui/pages/diagnostics_page.hpp"
#include "gui/pages/recordings_page.hpp"
#include "gui/pages/start_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note_line.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

template <class Widget>
Widget* find(QWidget& page, const char* name) {
  for (auto* widget : page.findChildren<Widget*>())
    if (widget->accessibleName() == QLatin1String(name)) return widget;
  return nullptr;
}

class start_page : public testing::Test {
protected:
  void SetUp() override {
    page.resize(1280, 640);
    page.QWidget::show();
    settle();
  }
  void settle() {
    errands.waitForDone();
    QApplication::processEvents();
  }

  Errands errands{std::make_shared<no_access>()};
  StartPage page{errands,
                 [] {
                   return std::vector<PlaceRow>{
                       {{MeshPlace::Kind::node, QStringLiteral("/data/b")}, {}, "it does not answer", false},
                       {{MeshPlace::Kind::node, QStringLiteral("/data/a")}, "a", {}, false}};
                 },
                 [](const MeshPlace& place) {
                   return place.where == QStringLiteral("/data/b") ? QStringLiteral("it does not answer") : QString();
                 }};
};

TEST_F(start_page, lists_nodes_of_this_machine_and_opens_the_chosen_one) {
  auto* table = find<LightTable>(page, "Nodes on this machine");
  ASSERT_EQ(table->model()->rowCount(), 2);
  EXPECT_EQ(table->model()->index(0, 1).data().toString(), QStringLiteral("a"));
  EXPECT_EQ(table->model()->index(1, 3).data().toString(), QStringLiteral("it does not answer"));
  QSignalSpy chosen(&page, &StartPage::chosen);
  table->setFocus();
  table->setCurrentIndex(table->model()->index(0, 0));
  QTest::keyClick(table, Qt::Key_Return);
  settle();
  ASSERT_EQ(chosen.count(), 1);
  table->setCurrentIndex(table->model()->index(1, 0));
  QTest::keyClick(table, Qt::Key_Return);
  settle();
  EXPECT_EQ(chosen.count(), 1);
  EXPECT_EQ(page.told(), QStringLiteral("it does not answer"));
}

TEST_F(start_page, what_was_opened_before_is_listed_and_can_be_forgotten) {
  const MeshPlace made{MeshPlace::Kind::madeUp, QStringLiteral("12")};
  page.setKnown({made, {MeshPlace::Kind::recording, QStringLiteral("/r.weft")}}, made);
  auto* table = find<LightTable>(page, "Opened before");
  ASSERT_EQ(table->model()->rowCount(), 2);
  QSignalSpy changed(&page, &StartPage::knownChanged);
  ASSERT_TRUE(table->selectKey(QStringLiteral("recording:/r.weft")));
  QTest::keyClick(find<ChipButton>(page, "Forget the chosen one"), Qt::Key_Space);
  EXPECT_EQ(table->model()->rowCount(), 1);
  EXPECT_EQ(changed.count(), 1);
  EXPECT_EQ(page.known().size(), 1);
}

TEST_F(start_page, what_is_typed_is_told_apart) {
  const QTemporaryDir folder;
  QString problem;
  EXPECT_EQ(MeshPlace::guess({}, problem), std::nullopt);
  EXPECT_FALSE(problem.isEmpty());
  EXPECT_EQ(MeshPlace::guess(folder.filePath(QStringLiteral("none")), problem), std::nullopt);
  EXPECT_TRUE(problem.contains(folder.path()));
  EXPECT_EQ(MeshPlace::guess(folder.path(), problem), (MeshPlace{MeshPlace::Kind::node, folder.path()}));
  EXPECT_EQ(MeshPlace::guess(folder.path() + QStringLiteral("/run/node.sock"), problem),
            (MeshPlace{MeshPlace::Kind::node, folder.path()}));
  QFile file(folder.filePath(QStringLiteral("b.weft")));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  EXPECT_EQ(MeshPlace::guess(file.fileName(), problem), (MeshPlace{MeshPlace::Kind::recording, file.fileName()}));
  file.write("-----BEGIN WEFT INVITATION-----\nName: b\n");
  file.close();
  EXPECT_EQ(MeshPlace::guess(file.fileName(), problem), (MeshPlace{MeshPlace::Kind::invitation, file.fileName()}));
  for (const auto& place : {MeshPlace{MeshPlace::Kind::node, QStringLiteral("/a:b")},
                            MeshPlace{MeshPlace::Kind::own, QStringLiteral("/home/eva/screen-12345678")},
                            MeshPlace{MeshPlace::Kind::invitation, QStringLiteral("/b.invitation")},
                            MeshPlace{MeshPlace::Kind::recording, QStringLiteral("/x.weft")},
                            MeshPlace{MeshPlace::Kind::madeUp, QStringLiteral("7")}})
    EXPECT_EQ(MeshPlace::fromText(place.toText()), place);
  EXPECT_EQ(MeshPlace::fromText(QStringLiteral("gopher:x")), std::nullopt);
}

TEST_F(start_page, the_models_keep_what_item_models_promise) {
  PlacesModel places;
  NotesModel notes;
  CompareModel compared;
  const QAbstractItemModelTester first(&places, QAbstractItemModelTester::FailureReportingMode::Fatal),
      second(&notes, QAbstractItemModelTester::FailureReportingMode::Fatal),
      third(&compared, QAbstractItemModelTester::FailureReportingMode::Fatal);
  places.apply({{{MeshPlace::Kind::node, QStringLiteral("/b")}, "b", {}, false},
                {{MeshPlace::Kind::node, QStringLiteral("/a")}, "a", {}, true}});
  EXPECT_EQ(places.rowCount(), 2);
  places.apply({});
  notes.apply({{{5}, "x"}, {{3}, "y"}});
  EXPECT_EQ(notes.rowCount(), 2);
  compared.apply({{"Published, mean", "/s", 10.0, 5.0}, {"Lag", "s", {}, 1.0}});
  EXPECT_EQ(compared.rowCount(), 2);
}

class recordings_page : public testing::Test {
protected:
  void SetUp() override {
    page.resize(1280, 640);
    page.QWidget::show();
    page.apply({mesh.latest(), &mesh, true});
  }
  void type(const char* field, const char* text) { find<FindField>(page, field)->setText(QString::fromUtf8(text)); }

  FakeMesh mesh;
  RecordingsPage page;
};

TEST_F(recordings_page, asks_for_a_recording_from_now_or_from_before) {
  QSignalSpy wanted(&page, &RecordingsPage::wantsRecording);
  type("File to record to", "/tmp/x.weft");
  QTest::keyClick(find<ChipButton>(page, "Begin to record, or stop"), Qt::Key_Space);
  ASSERT_EQ(wanted.count(), 1);
  EXPECT_EQ(wanted[0][1].value<time_us>(), mesh.latest()->at);
  find<QComboBox>(page, "Record from")->setCurrentIndex(1);
  QTest::keyClick(find<ChipButton>(page, "Begin to record, or stop"), Qt::Key_Space);
  EXPECT_EQ(wanted[1][1].value<time_us>(), mesh.latest()->at - 300'000'000);
  find<QComboBox>(page, "Record from")->setCurrentIndex(3);
  QTest::keyClick(find<ChipButton>(page, "Begin to record, or stop"), Qt::Key_Space);
  EXPECT_EQ(wanted[2][1].value<time_us>(), mesh.oldest()) << "no more is kept";
}

TEST_F(recordings_page, tells_of_a_time_that_is_none_and_asks_for_nothing) {
  QSignalSpy wanted(&page, &RecordingsPage::wantsSpan);
  auto* save = find<ChipButton>(page, "Save the span as a recording");
  type("Span from", "yesterday");
  QTest::keyClick(save, Qt::Key_Space);
  EXPECT_TRUE(page.toldOfSpan().contains(QStringLiteral("yesterday")));
  type("Span from", "2027-01-15T08:00:00Z");
  type("Span until", "2027-01-15T07:00:00Z");
  QTest::keyClick(save, Qt::Key_Space);
  EXPECT_TRUE(page.toldOfSpan().contains(QStringLiteral("before it begins")));
  type("Span until", "2027-01-15T08:10:00Z");
  QTest::keyClick(save, Qt::Key_Space);
  ASSERT_EQ(wanted.count(), 1);
  EXPECT_EQ(wanted[0][1].value<time_us>(), fakeStart);
}

TEST_F(recordings_page, shows_two_spans_side_by_side) {
  auto* table = find<LightTable>(page, "Two spans compared");
  type("First span from", "2027-01-15T07:50:00Z");
  type("First span until", "2027-01-15T07:50:10Z");
  type("Second span from", "2027-01-15T07:50:40Z");
  type("Second span until", "2027-01-15T07:50:50Z");
  QTest::keyClick(find<ChipButton>(page, "Compare the two spans"), Qt::Key_Space);
  ASSERT_EQ(table->model()->rowCount(), 6);
  for (int row = 0; row < 6; ++row)
    if (table->model()->index(row, 0).data().toString() == QStringLiteral("Published, mean")) {
      EXPECT_EQ(table->model()->index(row, 1).data().toString(), QStringLiteral("4.5 /s"));
      EXPECT_EQ(table->model()->index(row, 2).data().toString(), QStringLiteral("45 /s"));
      EXPECT_EQ(table->model()->index(row, 3).data().toString(), QStringLiteral("+889 %"));
    }
}

TEST_F(recordings_page, a_note_is_of_the_moment_that_is_shown) {
  QSignalSpy wanted(&page, &RecordingsPage::wantsNote);
  page.showNotes({{{fakeStart}, "old"}}, true);
  type("Note at the moment that is shown", "here");
  QTest::keyClick(find<FindField>(page, "Note at the moment that is shown"), Qt::Key_Return);
  ASSERT_EQ(wanted.count(), 1);
  EXPECT_EQ(wanted[0][0].value<time_us>(), mesh.latest()->at);
  QSignalSpy moment(&page, &RecordingsPage::wantsMoment);
  auto* notes = find<LightTable>(page, "Notes");
  notes->setFocus();
  notes->setCurrentIndex(notes->model()->index(0, 0));
  QTest::keyClick(notes, Qt::Key_Return);
  ASSERT_EQ(moment.count(), 1);
  QTest::keyClick(find<ChipButton>(page, "Remove the chosen note"), Qt::Key_Space);
  EXPECT_EQ(wanted[1][1].toString(), QString());
}

TEST_F(recordings_page, a_note_that_failed_is_told_where_notes_are) {
  page.tellNote(QStringLiteral("the disk is full"));
  EXPECT_EQ(page.toldOfNote(), QStringLiteral("The note was not written: the disk is full"));
  EXPECT_TRUE(find<NoteLine>(page, "How writing a note went")->isVisible());
  page.tellNote({});
  EXPECT_FALSE(find<NoteLine>(page, "How writing a note went")->isVisible());
}

TEST_F(recordings_page, a_recording_that_ends_can_not_be_stopped_again_and_logs_that_are_missing_are_named) {
  recording_state state;
  state.running = state.ending = true;
  state.path = "/r.weft";
  state.missing = {"far", "away"};
  page.showState(state);
  EXPECT_FALSE(find<ChipButton>(page, "Begin to record, or stop")->isEnabled());
  EXPECT_TRUE(page.toldOfRecording().startsWith(QStringLiteral("Ending")));
  EXPECT_TRUE(page.toldOfRecording().contains(QStringLiteral("without the logs of far, away")));
}

TEST_F(recordings_page, a_table_without_rows_says_why) {
  auto* notes = find<LightTable>(page, "Notes");
  EXPECT_TRUE(notes->hintShown().contains(QStringLiteral("no note")));
  page.showNotes({{{fakeStart}, "old"}}, true);
  EXPECT_EQ(notes->hintShown(), QString());
}

TEST(diagnostics_page, says_how_the_monitor_does_as_text) {
  UiTimes::instance().clear();
  for (int i = 1; i <= 100; ++i)
    UiTimes::instance().add(UiTimes::What::tick, i);
  const auto ticks = UiTimes::instance().figures(UiTimes::What::tick);
  EXPECT_NEAR(ticks.p50, 50, 1);
  EXPECT_EQ(ticks.p99, 99);
  EXPECT_EQ(ticks.most, 100);
  FakeMesh mesh;
  auto now = fakeSnapshot(2);
  now.frames_taken = 4711;
  now.frames_refused = 3;
  mesh.set(now);
  mesh.shown = {false, "node a", "it has gone: start it again"};
  DiagnosticsPage page;
  page.resize(1000, 600);
  page.QWidget::show();
  page.apply({mesh.latest(), &mesh, true});
  QTest::keyClick(find<ChipButton>(page, "Copy all figures as text"), Qt::Key_Space);
  const auto text = QApplication::clipboard()->text().toStdString();
  for (const char* part : {"p99: 99.0 ms", "Longest: 100.0 ms", "Taken: 4,711", "Refused: 3", "Problem: it has gone",
                           "Memory: ", "Weft: ", "Qt: 6."})
    EXPECT_THAT(text, testing::HasSubstr(part));
  UiTimes::instance().clear();
}

} // namespace
} // namespace weft::monitor
