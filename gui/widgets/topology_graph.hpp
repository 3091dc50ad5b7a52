// gui/widgets/topology_graph.hpp: what the topology draws: nodes, and who sends how much to whom. Pure.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QString>

#include <vector>

namespace weft::monitor {

struct TopologyNode {
  std::string name;
  QString zone;
  health shown = health::unknown;
  QString why; ///< empty: it is well
  double published_per_s = 0;
};

/// Events from one node straight to another, all flows together; or a link that carries none now.
struct TopologyEdge {
  std::size_t from = 0, to = 0;
  double events_per_s = 0;
  health shown = health::ok;
  double behind_s = 0;        ///< of the worst flow that ends here and is not well; 0: all are well
  trend goes = trend::steady; ///< of that lag
};

struct TopologyGraph {
  std::vector<TopologyNode> nodes; ///< by name
  std::vector<TopologyEdge> edges; ///< by (from, to)

  [[nodiscard]] int indexOf(const std::string& name) const; ///< -1: no such node
  /// Whether nodes and edges are the same ones, whatever their figures.
  [[nodiscard]] bool sameShape(const TopologyGraph& other) const;
  /// Whether the states are the same too.
  [[nodiscard]] bool sameStates(const TopologyGraph& other) const;
};

/// Flows become edges, hop by hop along their paths; links without a flow become edges of rate 0.
[[nodiscard]] TopologyGraph graphOf(const snapshot& now);

} // namespace weft::monitor
