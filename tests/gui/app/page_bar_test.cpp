#include "gui/app/page_bar.hpp"

#include "gui/app/page_tabs.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"

#include <QApplication>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

class page_bar : public testing::Test {
protected:
  void SetUp() override {
    for (int i = 0; i < 12; ++i)
      bar.addTab(QStringLiteral("Page number %1").arg(i + 1));
    bar.resize(800, bar.sizeHint().height());
    bar.show();
    QApplication::processEvents();
  }
  void TearDown() override { Theme::instance().setTextScale(100); }
  PageTabs& tabs() { return *bar.findChild<PageTabs*>(); }
  ChipButton& more() { return *bar.findChild<ChipButton*>(); }

  PageBar bar;
};

TEST_F(page_bar, without_room_for_all_the_rest_is_in_a_menu) {
  const auto others = bar.others();
  EXPECT_GT(others.size(), 2);
  EXPECT_EQ(others.last(), 11);
  EXPECT_TRUE(more().isVisible());
  EXPECT_LE(more().geometry().right(), bar.width());
  EXPECT_LE(tabs().geometry().right(), more().geometry().left());
}

TEST_F(page_bar, with_room_for_all_there_is_no_menu) {
  bar.resize(bar.sizeHint());
  EXPECT_TRUE(bar.others().isEmpty());
  EXPECT_FALSE(more().isVisible());
}

TEST_F(page_bar, the_page_that_is_shown_has_a_tab_wherever_it_is) {
  QSignalSpy changed(&bar, &PageBar::currentChanged);
  for (const int page : {11, 0, 7, 3}) {
    bar.setCurrentIndex(page);
    EXPECT_EQ(bar.currentIndex(), page);
    EXPECT_FALSE(bar.others().contains(page));
    EXPECT_TRUE(bar.rect().contains(tabs().tabRect(page).translated(tabs().pos()))) << page;
  }
  EXPECT_EQ(changed.count(), 4);
}

TEST_F(page_bar, the_menu_opens_by_key_and_shows_a_page) {
  QTest::keyClick(&more(), Qt::Key_Space);
  auto* menu = bar.findChild<QMenu*>();
  ASSERT_TRUE(menu->isVisible());
  const auto others = bar.others();
  ASSERT_EQ(menu->actions().size(), others.size());
  menu->actions().last()->trigger();
  menu->hide();
  EXPECT_EQ(bar.currentIndex(), others.last());
}

TEST_F(page_bar, larger_text_leaves_fewer_tabs_and_none_is_cut) {
  const auto before = bar.others().size();
  Theme::instance().setTextScale(150);
  QApplication::processEvents();
  EXPECT_GT(bar.others().size(), before);
  EXPECT_LE(more().geometry().right(), bar.width());
}

TEST_F(page_bar, nonsense_chooses_nothing) {
  bar.setCurrentIndex(-1);
  bar.setCurrentIndex(12);
  EXPECT_EQ(bar.currentIndex(), 0);
}

} // namespace
} // namespace weft::monitor
