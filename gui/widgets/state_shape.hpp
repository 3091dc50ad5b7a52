// gui/widgets/state_shape.hpp: a state as shape, colour and word, so that colour alone never says it.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QPainter>

namespace weft::monitor {

/// Draws the state's shape, `size` wide: disc ok, triangle warn, square fail, ring unknown.
/// @param colour that of the state unless one is given
void paintState(QPainter& painter, QPointF centre, double size, health shown, const QColor& colour = {});

/// A small filled arrow that points up or down.
void paintArrow(QPainter& painter, QPointF centre, double size, bool up, const QColor& colour);

} // namespace weft::monitor
