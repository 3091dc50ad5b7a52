#include "gui/widgets/state_shape.hpp"

#include "gui/widgets/theme.hpp"

#include <QPainter>
#include <QPainterPath>

namespace weft::monitor {

void paintState(QPainter& painter, QPointF centre, double size, health shown, const QColor& colour) {
  const QColor paint = colour.isValid() ? colour : Theme::instance().of(shown);
  const double half = size / 2;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(paint);
  switch (shown) {
  case health::ok: painter.drawEllipse(centre, half, half); break;
  case health::warn: {
    const double wide = half * 1.16;
    painter.drawPolygon(QPolygonF{{centre.x(), centre.y() - half * 1.05},
                                  {centre.x() + wide, centre.y() + half * 0.9},
                                  {centre.x() - wide, centre.y() + half * 0.9}});
    break;
  }
  case health::fail:
    painter.drawRect(QRectF(centre.x() - half * 0.9, centre.y() - half * 0.9, size * 0.9, size * 0.9));
    break;
  case health::unknown: {
    QPainterPath ring; // filled, so that its width does not depend on the pen
    ring.addEllipse(centre, half, half);
    ring.addEllipse(centre, half * 0.58, half * 0.58);
    painter.drawPath(ring);
    break;
  }
  }
  painter.restore();
}

void paintArrow(QPainter& painter, QPointF centre, double size, bool up, const QColor& colour) {
  const double half = size / 2, tip = up ? -half : half;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawPolygon(QPolygonF{{centre.x(), centre.y() + tip},
                                {centre.x() + half * 1.1, centre.y() - tip * 0.8},
                                {centre.x() - half * 1.1, centre.y() - tip * 0.8}});
  painter.restore();
}

} // namespace weft::monitor
