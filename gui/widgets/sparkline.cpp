#include "gui/widgets/sparkline.hpp"

#include "gui/widgets/stroke.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>

#include <algorithm>

namespace weft::monitor {

void paintSparkline(QPainter& painter, const QRectF& box, const QList<double>& values, const QColor& colour) {
  if (values.size() < 2) return;
  const double top = std::max(1e-9, *std::max_element(values.begin(), values.end()));
  QPolygonF line;
  for (qsizetype i = 0; i < values.size(); ++i)
    line << QPointF(box.left() + box.width() * double(i) / double(values.size() - 1),
                    box.bottom() - box.height() * std::clamp(values[i] / top, 0.0, 1.0));
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  QColor below = colour;
  below.setAlpha(28);
  QPolygonF area = line;
  area << QPointF(box.right(), box.bottom()) << QPointF(box.left(), box.bottom());
  painter.setPen(Qt::NoPen);
  painter.setBrush(below);
  painter.drawPolygon(area);
  painter.setPen(hairline(colour));
  painter.setBrush(Qt::NoBrush);
  paintStroke(painter, 1.6, {0, 1}, [&] { painter.drawPolyline(line); });
  painter.restore();
}

} // namespace weft::monitor
