#include "gui/widgets/hex_view.hpp"

#include "gui/widgets/theme.hpp"

#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

struct hex_view : testing::Test {
  void SetUp() override {
    view.resize(620, 200);
    view.show();
  }
  HexView view{QStringLiteral("Bytes")};
};

TEST_F(hex_view, a_line_has_its_offset_digits_and_characters) {
  view.setBytes(QByteArray("{\"quantity\":5}\xff\0 tea", 20));
  ASSERT_EQ(view.perLine(), 16);
  EXPECT_EQ(view.line(0),
            QStringLiteral("000000  7b 22 71 75 61 6e 74 69 74 79 22 3a 35 7d ff 00  {\"quantity\":5}\u00b7\u00b7"));
  EXPECT_EQ(view.line(1),
            QStringLiteral("000010  20 74 65 61") + QString(38, QLatin1Char(' ')) + QStringLiteral(" tea"));
}

TEST_F(hex_view, has_fewer_bytes_a_line_where_it_is_narrow) {
  view.resize(340, 200);
  EXPECT_EQ(view.perLine(), 8);
  view.resize(200, 200);
  EXPECT_EQ(view.perLine(), 4);
}

TEST_F(hex_view, scrolls_to_what_is_marked_and_tells_which_byte_was_clicked) {
  view.setBytes(QByteArray(100'000, 'x'));
  view.setMarked(80'000, 80'010);
  EXPECT_GT(view.verticalScrollBar()->value(), 4000);
  view.setMarked(0, 3);
  EXPECT_LE(view.verticalScrollBar()->value(), 0);
  view.grab();
  QSignalSpy clicked(&view, &HexView::byteClicked);
  for (int x = 0; x < view.viewport()->width(); x += 3)
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(x, 5));
  ASSERT_GT(clicked.count(), 16);
  EXPECT_EQ(clicked.first()[0].toLongLong(), 0);
  EXPECT_EQ(clicked.last()[0].toLongLong(), 15);
}

TEST_F(hex_view, is_scrolled_by_keys) {
  view.setBytes(QByteArray(10'000, 'x'));
  QTest::keyClick(&view, Qt::Key_Down);
  QTest::keyClick(&view, Qt::Key_Down);
  QTest::keyClick(&view, Qt::Key_Up);
  EXPECT_EQ(view.verticalScrollBar()->value(), 1);
  QTest::keyClick(&view, Qt::Key_PageDown);
  EXPECT_GT(view.verticalScrollBar()->value(), 5);
}

} // namespace
} // namespace weft::monitor
