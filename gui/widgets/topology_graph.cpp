#include "gui/widgets/topology_graph.hpp"

#include "gui/models/roles.hpp"

#include <algorithm>
#include <map>

namespace weft::monitor {
namespace {

using Pair = std::pair<std::size_t, std::size_t>;

/// The worst lag of a flow's group in its log; null when all is well.
const lag_view* lagOf(const flow_view& flow, const snapshot& now) {
  if (flow.name.empty()) return nullptr;
  const lag_view* worst = nullptr;
  for (const auto& row : std::ranges::equal_range(now.lag, flow.name, {}, &lag_view::group)) {
    if (row.shown == health::ok || row.unknown_since || row.log != flow.from) continue;
    if (worst == nullptr ||
        std::pair(severity(row.shown), row.seconds) > std::pair(severity(worst->shown), worst->seconds))
      worst = &row;
  }
  return worst;
}

void addFlow(const flow_view& flow, const snapshot& now, const TopologyGraph& graph,
             std::map<Pair, TopologyEdge>& edges) {
  std::vector<std::size_t> hops;
  for (const auto& name : flow.path)
    if (const int at = graph.indexOf(name); at >= 0) hops.push_back(static_cast<std::size_t>(at));
  for (std::size_t i = 1; i < hops.size(); ++i) {
    if (hops[i - 1] == hops[i]) continue;
    auto& edge = edges.try_emplace({hops[i - 1], hops[i]}, TopologyEdge{hops[i - 1], hops[i]}).first->second;
    const lag_view* lag = i + 1 == hops.size() ? lagOf(flow, now) : nullptr;
    if (lag == nullptr) continue;
    if (std::pair(severity(lag->shown), lag->seconds) < std::pair(severity(edge.shown), edge.behind_s)) continue;
    edge.shown = lag->shown;
    edge.behind_s = lag->seconds;
    edge.goes = lag->goes;
  }
}

} // namespace

int TopologyGraph::indexOf(const std::string& name) const {
  const auto found = std::ranges::lower_bound(nodes, name, {}, &TopologyNode::name);
  return found == nodes.end() || found->name != name ? -1 : static_cast<int>(found - nodes.begin());
}

bool TopologyGraph::sameShape(const TopologyGraph& other) const {
  return std::ranges::equal(nodes, other.nodes, {}, &TopologyNode::name, &TopologyNode::name) &&
         std::ranges::equal(edges, other.edges,
                            [](const auto& a, const auto& b) { return a.from == b.from && a.to == b.to; });
}

bool TopologyGraph::sameStates(const TopologyGraph& other) const {
  return sameShape(other) && std::ranges::equal(nodes, other.nodes, {}, &TopologyNode::shown, &TopologyNode::shown) &&
         std::ranges::equal(edges, other.edges, {}, &TopologyEdge::shown, &TopologyEdge::shown);
}

TopologyGraph graphOf(const snapshot& now) {
  TopologyGraph graph;
  for (const auto& node : now.nodes)
    graph.nodes.push_back({node.name, QString::fromStdString(node.zone), node.shown, QString::fromStdString(node.why),
                           node.published_per_s});
  std::map<Pair, TopologyEdge> edges;
  for (const auto& flow : now.flows)
    addFlow(flow, now, graph, edges);
  for (const auto& hop : now.hops) {
    const int from = graph.indexOf(hop.from), to = graph.indexOf(hop.to);
    if (from < 0 || to < 0) continue;
    if (const auto edge = edges.find(Pair(from, to)); edge != edges.end()) edge->second.events_per_s = hop.events_per_s;
  }
  for (const auto& link : now.links) {
    const int a = graph.indexOf(link.a), b = graph.indexOf(link.b);
    if (a < 0 || b < 0) continue;
    const Pair there(a, b), back(b, a);
    if (edges.contains(there) || edges.contains(back)) continue;
    edges.emplace(there, TopologyEdge{there.first, there.second, 0, link.shown});
  }
  for (const auto& [pair, edge] : edges)
    graph.edges.push_back(edge);
  return graph;
}

} // namespace weft::monitor
