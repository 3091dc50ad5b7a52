// gui/widgets/topology_choice.hpp: what of a mesh's graph is shown: zones as one, the surroundings of a node, what was
// looked for. Pure.
#pragma once
#include "gui/core/limits.hpp"
#include "gui/widgets/topology_graph.hpp"

#include <array>
#include <map>
#include <set>

namespace weft::monitor {

inline constexpr std::array nodeMarks{NodeMark::failing, NodeMark::lagging, NodeMark::idle, NodeMark::silent};

/// What becomes of nodes that have a mark.
enum class MarkUse { none, find, hide };

struct TopologyWish {
  std::set<std::string> open; ///< zones whose nodes are shown one by one, where there are many
  std::size_t boxesMax = limits::layout_boxes_max;
  std::string focus; ///< a node or zone; empty: all is shown
  int hops = 1;      ///< from there
  QString find;      ///< in names and zones: others are dim
  std::map<NodeMark, MarkUse> marks;
  friend bool operator==(const TopologyWish&, const TopologyWish&) = default;
};

/// Zones have their worst node's state, and edges between the same two boxes are one.
[[nodiscard]] TopologyGraph shownOf(const TopologyGraph& whole, const TopologyWish& wish);

/// The name of a zone's box.
[[nodiscard]] std::string boxOfZone(const std::string& zone);
/// The zone of a box of this name; nothing: it is a node's.
[[nodiscard]] std::optional<std::string> zoneOfBox(const std::string& box);

} // namespace weft::monitor
