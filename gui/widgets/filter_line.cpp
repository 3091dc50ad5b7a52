#include "gui/widgets/filter_line.hpp"

#include "gui/widgets/theme.hpp"

#include <QPainter>

namespace weft::monitor {

void FilterLine::setProblem(int at, int length) {
  at_ = at, length_ = length;
  update();
}

QSize FilterLine::sizeHint() const { return {Theme::instance().px(520), FindField::sizeHint().height()}; }

QSize FilterLine::minimumSizeHint() const { return {Theme::instance().px(160), FindField::sizeHint().height()}; }

void FilterLine::paintEvent(QPaintEvent* event) {
  FindField::paintEvent(event);
  if (length_ == 0) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hairline(tokens().fail));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  // Where text is drawn follows from where the cursor is, however far the line has scrolled.
  const QFontMetricsF metrics(font());
  const double zero = cursorRect().center().x() - metrics.horizontalAdvance(text().left(cursorPosition()));
  const double from = zero + metrics.horizontalAdvance(text().left(at_));
  const double until = std::max(from + 4, zero + metrics.horizontalAdvance(text().left(at_ + length_)));
  const double y = height() / 2.0 + metrics.height() / 2 - 1;
  painter.setClipRect(rect().adjusted(4, 0, -4, 0));
  QPolygonF wave;
  for (double x = from; x <= until + 0.1; x += 2)
    wave << QPointF(x, y + (wave.size() % 2 == 0 ? 1 : -1));
  painter.drawPolyline(wave);
}

} // namespace weft::monitor
