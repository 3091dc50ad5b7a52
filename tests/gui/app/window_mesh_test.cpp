// The window with its meshes: chosen, recorded, opened again.
#include "gui/app/main_window.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/status_line.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "gui/pages/recordings_page.hpp"
#include "gui/pages/settings_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/time_bar.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/recording/recording_reader.hpp"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QPointer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

class window_mesh : public testing::Test {
protected:
  void SetUp() override { make(folder.filePath(QStringLiteral("monitor.ini"))); }
  void TearDown() override {
    window.reset();
    Theme::instance().setChoice(ThemeChoice::dark);
    Zone::instance().choose(QStringLiteral("utc"));
    Preferences::instance().setPayloadExport(true);
  }
  void make(const QString& settings) {
    window.reset();
    window = std::make_unique<MainWindow>(hub, errands, settings, [] { return std::vector<PlaceRow>(); });
    window->resize(1280, 800);
    window->show();
    QApplication::processEvents();
    hub.tick();
  }
  /// Lets things happen until `holds`; that it never comes is the test's own time limit.
  template <class Condition>
  void waitUntil(Condition holds) {
    while (!holds()) {
      QApplication::processEvents(QEventLoop::AllEvents, 10);
      hub.tick();
    }
  }
  template <class Widget>
  Widget* find(const char* name) {
    for (auto* widget : window->findChildren<Widget*>())
      if (widget->accessibleName() == QLatin1String(name)) return widget;
    return nullptr;
  }
  StartPage& start() { return *window->findChild<StartPage*>(); }
  RecordingsPage& recordings() { return *window->findChild<RecordingsPage*>(); }
  void openMadeUp() {
    window->open({MeshPlace::Kind::madeUp, QStringLiteral("5")});
    waitUntil([&] { return window->session() != nullptr && hub.moment().now->nodes.size() == 5; });
  }
  void type(const char* field, const QString& text) {
    auto* edit = find<FindField>(field);
    ASSERT_NE(edit, nullptr) << field;
    edit->setText(text);
    QTest::keyClick(edit, Qt::Key_Return);
  }

  QTemporaryDir folder;
  std::shared_ptr<MeshSession> nothing = std::make_shared<MeshSession>();
  MeshHub hub{nothing->source()};
  Errands errands{nothing->access()};
  std::unique_ptr<MainWindow> window;
};

TEST_F(window_mesh, without_a_mesh_says_what_to_do) {
  EXPECT_TRUE(window->findChild<StatusLine*>()->left().contains(QStringLiteral("choose one")));
  EXPECT_EQ(window->timeBar().liveWord(), QStringLiteral("No mesh"));
  openMadeUp();
  waitUntil([&] { return window->timeBar().liveWord() == QStringLiteral("LIVE"); });
}

TEST_F(window_mesh, notes_of_the_mesh_before_are_not_saved_with_another) {
  openMadeUp();
  window->showPage(QStringLiteral("recordings"));
  type("File to record to", folder.filePath(QStringLiteral("first.weft")));
  type("Note at the moment that is shown", QStringLiteral("of the first mesh"));
  auto* notes = find<LightTable>("Notes");
  EXPECT_EQ(notes->model()->rowCount(), 1);
  const auto at = hub.moment().now->at;
  window->open({MeshPlace::Kind::madeUp, QStringLiteral("3")});
  waitUntil([&] { return hub.moment().now->nodes.size() == 3; });
  EXPECT_EQ(notes->model()->rowCount(), 0);
  const auto file = folder.filePath(QStringLiteral("second.weft"));
  find<FindField>("Span from")->setText(texts::moment(at - 60 * limits::second));
  find<FindField>("Span until")->setText(texts::moment(at + 60 * limits::second));
  type("File to save the span to", file);
  waitUntil([&] { return recordings().toldOfSpan().startsWith(QStringLiteral("Saved")); });
  const auto reader = recording::recording_reader::open(os_disk(), file.toStdString());
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(reader->about().notes.size(), 0U);
}

TEST_F(window_mesh, notes_typed_one_after_the_other_are_all_written) {
  openMadeUp();
  window->showPage(QStringLiteral("recordings"));
  waitUntil([&] { return hub.moment().now->at - hub.source().oldest() > 60 * limits::second; });
  const auto file = folder.filePath(QStringLiteral("noted.weft"));
  const auto now = hub.moment().now->at;
  find<FindField>("Span from")->setText(texts::moment(now - 30 * limits::second));
  find<FindField>("Span until")->setText(texts::moment(now));
  type("File to save the span to", file);
  waitUntil([&] { return recordings().toldOfSpan().startsWith(QStringLiteral("Saved")); });
  window->open({MeshPlace::Kind::recording, file});
  waitUntil([&] { return window->session()->recorded() != nullptr; });
  for (int i = 0; i < 8; ++i)
    Q_EMIT recordings().wantsNote(now - i * limits::second, QStringLiteral("quick"));
  waitUntil([&] { return window->session()->recorded()->notes().size() == 8; });
}

