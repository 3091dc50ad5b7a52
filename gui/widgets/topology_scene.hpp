// gui/widgets/topology_scene.hpp: a graph with places, ready to be painted. Values only; made by any thread.
#pragma once
#include "gui/widgets/topology_geometry.hpp"
#include "gui/widgets/topology_graph.hpp"
#include "gui/widgets/topology_look.hpp"

#include <QTransform>

namespace weft::monitor {

/// What a scene is made of. Pixels at zoom 1.
struct SceneTask {
  TopologyGraph graph;
  std::vector<QPointF> places; ///< of the nodes, as a layout of boxes of layoutBox() gave them
  QRectF area;                 ///< where there is room
  std::vector<QRectF> taken;   ///< of it what labels must not touch
  TopologyLook look;
  bool byZones = true; ///< nodes of a zone stand together
};

/// The ground under a zone's nodes.
struct ZoneFrame {
  QRectF box;
  QString zone;
};

struct TopologyScene {
  TopologyGraph graph;
  TopologyLook look;
  std::vector<QRectF> boxes;
  std::vector<EdgeLine> lines;
  std::vector<ZoneFrame> frames;
  std::vector<LabelWish> wishes;
  std::vector<std::optional<QRectF>> labels; ///< as wishes
  std::vector<QString> labelTexts;           ///< as wishes
  QRectF bounds;
  std::vector<QRectF> taken;
  QTransform fromPlaces; ///< from those of the layout
  bool compact = false;  ///< names only, for there is no room
  double fastest = 0;    ///< the greatest rate of an edge
};

/// The size of a box that layouts are made with, and how far two are apart. Of many they are small.
[[nodiscard]] QSizeF layoutBox(std::size_t boxes);
[[nodiscard]] double layoutGap(std::size_t boxes);

[[nodiscard]] TopologyScene makeScene(SceneTask task);
/// The same with other figures and states. @pre graph.sameShape(scene.graph)
[[nodiscard]] TopologyScene withFigures(TopologyScene scene, TopologyGraph graph);

/// What stands at a box beside its name: "part 2", "copies -1", "pin"; shorter in compact boxes.
[[nodiscard]] std::vector<std::pair<QString, std::optional<health>>> signsOf(const TopologyGraph& graph,
                                                                             std::size_t node, bool compact);
/// How much of a box they take; of one that is not compact nothing, for they are on its rim.
[[nodiscard]] double signsWidth(const TopologyGraph& graph, std::size_t node, const TopologyLook& look, bool compact);

/// Which part of the fastest edge's rate an edge has, logarithmic: 0 to 1.
[[nodiscard]] double levelOf(double rate, double fastest);
/// How much longer a label is for the arrow of its trend.
/// What its signs cover above a box that is not compact.
[[nodiscard]] QRectF signsBox(const TopologyScene& scene, std::size_t node);
[[nodiscard]] double arrowWidth(const TopologyEdge& edge, const TopologyLook& look);

} // namespace weft::monitor
