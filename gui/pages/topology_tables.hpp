// gui/pages/topology_tables.hpp: the picture of the topology as tables: boxes, and what goes from one to the next.
#pragma once
#include "gui/models/rows_model.hpp"
#include "gui/widgets/topology_graph.hpp"

namespace weft::monitor {

/// Boxes as they are shown.
class BoxesModel : public RowsModel<TopologyNode> {
public:
  explicit BoxesModel(QObject* parent = nullptr);
  void apply(const TopologyGraph& graph);
};

struct HopRow {
  TopologyEdge edge;
  std::string from, to; ///< names of boxes
  QString fromTitle, toTitle;
};

/// Edges as they are shown.
class HopsModel : public RowsModel<HopRow> {
public:
  explicit HopsModel(QObject* parent = nullptr);
  void apply(const TopologyGraph& graph);
};

/// What is said of a box in words: "lagging, 2 topics with too few copies, part 2, pinned".
[[nodiscard]] QString signsOf(const TopologyNode& node);

} // namespace weft::monitor
