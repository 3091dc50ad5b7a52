#include "gui/widgets/topology_graph.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace weft::monitor {
namespace {

using Pair = std::pair<std::size_t, std::size_t>;

struct PairHash {
  std::size_t operator()(const Pair& of) const noexcept { return (of.first << 32U ^ of.second) * 0x9E3779B97F4A7C15U; }
};

class GraphMaker {
public:
  explicit GraphMaker(const snapshot& now) : now_(now) {}

  TopologyGraph make() {
    graph_.at = now_.at;
    addNodes();
    addTopics();
    addHops();
    addLags();
    addLinks();
    std::ranges::sort(graph_.edges, {}, [](const TopologyEdge& edge) { return Pair(edge.from, edge.to); });
    markNodes();
    divide();
    return std::move(graph_);
  }

private:
  void addNodes() {
    graph_.nodes.reserve(now_.nodes.size());
    index_.reserve(now_.nodes.size());
    for (const auto& node : now_.nodes) {
      index_.emplace(node.name, graph_.nodes.size());
      TopologyNode made;
      made.name = node.name;
      made.title = texts::of(node.name);
      made.zone = made.note = texts::of(node.zone);
      made.shown = node.shown;
      made.why = texts::of(node.why);
      made.published_per_s = node.published_per_s;
      if (node.roles.find("replica") != std::string::npos) made.note += QStringLiteral(" \u00b7 replica");
      if (isSilent(node)) made.marks |= static_cast<unsigned>(NodeMark::silent);
      graph_.nodes.push_back(std::move(made));
    }
  }

  static bool isSilent(const node_view& node) {
    return node.shown == health::unknown || node.state == "dead" || node.state == "suspect" || node.state == "left";
  }

  void addTopics() {
    for (const auto& topic : now_.topics)
      for (const auto& log : topic.logs)
        if (log.copies < log.replicas)
          if (const auto at = find(log.node)) ++graph_.nodes[*at].shortTopics;
  }

  void addHops() {
    graph_.edges.reserve(now_.hops.size() + now_.links.size());
    edges_.reserve(now_.hops.size() + now_.links.size());
    for (const auto& hop : now_.hops) {
      const auto from = find(hop.from), to = find(hop.to);
      if (!from || !to || from == to) continue;
      auto& edge = edgeOf({*from, *to});
      edge.events_per_s = hop.events_per_s;
      edge.flows = hop.flows;
      edge.streams = hop.streams;
    }
  }

  /// Lag shows where the flow of the group ends; few groups have any.
  void addLags() {
    for (const auto& row : now_.lag) {
      if (row.shown == health::ok || row.unknown_since) continue;
      for (const auto& flow : std::ranges::equal_range(now_.flows, row.log, {}, &flow_view::from)) {
        if (flow.name != row.group || flow.path.empty()) continue;
        const auto to = find(flow.path.back());
        if (!to) continue;
        graph_.nodes[*to].marks |= static_cast<unsigned>(NodeMark::lagging);
        const auto from = flow.path.size() < 2 ? std::nullopt : find(flow.path[flow.path.size() - 2]);
        if (!from || from == to) continue;
        auto& edge = edgeOf({*from, *to});
        if (std::pair(severity(row.shown), row.seconds) < std::pair(severity(edge.shown), edge.behind_s)) continue;
        edge.shown = row.shown;
        edge.behind_s = row.seconds;
        edge.goes = row.goes;
      }
    }
  }

  void addLinks() {
    links_.reserve(now_.links.size());
    for (const auto& link : now_.links) {
      const auto a = find(link.a), b = find(link.b);
      if (!a || !b) continue;
      if (link.shown == health::ok || link.shown == health::warn) links_.emplace_back(*a, *b);
      if (edges_.contains({*a, *b}) || edges_.contains({*b, *a})) continue;
      edgeOf({*a, *b}).shown = link.shown;
    }
  }

