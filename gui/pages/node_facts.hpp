// gui/pages/node_facts.hpp: what is known of one node, line by line.
#pragma once
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/topology_graph.hpp"

namespace weft::monitor {

/// Its figures.
[[nodiscard]] QList<Fact> factsOf(const node_view& node, const snapshot& now);
/// Those that matter among others: its part of the mesh, what comes in and goes out, the fastest first, with the flows
/// that share a stream, and topics that have too few copies.
/// @param box the node in `whole`
[[nodiscard]] QList<Fact> factsInMesh(const node_view& node, const TopologyNode& box, const TopologyGraph& whole,
                                      const snapshot& now);
[[nodiscard]] QList<Fact> factsOfZone(const TopologyNode& zone, const TopologyGraph& whole);

} // namespace weft::monitor