TEST_F(window_mesh, is_switched_without_a_restart_and_remembered) {
  window->showPage(QStringLiteral("start"));
  openMadeUp();
  EXPECT_EQ(window->page()->id(), QStringLiteral("overview"));
  window->open({MeshPlace::Kind::madeUp, QStringLiteral("3")});
  waitUntil([&] { return hub.moment().now->nodes.size() == 3; });
  const QList<MeshPlace> known{{MeshPlace::Kind::madeUp, QStringLiteral("3")},
                               {MeshPlace::Kind::madeUp, QStringLiteral("5")}};
  EXPECT_EQ(start().known(), known);
  window->close();
  make(folder.filePath(QStringLiteral("monitor.ini")));
  EXPECT_EQ(start().known(), known);
}

TEST_F(window_mesh, what_was_to_be_changed_in_the_one_before_is_closed_and_locked) {
  openMadeUp();
  auto& desk = window->operate();
  desk.operating().unlock();
  window->showPage(QStringLiteral("replay"));
  desk.open(QStringLiteral("seek"), texts::of(hub.moment().now->groups.front().name));
  const QPointer<QDialog> dialog(desk.dialog());
  ASSERT_TRUE(dialog != nullptr && dialog->isVisible());
  window->open({MeshPlace::Kind::madeUp, QStringLiteral("3")});
  waitUntil([&] { return hub.moment().now->nodes.size() == 3; });
  EXPECT_TRUE(dialog == nullptr || !dialog->isVisible());
  EXPECT_FALSE(desk.operating().isUnlocked());
}

TEST_F(window_mesh, that_can_not_be_opened_is_told_in_place_and_what_was_shown_stays) {
  openMadeUp();
  window->showPage(QStringLiteral("start"));
  const auto missing = folder.filePath(QStringLiteral("nowhere.weft"));
  type("What to open", missing);
  EXPECT_TRUE(start().told().contains(missing));
  QFile odd(folder.filePath(QStringLiteral("odd.weft")));
  ASSERT_TRUE(odd.open(QIODevice::WriteOnly));
  odd.write("this is a text");
  odd.close();
  type("What to open", odd.fileName());
  waitUntil([&] { return start().told().contains(QStringLiteral("no recording")); });
  QFile half(folder.filePath(QStringLiteral("half.invitation")));
  ASSERT_TRUE(half.open(QIODevice::WriteOnly));
  half.write("-----BEGIN WEFT INVITATION-----\nName: screen\n");
  half.close();
  type("What to open", half.fileName());
  waitUntil([&] { return start().told().contains(QStringLiteral("is no invitation")); });
  window->open({MeshPlace::Kind::own, folder.filePath(QStringLiteral("gone-12345678"))});
  waitUntil([&] { return start().told().contains(QStringLiteral("with a new invitation")); });
  EXPECT_EQ(hub.moment().now->nodes.size(), 5U);
  EXPECT_TRUE(window->session()->recorded() == nullptr);
}