  void markNodes() {
    std::vector<bool> busy(graph_.nodes.size());
    for (const auto& edge : graph_.edges)
      if (edge.events_per_s > 0) busy[edge.from] = busy[edge.to] = true;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      auto& node = graph_.nodes[i];
      if (node.shown == health::fail) node.marks |= static_cast<unsigned>(NodeMark::failing);
      const bool idle = !busy[i] && node.published_per_s <= 0 && !node.has(NodeMark::silent);
      if (idle) node.marks |= static_cast<unsigned>(NodeMark::idle);
    }
  }

  /// Nodes that links join are of one part; those that are not heard are of none.
  void divide() {
    std::vector<std::size_t> root(graph_.nodes.size());
    std::iota(root.begin(), root.end(), 0U);
    const auto rootOf = [&](std::size_t i) {
      while (root[i] != i)
        i = root[i] = root[root[i]];
      return i;
    };
    for (const auto& [a, b] : links_)
      root[rootOf(a)] = rootOf(b);
    std::map<std::size_t, std::size_t> sizes;
    for (std::size_t i = 0; i < root.size(); ++i)
      if (!graph_.nodes[i].has(NodeMark::silent)) ++sizes[rootOf(i)];
    std::vector<Pair> order; // largest first
    order.reserve(sizes.size());
    for (const auto& [of, size] : sizes)
      order.emplace_back(size, of);
    std::ranges::stable_sort(order, std::greater<>(), &Pair::first);
    std::map<std::size_t, int> number;
    for (const auto& [size, of] : order)
      number.emplace(of, static_cast<int>(number.size()) + 1);
    graph_.parts = static_cast<int>(number.size());
    for (std::size_t i = 0; i < root.size(); ++i)
      if (!graph_.nodes[i].has(NodeMark::silent)) graph_.nodes[i].part = number[rootOf(i)];
  }

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    const auto at = index_.find(name);
    return at == index_.end() ? std::nullopt : std::optional(at->second);
  }

  TopologyEdge& edgeOf(Pair ends) {
    const auto [at, isNew] = edges_.try_emplace(ends, graph_.edges.size());
    if (isNew) graph_.edges.push_back({ends.first, ends.second});
    return graph_.edges[at->second];
  }

  const snapshot& now_;
  TopologyGraph graph_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::unordered_map<Pair, std::size_t, PairHash> edges_;
  std::vector<Pair> links_; // that are up
};

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
  const auto nodeState = [](const TopologyNode& node) {
    return std::tuple(node.shown, node.shortTopics, node.part, node.dim, node.pinned, node.members, node.unwell);
  };
  const auto edgeState = [](const TopologyEdge& edge) { return std::tuple(edge.shown, edge.isMerged(), edge.dim); };
  return sameShape(other) && (parts > 1) == (other.parts > 1) &&
         std::ranges::equal(nodes, other.nodes, {}, nodeState, nodeState) &&
         std::ranges::equal(nodes, other.nodes, {}, &TopologyNode::note, &TopologyNode::note) &&
         std::ranges::equal(edges, other.edges, {}, edgeState, edgeState);
}

bool TopologyGraph::sameFigures(const TopologyGraph& other) const {
  constexpr double seen = 0.02; // of a rate
  return std::ranges::equal(edges, other.edges, [](const TopologyEdge& a, const TopologyEdge& b) {
    return std::abs(a.events_per_s - b.events_per_s) <= seen * std::max(a.events_per_s, b.events_per_s) &&
           std::abs(a.behind_s - b.behind_s) < 0.5 && a.goes == b.goes && a.flows == b.flows && a.streams == b.streams;
  });
}

TopologyGraph graphOf(const snapshot& now) { return GraphMaker(now).make(); }

QString flowsText(const TopologyEdge& edge) {
  if (edge.flows == 0) return {};
  const auto several = [](std::uint32_t n, const char* one) {
    return QStringLiteral("%1 %2%3").arg(n).arg(QLatin1String(one), n == 1 ? QString() : QStringLiteral("s"));
  };
  const auto flows = several(edge.flows, "flow");
  return edge.isMerged() ? QStringLiteral("%1 in %2").arg(flows, several(edge.streams, "stream")) : flows;
}

} // namespace weft::monitor
