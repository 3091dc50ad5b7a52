#include "gui/widgets/theme.hpp"

#include "gui/widgets/state_shape.hpp"

#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QImage>
#include <gmock/gmock.h>

#include <cmath>
#include <set>

namespace weft::monitor {
namespace {

double luminance(const QColor& colour) {
  const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b) {
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return (high + 0.05) / (low + 0.05);
}

class theme : public testing::TestWithParam<ThemeChoice> {
protected:
  void SetUp() override { Theme::instance().setChoice(GetParam()); }
  void TearDown() override { Theme::instance().setChoice(ThemeChoice::dark); }
};

TEST_P(theme, text_and_states_stand_out_from_the_panel) {
  for (const auto& ink : {tokens().text, tokens().muted})
    EXPECT_GE(contrast(ink, tokens().panel), 4.5) << ink.name().toStdString();
  for (const auto shown : {health::ok, health::warn, health::fail, health::unknown})
    EXPECT_GE(contrast(Theme::instance().of(shown), tokens().panel), 3.5) << static_cast<int>(shown);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_GE(contrast(tokens().series[i], tokens().panel), 3.0) << i;
  EXPECT_GE(contrast(tokens().onAccent, tokens().accent), 4.5);
}

INSTANTIATE_TEST_SUITE_P(both, theme, testing::Values(ThemeChoice::dark, ThemeChoice::light));

TEST(theme_fonts, are_the_embedded_ones_and_figures_are_of_one_width) {
  for (const auto role : {FontRole::text, FontRole::number, FontRole::mono}) {
    const QFont font = Theme::instance().font(role);
    EXPECT_EQ(QFontInfo(font).family(), font.family());
  }
  const QFontMetricsF metrics(Theme::instance().font(FontRole::number, 13));
  std::set<double> widths;
  for (char digit = '0'; digit <= '9'; ++digit)
    widths.insert(metrics.horizontalAdvance(QLatin1Char(digit)));
  EXPECT_EQ(widths.size(), 1U);
}

TEST(theme_scale, is_brought_into_its_limits_and_text_grows_with_it) {
  auto& theme = Theme::instance();
  theme.setTextScale(400);
  EXPECT_EQ(theme.textScale(), Theme::scaleMax);
  EXPECT_EQ(theme.font(FontRole::text, 20).pixelSize(), 30);
  theme.setTextScale(1);
  EXPECT_EQ(theme.textScale(), Theme::scaleMin);
  theme.setTextScale(100);
}

TEST(state_shape, states_differ_without_their_colour) {
  std::set<QByteArray> drawn;
  for (const auto shown : {health::ok, health::warn, health::fail, health::unknown}) {
    QImage image(24, 24, QImage::Format_ARGB32);
    image.fill(Qt::black);
    QPainter painter(&image);
    paintState(painter, {12, 12}, 16, shown, Qt::white);
    painter.end();
    drawn.insert(QByteArray(reinterpret_cast<const char*>(image.constBits()), image.sizeInBytes()));
  }
  EXPECT_EQ(drawn.size(), 4U);
}

} // namespace
} // namespace weft::monitor
