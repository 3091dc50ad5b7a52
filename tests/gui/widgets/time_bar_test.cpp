#include "gui/widgets/time_bar.hpp"

#include "tests/gui/models/fake_mesh.hpp"

#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

class time_bar : public testing::Test {
protected:
  void SetUp() override {
    cursor.setBounds(mesh.oldest(), mesh.latest()->at);
    bar.resize(1000, bar.sizeHint().height());
    bar.show();
    bar.refresh(mesh);
    track().setFocus();
  }
  TimeTrack& track() { return bar.track(); }
  void press(Qt::Key key, Qt::KeyboardModifiers with = Qt::NoModifier) { QTest::keyClick(&track(), key, with); }

  FakeMesh mesh;
  TimeCursor cursor;
  TimeBar bar{cursor};
};

TEST_F(time_bar, place_and_time_are_one_anothers_inverse) {
  for (const time_us back : {1'000'000LL, 60'000'000LL, 500'000'000LL}) {
    const time_us at = mesh.latest()->at - back;
    EXPECT_NEAR(double(track().timeAt(track().xOf(at)) - at), 0, 2);
  }
}

TEST_F(time_bar, dragging_winds_back_and_the_end_is_live) {
  const QPoint middle(track().width() / 2, 10);
  QTest::mousePress(&track(), Qt::LeftButton, {}, middle);
  EXPECT_FALSE(cursor.isLive());
  EXPECT_NEAR(double(cursor.newest() - cursor.moment()), double(track().spanShown()) / 2,
              double(track().spanShown()) / 50);
  QTest::mouseMove(&track(), QPoint(track().width() - 1, 10));
  QTest::mouseRelease(&track(), Qt::LeftButton, {}, QPoint(track().width() - 1, 10));
  press(Qt::Key_End);
  EXPECT_TRUE(cursor.isLive());
}

TEST_F(time_bar, keys_step_by_seconds_and_minutes) {
  press(Qt::Key_Left);
  EXPECT_EQ(cursor.newest() - cursor.moment(), 1'000'000);
  press(Qt::Key_Left, Qt::ShiftModifier);
  EXPECT_EQ(cursor.newest() - cursor.moment(), 11'000'000);
  press(Qt::Key_PageUp);
  EXPECT_EQ(cursor.newest() - cursor.moment(), 71'000'000);
  press(Qt::Key_Home);
  EXPECT_EQ(cursor.moment(), mesh.oldest());
  press(Qt::Key_End);
  EXPECT_TRUE(cursor.isLive());
}

TEST_F(time_bar, goes_to_the_mark_before) {
  track().stepMark(-1);
  EXPECT_EQ(cursor.moment(), fakeStart - 120'000'000);
  track().stepMark(-1);
  EXPECT_EQ(cursor.moment(), fakeStart - 120'000'000);
}

TEST_F(time_bar, goes_to_a_mark_that_is_not_in_what_it_shows) {
  while (track().spanShown() > 60'000'000)
    track().zoom(0.5);
  bar.refresh(mesh);
  track().stepMark(-1);
  EXPECT_EQ(cursor.moment(), fakeStart - 120'000'000);
  bar.refresh(mesh);
  EXPECT_GE(cursor.moment(), track().from());
  EXPECT_LE(cursor.moment(), track().from() + track().spanShown());
}

TEST_F(time_bar, zoom_keeps_the_moment_in_its_place) {
  cursor.goTo(fakeStart - 300'000'000);
  const double before = track().xOf(cursor.moment());
  const auto span = track().spanShown();
  press(Qt::Key_Plus);
  EXPECT_LT(track().spanShown(), span);
  EXPECT_NEAR(track().xOf(cursor.moment()), before, 1);
}

} // namespace
} // namespace weft::monitor
