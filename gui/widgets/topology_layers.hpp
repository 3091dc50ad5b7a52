// gui/widgets/topology_layers.hpp: the two still pictures of the topology: what is below the dots, and what is above.
#pragma once
#include "gui/widgets/topology_scene.hpp"

class QPainter;

namespace weft::monitor {

/// Grounds of zones and edges. @param chosen a node whose edges stand out; -1: none
/// @thread any
void paintBelow(QPainter& painter, const TopologyScene& scene, int chosen);
/// Labels and boxes. @thread any
void paintAbove(QPainter& painter, const TopologyScene& scene, int chosen, bool focus);

} // namespace weft::monitor