TEST_F(window_mesh, a_span_is_saved_opened_annotated_and_played) {
  openMadeUp();
  window->showPage(QStringLiteral("recordings"));
  waitUntil([&] { return hub.moment().now->at - hub.source().oldest() > 120 * limits::second; });
  const auto file = folder.filePath(QStringLiteral("span.weft"));
  const auto now = hub.moment().now->at;
  find<FindField>("Span from")->setText(texts::moment(now - 60 * limits::second));
  find<FindField>("Span until")->setText(texts::moment(now));
  type("File to save the span to", file);
  waitUntil([&] { return recordings().toldOfSpan().startsWith(QStringLiteral("Saved")); });
  window->showPage(QStringLiteral("start"));
  type("What to open", file);
  waitUntil([&] { return window->session()->recorded() != nullptr; });
  window->session()->recorded()->wait();
  waitUntil([&] { return hub.moment().source == &hub.source() && hub.cursor().newest() > now - 2 * limits::second; });
  EXPECT_EQ(hub.moment().now->nodes.size(), 5U);
  EXPECT_GE(hub.source().oldest(), now - 60 * limits::second);
  EXPECT_TRUE(window->operate().operating().whyNotUnlocked().contains(QStringLiteral("This is a recording")));
  hub.cursor().goTo(now - 30 * limits::second);
  waitUntil([&] { return !hub.isSeeking(); });
  EXPECT_EQ(hub.moment().now->at, now - 30 * limits::second);
  EXPECT_EQ(hub.moment().now->nodes.size(), 5U);
  window->showPage(QStringLiteral("recordings"));
  type("Note at the moment that is shown", QStringLiteral("here it was"));
  waitUntil([&] { return window->session()->recorded()->notes().size() == 1; });
  EXPECT_EQ(window->session()->recorded()->notes()[0].at.us, now - 30 * limits::second);
  hub.cursor().togglePlay();
  hub.tick();
  EXPECT_EQ(hub.cursor().moment(), now - 30 * limits::second + limits::second / 10);
  type("File to record to", folder.filePath(QStringLiteral("again.weft")));
  EXPECT_TRUE(recordings().toldOfRecording().contains(QStringLiteral("recording already")));
}

TEST_F(window_mesh, is_recorded_from_now_on_until_it_is_stopped) {
  openMadeUp();
  window->showPage(QStringLiteral("recordings"));
  const auto file = folder.filePath(QStringLiteral("live.weft"));
  type("File to record to", file);
  auto* button = find<ChipButton>("Begin to record, or stop");
  EXPECT_EQ(button->text(), QStringLiteral("Stop"));
  type("Note at the moment that is shown", QStringLiteral("we begin"));
  waitUntil([&] { return recordings().toldOfRecording().contains(QStringLiteral("frames")); });
  QTest::keyClick(button, Qt::Key_Space);
  waitUntil([&] { return button->text() == QStringLiteral("Record"); });
  EXPECT_TRUE(recordings().toldOfRecording().startsWith(QStringLiteral("Recorded")));
  auto reader = recording::recording_reader::open(os_disk(), file.toStdString());
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(reader->about().cut, "");
  EXPECT_EQ(reader->about().notes.size(), 1U);
}

TEST_F(window_mesh, settings_that_can_not_be_kept_are_told) {
  QFile file(folder.filePath(QStringLiteral("taken")));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  make(folder.filePath(QStringLiteral("taken/monitor.ini"))); // a folder is a file here: not even root can write
  window->showPage(QStringLiteral("settings"));
  auto* page = window->findChild<SettingsPage*>();
  EXPECT_TRUE(page->told().contains(QStringLiteral("can't be written"))) << page->told().toStdString();
}

TEST_F(window_mesh, settings_are_chosen_kept_and_take_effect) {
  window->showPage(QStringLiteral("settings"));
  find<QComboBox>("Theme")->setCurrentIndex(2);
  EXPECT_EQ(Theme::instance().choice(), ThemeChoice::light);
  find<QComboBox>("Time zone")->setCurrentText(QStringLiteral("Asia/Kolkata"));
  EXPECT_EQ(Zone::instance().choice(), QStringLiteral("Asia/Kolkata"));
  QTest::keyClick(find<ChipButton>("Let exports hold the values of events"), Qt::Key_Space);
  EXPECT_FALSE(Preferences::instance().payloadExport());
  TearDown();
  make(folder.filePath(QStringLiteral("monitor.ini")));
  EXPECT_EQ(Theme::instance().choice(), ThemeChoice::light);
  EXPECT_EQ(Zone::instance().choice(), QStringLiteral("Asia/Kolkata"));
  EXPECT_FALSE(Preferences::instance().payloadExport());
  EXPECT_EQ(window->findChild<SettingsPage*>()->told(), QString());
}

TEST_F(window_mesh, what_is_shown_can_be_exported_page_by_page) {
  openMadeUp();
  for (const auto* page : window->pages()) {
    window->showPage(page->id());
    QApplication::processEvents();
    const auto choices = window->exportChoices();
    EXPECT_GE(choices.size(), 2) << page->id().toStdString();
    for (const auto& choice : choices)
      EXPECT_EQ(exports::save(choice, window->exportStamp(), folder.filePath(choice.fileName)), QString());
  }
  window->showPage(QStringLiteral("groups"));
  find<FindField>("Filter groups")->setText(QStringLiteral("pay"));
  EXPECT_EQ(window->exportStamp().filter, QStringLiteral("pay"));
}

} // namespace
} // namespace weft::monitor
