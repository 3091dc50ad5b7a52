// gui/widgets/sparkline.hpp: a series as a line in a cell.
#pragma once
#include <QColor>
#include <QList>
#include <QRectF>

class QPainter;

namespace weft::monitor {

/// Draws `values`, oldest at the left, from 0 to their greatest; a flat zero is a line at the bottom.
void paintSparkline(QPainter& painter, const QRectF& box, const QList<double>& values, const QColor& colour);

} // namespace weft::monitor
