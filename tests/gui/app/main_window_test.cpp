#include "gui/app/main_window.hpp"

#include "gui/app/find_box.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/status_line.hpp"
#include "gui/core/demo_access.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/time_bar.hpp"
#include "gui/widgets/topology_view.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QApplication>
#include <QCheckBox>
#include <QCompleter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

class main_window : public testing::Test {
protected:
  void SetUp() override { open(); }
  void TearDown() override {
    Theme::instance().setChoice(ThemeChoice::dark);
    Theme::instance().setTextScale(100);
    Theme::instance().setMotionAllowed(true);
  }
  void open() {
    window.reset();
    window = std::make_unique<MainWindow>(hub, errands, folder.filePath(QStringLiteral("monitor.ini")),
                                          [] { return std::vector<PlaceRow>(); });
    window->resize(1280, 800);
    window->show();
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
    hub.tick();
  }
  void press(Qt::Key key, Qt::KeyboardModifiers with = Qt::NoModifier) {
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : window.get(), key, with);
  }
  std::string shown() { return window->page()->id().toStdString(); }

  QTemporaryDir folder;
  FakeMesh mesh;
  MeshHub hub{mesh};
  Errands errands{std::make_shared<demo_access>(mesh)};
  std::unique_ptr<MainWindow> window;
};

TEST_F(main_window, ctrl_and_a_digit_shows_a_page) {
  const std::vector<std::pair<Qt::Key, std::string>> keys{{Qt::Key_2, "topology"},
                                                          {Qt::Key_3, "topics"},
                                                          {Qt::Key_4, "groups"},
                                                          {Qt::Key_5, "node"},
                                                          {Qt::Key_1, "overview"}};
  for (const auto& [key, id] : keys) {
    press(key, Qt::ControlModifier);
    EXPECT_EQ(shown(), id);
  }
}

