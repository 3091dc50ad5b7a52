// gui/widgets/topology_graph.hpp: what the topology draws: nodes, and who sends how much to whom. Pure.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QString>

#include <vector>

namespace weft::monitor {

/// What a node can be found or hidden by.
enum class NodeMark : unsigned { failing = 1, lagging = 2, idle = 4, silent = 8 };

/// A node, or a zone whose nodes are shown as one.
struct TopologyNode {
  std::string name; ///< unique: a node's; a zone is "zone/NAME"
  QString title;    ///< what its box says: the node's or the zone's name
  QString zone;
  QString note; ///< the box's second line
  health shown = health::unknown;
  QString why; ///< empty: it is well
  double published_per_s = 0;
  std::size_t members = 0;       ///< 0: a node; otherwise a zone of so many
  std::size_t unwell = 0;        ///< of the members
  std::uint32_t shortTopics = 0; ///< in its log, with fewer copies than are asked for
  int part = 0;                  ///< of the mesh, 1 the largest; 0: not heard; -1: of several
  unsigned marks = 0;            ///< NodeMark
  bool dim = false, pinned = false;

  [[nodiscard]] bool isZone() const noexcept { return members > 0; }
  [[nodiscard]] bool has(NodeMark mark) const noexcept { return (marks & static_cast<unsigned>(mark)) != 0; }
  friend bool operator==(const TopologyNode&, const TopologyNode&) = default;
};

/// Events from one node straight to another, all flows together; or a link that carries none now.
struct TopologyEdge {
  std::size_t from = 0, to = 0;
  double events_per_s = 0;
  health shown = health::ok;
  double behind_s = 0;        ///< of the worst flow that ends here and is not well; 0: all are well
  trend goes = trend::steady; ///< of that lag
  std::uint32_t flows = 0;    ///< that pass
  std::uint32_t streams = 0;  ///< that carry them; 0: not known
  std::uint32_t hops = 1;     ///< from node to node that are shown as one
  bool dim = false;

  /// Equal demands share a stream.
  [[nodiscard]] bool isMerged() const noexcept { return streams > 0 && flows > streams; }
};

struct TopologyGraph {
  time_us at = 0;
  std::vector<TopologyNode> nodes; ///< by name
  std::vector<TopologyEdge> edges; ///< by (from, to)
  int parts = 0;                   ///< of the mesh, that no link joins

  [[nodiscard]] int indexOf(const std::string& name) const; ///< -1: no such node
  /// Whether nodes and edges are the same ones, whatever their figures.
  [[nodiscard]] bool sameShape(const TopologyGraph& other) const;
  /// Whether all that is drawn but figures is the same too.
  [[nodiscard]] bool sameStates(const TopologyGraph& other) const;
  /// Whether figures of edges differ by less than anybody sees. @pre sameShape(other)
  [[nodiscard]] bool sameFigures(const TopologyGraph& other) const;
};

/// Flows become edges, hop by hop along their paths; links without a flow become edges of rate 0.
[[nodiscard]] TopologyGraph graphOf(const snapshot& now);

/// "3 flows in 1 stream", "2 flows"; empty: none.
[[nodiscard]] QString flowsText(const TopologyEdge& edge);

} // namespace weft::monitor
