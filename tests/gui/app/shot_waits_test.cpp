#include "gui/app/shot_waits.hpp"

#include "tests/gui/models/fake_mesh.hpp"

#include <QThreadPool>
#include <QTimer>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

TEST(shot_waits, end_as_soon_as_what_is_waited_for_has_come) {
  int looks = 0;
  waitForShot([&] { return ++looks < 5; }, QStringLiteral("nothing"), 60'000);
  EXPECT_EQ(looks, 5) << "and nothing else has to wake the window";
}

TEST(shot_waits, in_vain_end_the_program_with_a_line_that_says_for_what) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(waitForShot([] { return true; }, QStringLiteral("page events, picture e.png: for its reading"), 50),
              testing::ExitedWithCode(1), "waited 50 ms in vain, page events, picture e.png: for its reading");
}

TEST(shot_waits, in_vain_for_the_pool_end_the_program_too) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto stuck = [] {
    QThreadPool::globalInstance()->start([] {
      for (;;)
        QThread::msleep(1000);
    });
    waitForPool(QStringLiteral("e.png"), 50);
  };
  EXPECT_EXIT(stuck(), testing::ExitedWithCode(1), "picture e.png: for layouts");
}

} // namespace
} // namespace weft::monitor