TEST_F(main_window, operating_is_locked_until_somebody_asks_for_it_and_after_each_start) {
  EXPECT_FALSE(window->operate().operating().isUnlocked());
  press(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
  auto* asks = window->operate().dialog();
  ASSERT_NE(asks, nullptr);
  EXPECT_FALSE(window->operate().operating().isUnlocked());
  asks->findChild<QCheckBox*>()->setChecked(true);
  for (auto* button : asks->findChildren<QAbstractButton*>())
    if (button->text() == QStringLiteral("Unlock")) button->click();
  EXPECT_TRUE(window->operate().operating().isUnlocked());
  hub.cursor().goTo(fakeStart - 60'000'000);
  EXPECT_TRUE(window->operate().operating().whyNot().contains(QStringLiteral("not the mesh as it is now")));
  hub.cursor().goLive();
  EXPECT_EQ(window->operate().operating().whyNot(), QString());
  press(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_FALSE(window->operate().operating().isUnlocked());
  window->operate().operating().unlock();
  open();
  EXPECT_FALSE(window->operate().operating().isUnlocked());
}

TEST_F(main_window, ctrl_shift_r_plans_a_seek_of_the_chosen_group) {
  press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_EQ(shown(), "groups");
  auto* seek = window->operate().dialog();
  ASSERT_NE(seek, nullptr);
  EXPECT_TRUE(seek->windowTitle().startsWith(QStringLiteral("Seek the group "))) << seek->windowTitle().toStdString();
}

TEST_F(main_window, every_widget_that_takes_the_focus_has_a_name) {
  std::vector<std::string> nameless;
  for (auto* page : window->pages()) {
    window->showPage(page->id());
    for (auto* widget : window->findChildren<QWidget*>())
      if (widget->focusPolicy() != Qt::NoFocus && widget->accessibleName().isEmpty() &&
          widget->focusProxy() == nullptr) {
        const auto* scrolled = qobject_cast<const QAbstractScrollArea*>(widget->parentWidget());
        if (scrolled == nullptr || scrolled->viewport() != widget)
          nameless.push_back(widget->metaObject()->className());
      }
  }
  EXPECT_THAT(nameless, testing::IsEmpty());
}

TEST_F(main_window, settings_outlast_it) {
  Theme::instance().setChoice(ThemeChoice::light);
  Theme::instance().setTextScale(120);
  Theme::instance().setMotionAllowed(false);
  window->showPage(QStringLiteral("groups"));
  window->close();
  TearDown();
  open();
  EXPECT_EQ(Theme::instance().choice(), ThemeChoice::light);
  EXPECT_EQ(Theme::instance().textScale(), 120);
  EXPECT_FALSE(Theme::instance().motionAllowed());
  EXPECT_EQ(shown(), "groups");
}

TEST_F(main_window, space_stops_time_and_pages_stay_at_that_moment) {
  window->setFocus();
  press(Qt::Key_Space);
  EXPECT_FALSE(hub.cursor().isLive());
  QSignalSpy moved(&hub, &MeshHub::momentChanged);
  if (hub.isSeeking()) {
    ASSERT_TRUE(moved.wait(5000));
  }
  mesh.set(fakeSnapshot(50));
  const auto before = hub.moment().now->at;
  hub.tick();
  EXPECT_EQ(hub.moment().now->at, before);
  EXPECT_FALSE(hub.moment().live);
  press(Qt::Key_End);
  EXPECT_EQ(hub.moment().now->sequence, 50U);
  EXPECT_TRUE(hub.moment().live);
}

TEST_F(main_window, space_and_end_are_of_the_time_bar_in_a_table_too) {
  window->showPage(QStringLiteral("groups"));
  auto* table = window->page()->findChild<LightTable*>();
  table->setFocus();
  press(Qt::Key_Space);
  EXPECT_FALSE(hub.cursor().isLive());
  press(Qt::Key_End);
  EXPECT_TRUE(hub.cursor().isLive());
}

TEST_F(main_window, a_slash_filters_the_page_or_finds_anything) {
  const auto focused = [] { return QApplication::focusWidget()->accessibleName().toStdString(); };
  press(Qt::Key_Slash);
  EXPECT_EQ(focused(), "Find anything");
  window->setFocus();
  window->showPage(QStringLiteral("topology"));
  press(Qt::Key_Slash);
  EXPECT_EQ(focused(), "Find nodes and zones");
}

TEST_F(main_window, what_is_opened_is_shown_though_a_filter_would_hide_it) {
  window->showPage(QStringLiteral("groups"));
  auto* page = window->page();
  press(Qt::Key_Slash);
  QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("pay"));
  const auto tables = page->findChildren<LightTable*>();
  const auto groups = std::ranges::find(tables, QStringLiteral("Groups"), &QWidget::accessibleName);
  ASSERT_NE(groups, tables.end());
  auto* table = *groups;
  ASSERT_EQ(table->model()->rowCount(), 1);
  window->showPage(QStringLiteral("groups"), QStringLiteral("audit"));
  EXPECT_EQ(table->selectedKey(), QStringLiteral("audit"));
}

TEST_F(main_window, of_many_moments_wished_for_the_last_is_shown) {
  QSignalSpy moved(&hub, &MeshHub::momentChanged);
  for (int i = 1; i <= 20; ++i)
    hub.cursor().goTo(fakeStart - i * 1'000'000);
  while (hub.isSeeking())
    ASSERT_TRUE(moved.wait(5000));
  EXPECT_EQ(hub.moment().now->at, fakeStart - 20'000'000);
  EXPECT_LE(mesh.seeks, 3);
}

TEST_F(main_window, pins_and_the_kind_of_layout_outlast_it) {
  window->showPage(QStringLiteral("topology"));
  auto* view = window->page()->findChild<TopologyView*>();
  Q_EMIT view->nodeMoved(QStringLiteral("cart"), {10, 20});
  EXPECT_TRUE(view->graph().nodes[0].pinned);
  window->close();
  open();
  window->showPage(QStringLiteral("topology"));
  view = window->page()->findChild<TopologyView*>();
  EXPECT_TRUE(view->graph().nodes[0].pinned);
  EXPECT_FALSE(view->graph().nodes[1].pinned);
}

TEST_F(main_window, find_opens_what_is_typed) {
  press(Qt::Key_K, Qt::ControlModifier);
  auto* find = window->findChild<FindBox*>();
  ASSERT_TRUE(find->hasFocus());
  QTest::keyClicks(find, QStringLiteral("ledg"));
  find->completer()->popup()->hide();
  QTest::keyClick(find, Qt::Key_Return);
  EXPECT_EQ(shown(), "node");
  EXPECT_TRUE(find->text().isEmpty());
}

TEST_F(main_window, find_opens_an_event_by_its_position) {
  auto* find = window->findChild<FindBox*>();
  find->setFocus();
  QTest::keyClicks(find, QStringLiteral("cart/1-de30/115200005760"));
  QTest::keyClick(find, Qt::Key_Return);
  EXPECT_EQ(shown(), "events");
  EXPECT_TRUE(find->text().isEmpty());
}

TEST_F(main_window, t_traces_the_chosen_event_but_is_a_letter_where_one_types) {
  window->showPage(QStringLiteral("events"));
  while (window->page()->isBusy())
    QApplication::processEvents(QEventLoop::WaitForMoreEvents);
  press(Qt::Key_Slash);
  press(Qt::Key_T);
  EXPECT_EQ(shown(), "events");
  for (auto* table : window->page()->findChildren<LightTable*>())
    if (table->accessibleName() == QStringLiteral("Events")) table->setFocus();
  press(Qt::Key_T);
  EXPECT_EQ(shown(), "trace");
}

TEST_F(main_window, a_problem_of_the_source_stands_in_the_status_line) {
  mesh.shown = {false, "node a at data/a", "it does not answer; start it with weft node"};
  hub.tick(); // though nothing new is shown
  EXPECT_TRUE(window->findChild<StatusLine*>()->left().contains(QStringLiteral("does not answer")));
}

TEST_F(main_window, no_colour_is_foreign_to_the_theme) {
  // Text is antialiased, so only large even areas count: of a grab, the most frequent colours.
  for (const auto choice : {ThemeChoice::dark, ThemeChoice::light}) {
    Theme::instance().setChoice(choice);
    for (auto* page : window->pages()) {
      window->showPage(page->id());
      QApplication::processEvents();
      const QImage image = window->grab().toImage();
      std::map<QRgb, int> counts;
      for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
          ++counts[image.pixel(x, y)];
      const auto& t = tokens();
      const std::vector<QRgb> known{t.window.rgb(),    t.panel.rgb(), t.raised.rgb(), t.stripe.rgb(),
                                    t.selection.rgb(), t.hover.rgb(), t.accent.rgb(), t.border.rgb()};
      for (const auto& [colour, count] : counts)
        if (count > image.width() * image.height() / 50) {
          EXPECT_THAT(known, testing::Contains(colour))
              << page->id().toStdString() << " has " << QColor(colour).name().toStdString();
        }
    }
  }
}

} // namespace
} // namespace weft::monitor
