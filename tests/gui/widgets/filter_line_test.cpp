// A filter line that offers how it may go on, by the keys.
#include "gui/widgets/filter_line.hpp"

#include "gui/widgets/completion_list.hpp"

#include <QApplication>
#include <QHBoxLayout>
#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

struct filter_line : testing::Test {
  void SetUp() override {
    line.setWords([] {
      return filter_words{.topics = {"retail.orders"}, .types = {"Order Placed", "Paid"}, .fields = {"total"}};
    });
    auto* row = new QHBoxLayout(&window);
    row->addWidget(&line);
    row->addWidget(&next);
    window.resize(640, 80);
    window.show();
    window.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    line.setFocus();
    QApplication::processEvents();
  }
  void type(const char* text) { QTest::keyClicks(&line, QString::fromUtf8(text)); }
  void press(int key, Qt::KeyboardModifiers with = Qt::NoModifier) { QTest::keyClick(&line, Qt::Key(key), with); }
  QStringList offered() { return line.offered().isVisible() ? line.offered().choices() : QStringList(); }
  std::string text() { return line.text().toStdString(); }

  QWidget window;
  FilterLine line{QStringLiteral("a hint"), QStringLiteral("Filter events")};
  QLineEdit next;
};

TEST_F(filter_line, is_written_with_arrows_tab_and_enter_alone) {
  QSignalSpy read(&line, &QLineEdit::returnPressed);
  type("to");
  EXPECT_EQ(offered(), (QStringList{QStringLiteral("topic"), QStringLiteral("total")}));
  press(Qt::Key_Tab); // the first one
  EXPECT_EQ(text(), "topic ");
  EXPECT_EQ(offered().value(0), QStringLiteral("="));
  press(Qt::Key_Down);
  press(Qt::Key_Return);
  EXPECT_EQ(text(), "topic = ");
  press(Qt::Key_Down);
  press(Qt::Key_Down);
  press(Qt::Key_Down); // there is no third one
  press(Qt::Key_Up);
  press(Qt::Key_Down);
  press(Qt::Key_Return);
  EXPECT_EQ(text(), "topic = retail.orders ");
  EXPECT_EQ(offered(), QStringList());
  EXPECT_EQ(read.count(), 0) << "Enter took what was chosen";
  press(Qt::Key_Return);
  EXPECT_EQ(read.count(), 1);
}

TEST_F(filter_line, enter_means_the_line_while_nothing_is_chosen) {
  QSignalSpy read(&line, &QLineEdit::returnPressed);
  type("to");
  ASSERT_FALSE(offered().isEmpty());
  press(Qt::Key_Return);
  EXPECT_EQ(read.count(), 1);
  EXPECT_EQ(text(), "to");
  EXPECT_EQ(offered(), QStringList());
}

TEST_F(filter_line, escape_closes_the_list_and_leaves_what_is_typed) {
  type("to");
  press(Qt::Key_Escape);
  EXPECT_EQ(offered(), QStringList());
  EXPECT_EQ(text(), "to");
}

TEST_F(filter_line, tab_goes_on_where_nothing_is_offered) {
  type("xyz");
  EXPECT_EQ(offered(), QStringList());
  press(Qt::Key_Tab);
  EXPECT_EQ(QApplication::focusWidget(), &next);
}

TEST_F(filter_line, what_it_offers_goes_when_the_keys_go_elsewhere) {
  type("to");
  ASSERT_FALSE(offered().isEmpty());
  next.setFocus();
  EXPECT_EQ(offered(), QStringList());
}

TEST_F(filter_line, control_and_space_offer_all_there_is) {
  press(Qt::Key_Space, Qt::ControlModifier);
  EXPECT_EQ(offered().value(0), QStringLiteral("topic"));
  EXPECT_EQ(text(), "");
}

TEST_F(filter_line, completes_in_the_middle_and_quotes_what_has_spaces) {
  type("type = or and tea");
  line.setCursorPosition(9);
  press(Qt::Key_Space, Qt::ControlModifier);
  EXPECT_EQ(offered(), QStringList{QStringLiteral("Order Placed")});
  press(Qt::Key_Tab);
  EXPECT_EQ(text(), "type = \"Order Placed\"  and tea");
}

TEST_F(filter_line, without_words_offers_nothing) {
  FilterLine plain{QStringLiteral("NODE/EPOCH/SEQ"), QStringLiteral("Position")};
  plain.show();
  QTest::keyClicks(&plain, QStringLiteral("to"));
  EXPECT_FALSE(plain.offered().isVisible());
}

} // namespace
} // namespace weft::monitor
