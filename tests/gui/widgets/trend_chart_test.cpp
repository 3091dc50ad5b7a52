#include "gui/widgets/trend_chart.hpp"

#include <QTest>
#include <gmock/gmock.h>

#include <random>

namespace weft::monitor {
namespace {

using testing::ElementsAre;

TEST(spread, leaves_labels_that_have_room_where_they_are) {
  EXPECT_THAT(spread({10, 40, 90}, 14, 0, 100), ElementsAre(10, 40, 90));
}

TEST(spread, never_lets_two_overlap_nor_any_leave_the_area) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> wanted(8);
    for (auto& y : wanted)
      y = std::uniform_real_distribution<>(0, 150)(random);
    std::ranges::sort(wanted);
    const auto places = spread(wanted, 14, 0, 150);
    for (std::size_t i = 0; i < places.size(); ++i) {
      EXPECT_GE(places[i] - 7, -1e-9);
      EXPECT_LE(places[i] + 7, 150 + 1e-9);
      if (i > 0) {
        EXPECT_GE(places[i] - places[i - 1], 14 - 1e-9);
      }
    }
  }
}

TEST(trend_chart, eight_series_that_end_together_have_labels_apart) {
  TrendChart chart(QStringLiteral("Test"));
  chart.resize(420, 220);
  std::vector<TrendLine> lines;
  for (int i = 0; i < 10; ++i) {
    TrendLine line{QStringLiteral("series-%1").arg(i), {}};
    for (time_us at = 0; at < 60; ++at)
      line.points.push_back({at * 1'000'000, 1, 1, 100.0 + i * 0.01, 1});
    lines.push_back(line);
  }
  chart.setLines(lines, 0, 60'000'000, true);
  chart.show();
  QApplication::processEvents();
  const auto places = chart.labelPlaces();
  ASSERT_EQ(places.size(), TrendChart::linesMax);
  for (std::size_t i = 1; i < places.size(); ++i)
    EXPECT_GE(places[i] - places[i - 1], 13.9);
  EXPECT_TRUE(chart.accessibleDescription().contains(QStringLiteral("series-0 100")));
}

TEST(trend_chart, charts_with_news_are_painted_with_the_window_in_one_go) {
  struct Counting : QWidget {
    int paintings = 0;
    bool event(QEvent* event) override {
      paintings += event->type() == QEvent::UpdateRequest ? 1 : 0;
      return QWidget::event(event);
    }
  } window;
  TrendChart one(QStringLiteral("One"), &window), other(QStringLiteral("Other"), &window);
  one.setGeometry(0, 0, 200, 120);
  other.setGeometry(0, 120, 200, 120);
  window.resize(200, 240);
  window.show();
  ASSERT_TRUE(QTest::qWaitForWindowExposed(&window));
  QApplication::processEvents();
  window.paintings = 0;
  const TrendLine line{QStringLiteral("a"), {{0, 1, 1, 1, 1}, {60'000'000, 2, 2, 2, 1}}};
  one.setLines({line}, 0, 60'000'000, true);
  other.setLines({line}, 0, 60'000'000, true);
  ASSERT_TRUE(QTest::qWaitFor([&] { return window.paintings > 0; }));
  EXPECT_EQ(window.paintings, 1);
}

} // namespace
} // namespace weft::monitor
