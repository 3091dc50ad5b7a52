#include "gui/models/time_cursor.hpp"

#include "gui/models/top_choice.hpp"

#include <QSignalSpy>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::ElementsAre;

TEST(time_cursor, winds_back_from_live_and_goes_live_at_the_newest) {
  TimeCursor cursor;
  QSignalSpy changed(&cursor, &TimeCursor::changed);
  cursor.setBounds(100, 1000);
  EXPECT_EQ(cursor.moment(), 1000);
  cursor.step(-10);
  EXPECT_FALSE(cursor.isLive());
  EXPECT_EQ(cursor.moment(), 990);
  cursor.step(10);
  EXPECT_TRUE(cursor.isLive());
  EXPECT_EQ(changed.count(), 2);
}

TEST(time_cursor, plays_the_past_at_a_speed_and_is_live_at_its_end) {
  TimeCursor cursor;
  QSignalSpy played(&cursor, &TimeCursor::playChanged);
  cursor.setBounds(0, 10'000);
  cursor.togglePlay();
  EXPECT_FALSE(cursor.isPlaying()) << "live goes on by itself";
  cursor.goTo(1000);
  cursor.pass(100);
  EXPECT_EQ(cursor.moment(), 1000) << "it stands until it is played";
  cursor.togglePlay();
  cursor.pass(100);
  EXPECT_EQ(cursor.moment(), 1100);
  for (int i = 0; i < 9; ++i)
    cursor.changeSpeed(1);
  EXPECT_EQ(cursor.speed(), 16);
  cursor.pass(100);
  EXPECT_EQ(cursor.moment(), 2700);
  for (int i = 0; i < 9; ++i)
    cursor.changeSpeed(-1);
  EXPECT_EQ(cursor.speed(), 0.25);
  cursor.pass(100);
  EXPECT_EQ(cursor.moment(), 2725);
  cursor.pass(100'000);
  EXPECT_TRUE(cursor.isLive());
  EXPECT_FALSE(cursor.isPlaying());
  cursor.goTo(100);
  EXPECT_FALSE(cursor.isPlaying()) << "who winds back wants to look first";
  EXPECT_EQ(played.count(), 12) << "four steps up, six down, begun and ended";
}

TEST(time_cursor, stays_where_it_is_while_the_mesh_goes_on) {
  TimeCursor cursor;
  cursor.setBounds(100, 1000);
  cursor.togglePause();
  cursor.setBounds(100, 2000);
  EXPECT_EQ(cursor.moment(), 1000);
  cursor.togglePause();
  EXPECT_EQ(cursor.moment(), 2000);
}

TEST(time_cursor, a_moment_that_is_kept_no_longer_becomes_the_oldest_that_is) {
  TimeCursor cursor;
  cursor.setBounds(100, 1000);
  cursor.goTo(1);
  EXPECT_EQ(cursor.moment(), 100);
  cursor.setBounds(300, 1000);
  EXPECT_EQ(cursor.moment(), 300);
}

TEST(top_choice, what_was_chosen_stays_while_it_is_among_the_first_twice_as_many) {
  TopChoice top(2);
  EXPECT_THAT(top.pick({{3, "a"}, {2, "b"}, {1, "c"}, {0, "d"}}), ElementsAre("a", "b"));
  EXPECT_THAT(top.pick({{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}), ElementsAre("a", "b"));
  EXPECT_THAT(top.pick({{0, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, {5, "e"}}), ElementsAre("b", "e"));
}

} // namespace
} // namespace weft::monitor
