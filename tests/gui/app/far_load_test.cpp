#include "gui/app/far_load.hpp"

#include "gui/widgets/time_bar.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QApplication>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

/// Keeps a day, of which its series know the last hour.
class LongMesh : public FakeMesh {
public:
  time_us oldest() const override { return fakeStart - 24 * 3'600'000'000LL; }
};

class far_load : public testing::Test {
protected:
  void settle() {
    load.waitForDone();
    QApplication::processEvents();
  }
  LongMesh mesh;
  FarLoad load;
};

TEST_F(far_load, samples_what_somebody_looks_back_to_and_nothing_twice) {
  load.setSource(mesh, nullptr);
  load.want(fakeStart - 6 * 3'600'000'000LL, fakeStart - 3'600'000'000LL);
  settle();
  EXPECT_EQ(mesh.seeks, 19);
  ASSERT_FALSE(load.points().empty());
  EXPECT_TRUE(std::ranges::is_sorted(load.points(), {}, &series_point::at));
  EXPECT_EQ(load.points().front().mean(), 48213);
  load.want(fakeStart - 6 * 3'600'000'000LL, fakeStart - 3'600'000'000LL);
  settle();
  EXPECT_EQ(mesh.seeks, 19);
  load.want(0, fakeStart - 3'600'000'000LL);
  settle();
  EXPECT_EQ(mesh.seeks, 91) << "the rest of the day";
}

TEST_F(far_load, of_another_source_nothing_is_left) {
  load.setSource(mesh, nullptr);
  load.want(fakeStart - 3 * 3'600'000'000LL, fakeStart);
  FakeMesh other;
  load.setSource(other, nullptr);
  settle();
  EXPECT_TRUE(load.points().empty());
}

TEST_F(far_load, stands_on_the_time_bar_before_what_series_know) {
  TimeCursor cursor;
  TimeBar bar(cursor);
  bar.resize(1000, bar.sizeHint().height());
  cursor.setBounds(mesh.oldest(), mesh.latest()->at);
  bar.refresh(mesh, {});
  const auto begins = bar.track().loadBegins();
  const auto before = bar.track().load().size();
  bar.refresh(mesh, {{begins - 1, 5, 5, 5, 1}, {begins + 1, 7, 7, 7, 1}});
  ASSERT_EQ(bar.track().load().size(), begins - 1 < bar.track().from() ? before : before + 1);
  EXPECT_EQ(bar.track().loadBegins(), begins) << "what was sampled is not what the series have";
}

} // namespace
} // namespace weft::monitor
