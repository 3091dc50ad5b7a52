// gui/widgets/topology_layers.hpp: the two still pictures of the topology: what is below the dots, and what is above.
#pragma once
#include "gui/widgets/topology_geometry.hpp"
#include "gui/widgets/topology_graph.hpp"

#include <QPixmap>

class QPainter;

namespace weft::monitor {

/// A graph with places: what layers are painted from. Pixels at zoom 1.
struct TopologyScene {
  TopologyGraph graph;
  std::vector<QRectF> boxes;
  std::vector<EdgeLine> lines;
  std::vector<LabelWish> wishes;
  std::vector<std::optional<QRectF>> labels; ///< as wishes
  std::vector<QString> labelTexts;           ///< as wishes
  QRectF bounds;
  bool compact = false; ///< names only, for there is no room
  double fastest = 0;   ///< the greatest rate of an edge
};

/// @param places of the nodes, in any unit
/// @param area where there is room
/// @param taken of it what labels must not touch
[[nodiscard]] TopologyScene makeScene(TopologyGraph graph, const std::vector<QPointF>& places, QRectF area,
                                      const std::vector<QRectF>& taken);
/// Writes rates and lags anew; everything stays where it is.
void refreshLabels(TopologyScene& scene, const std::vector<QRectF>& taken, QRectF area);

/// @param chosen a node whose edges stand out; -1: none
void paintBelow(QPainter& painter, const TopologyScene& scene, int chosen);
void paintAbove(QPainter& painter, const TopologyScene& scene, int chosen, bool focus);

/// Which part of the fastest edge's rate an edge has, logarithmic: 0 to 1.
[[nodiscard]] double levelOf(double rate, double fastest);

} // namespace weft::monitor
