// gui/widgets/stroke.hpp: lines of weight from pens of one device pixel.
#pragma once
#include <QPainter>

#include <cmath>

namespace weft::monitor {

/// Calls `draw`, which strokes with a hairline, as often and so far apart that the line looks `weight` pixels wide at
/// any resolution. A wide antialiased pen would cost 38 times as much.
/// @param across a unit vector, about at a right angle to the line
template <class Draw>
void paintStroke(QPainter& painter, double weight, QPointF across, const Draw& draw) {
  const double ratio = painter.device()->devicePixelRatioF(), extra = std::max(0.0, weight - 1 / ratio);
  const int times = extra > 0.05 ? 1 + static_cast<int>(std::ceil(extra * ratio * 0.85)) : 1;
  const QPointF step = times > 1 ? across * (extra / (times - 1)) : QPointF();
  painter.translate(across * (-extra / 2));
  for (int i = 0; i < times; ++i) {
    if (i > 0) painter.translate(step);
    draw();
  }
  painter.translate(across * (-extra / 2));
}

} // namespace weft::monitor
