// gui/widgets/topology_overlays.hpp: what lies over the topology: the legend, and a small picture of all.
#pragma once
#include "gui/widgets/topology_scene.hpp"

class QPainter;

namespace weft::monitor {

/// As many of its words as there is room for; signs that are not in the graph are left out.
void paintLegend(QPainter& painter, const TopologyGraph& graph, const QRectF& box);
/// @param seen the part of the scene that the view shows
void paintMap(QPainter& painter, const TopologyScene& scene, const QRectF& box, const QRectF& seen);

} // namespace weft::monitor
