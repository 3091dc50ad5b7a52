#include "gui/pages/chart_column.hpp"

#include "gui/widgets/theme.hpp"

namespace weft::monitor {
namespace {

constexpr int gapPx = 8, leastPx = 118;

} // namespace

ChartColumn::ChartColumn(const QList<QWidget*>& charts, QWidget* parent) : QWidget(parent), charts_(charts) {
  for (auto* chart : charts_)
    chart->setParent(this);
  connect(&Theme::instance(), &Theme::changed, this, &ChartColumn::fit);
}

QSize ChartColumn::minimumSizeHint() const { return {Theme::instance().px(220), Theme::instance().px(leastPx)}; }

void ChartColumn::resizeEvent(QResizeEvent*) { fit(); }

void ChartColumn::fit() {
  const int least = Theme::instance().px(leastPx) + gapPx, all = static_cast<int>(charts_.size());
  const int shown = std::clamp((height() + gapPx) / least, 1, all);
  for (int i = 0; i < all; ++i) {
    const int from = (height() + gapPx) * i / shown, until = (height() + gapPx) * (i + 1) / shown - gapPx;
    charts_[i]->setVisible(i < shown);
    if (i < shown) charts_[i]->setGeometry(0, from, width(), until - from);
  }
}

} // namespace weft::monitor
