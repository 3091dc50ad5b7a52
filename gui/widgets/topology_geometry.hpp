// gui/widgets/topology_geometry.hpp: where boxes, edges and labels of the topology go. Pure; pixels at zoom 1.
#pragma once
#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <QTransform>

#include <optional>
#include <vector>

namespace weft::monitor {

struct EdgeEnds {
  std::size_t from = 0, to = 0;
  bool bothWays = false; ///< there is one back too: they bend apart
};

struct PlacedBoxes {
  std::vector<QRectF> boxes; ///< one for each place, `gap` apart at least
  QTransform fromPlaces;     ///< where a place is, but for what was moved apart
};

/// Stretches `places`, in any unit, over `area` and moves boxes apart until none overlaps. Where the area is too small
/// for all of them the result is larger than it.
/// @param pinned boxes that are moved by nothing, and may be outside; empty: none
[[nodiscard]] PlacedBoxes placeBoxes(const std::vector<QPointF>& places, const std::vector<QSizeF>& sizes, QRectF area,
                                     QSizeF gap, const std::vector<bool>& pinned = {});

/// A polyline from the border of one box to that of another; the last point is where the arrow's tip touches. Bends
/// around other boxes where that is possible inside `area`. Empty when the boxes touch.
using EdgeLine = std::vector<QPointF>;
[[nodiscard]] std::vector<EdgeLine> routeEdges(const std::vector<QRectF>& boxes, const std::vector<EdgeEnds>& edges,
                                               QRectF area);

struct LabelWish {
  std::size_t edge = 0;
  QSizeF size;
};
/// For each wish, in order of importance, a place on or beside its edge that touches no box, no other label and nothing
/// of `taken`, inside `area`, and lies on as few other edges as can be; none when there is no such place.
[[nodiscard]] std::vector<std::optional<QRectF>> placeLabels(const std::vector<LabelWish>& wishes,
                                                             const std::vector<EdgeLine>& lines,
                                                             const std::vector<QRectF>& boxes,
                                                             std::vector<QRectF> taken, QRectF area);

/// The point at `part` of the line's length.
[[nodiscard]] QPointF along(const EdgeLine& line, double part);
[[nodiscard]] double lengthOf(const EdgeLine& line);

} // namespace weft::monitor
