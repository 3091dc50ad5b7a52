#include "gui/widgets/topology_choice.hpp"

#include "gui/core/layout.hpp"
#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"

#include <algorithm>
#include <string_view>

namespace weft::monitor {
namespace {

using Pair = std::pair<std::size_t, std::size_t>;
constexpr std::string_view zonePrefix = "zone/";

/// The nodes that `keeps` says, and edges between these.
TopologyGraph cut(const TopologyGraph& graph, const std::vector<bool>& keeps) {
  TopologyGraph made;
  made.at = graph.at;
  made.parts = graph.parts;
  std::vector<std::size_t> place(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    place[i] = made.nodes.size();
    if (keeps[i]) made.nodes.push_back(graph.nodes[i]);
  }
  for (auto edge : graph.edges) {
    if (!keeps[edge.from] || !keeps[edge.to]) continue;
    edge.from = place[edge.from], edge.to = place[edge.to];
    made.edges.push_back(edge);
  }
  return made;
}

/// Nodes at most so many hops from the focus; all when there is no such node.
std::vector<bool> around(const TopologyGraph& graph, const TopologyWish& wish) {
  const auto zone = zoneOfBox(wish.focus);
  std::vector<int> far(graph.nodes.size(), -1);
  std::vector<std::size_t> queue;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (zone ? graph.nodes[i].zone == texts::of(*zone) : graph.nodes[i].name == wish.focus)
      far[i] = 0, queue.push_back(i);
  if (queue.empty()) return std::vector<bool>(graph.nodes.size(), true);
  std::vector<std::vector<std::size_t>> beside(graph.nodes.size());
  for (const auto& edge : graph.edges)
    beside[edge.from].push_back(edge.to), beside[edge.to].push_back(edge.from);
  for (std::size_t at = 0; at < queue.size(); ++at)
    for (const auto next : beside[queue[at]])
      if (far[next] < 0 && far[queue[at]] < wish.hops) far[next] = far[queue[at]] + 1, queue.push_back(next);
  std::vector<bool> keeps;
  std::ranges::transform(far, std::back_inserter(keeps), [](int hops) { return hops >= 0; });
  return keeps;
}

bool isHidden(const TopologyNode& node, const TopologyWish& wish) {
  return std::ranges::any_of(wish.marks,
                             [&](const auto& of) { return of.second == MarkUse::hide && node.has(of.first); });
}

void addMember(TopologyNode& zone, const TopologyNode& node) {
  if (zone.members == 0) {
    zone.zone = node.zone;
    zone.title = node.zone.isEmpty() ? QStringLiteral("no zone") : node.zone;
    zone.shown = node.shown;
    zone.part = node.part;
  }
  if (severity(node.shown) > severity(zone.shown)) zone.shown = node.shown;
  if (node.shown != health::ok && (++zone.unwell == 1)) zone.why = node.title + QStringLiteral(": ") + node.why;
  ++zone.members;
  zone.published_per_s += node.published_per_s;
  zone.shortTopics += node.shortTopics;
  zone.marks |= node.marks & ~static_cast<unsigned>(NodeMark::idle);
  if (node.part != zone.part && node.part != 0) zone.part = zone.part == 0 ? node.part : -1;
}

void describeZone(TopologyNode& zone) {
  zone.note = QStringLiteral("%1 nodes").arg(zone.members);
  if (zone.unwell > 0) zone.note += QStringLiteral(", %1 not well").arg(zone.unwell);
  if (zone.unwell > 1) zone.why += QStringLiteral("; and %1 more").arg(zone.unwell - 1);
}

void addTo(TopologyEdge& sum, const TopologyEdge& edge, bool first) {
  sum.events_per_s += edge.events_per_s;
  sum.flows += edge.flows;
  sum.streams += edge.streams;
  sum.hops = first ? 1 : sum.hops + 1;
  if (first) sum.shown = edge.shown;
  if (std::pair(severity(edge.shown), edge.behind_s) < std::pair(severity(sum.shown), sum.behind_s)) return;
  sum.shown = edge.shown;
  sum.behind_s = edge.behind_s;
  sum.goes = edge.goes;
}

TopologyGraph collapsed(const TopologyGraph& graph, const TopologyWish& wish) {
  if (graph.nodes.size() <= wish.boxesMax) return graph;
  std::vector<layout_box> boxes;
  boxes.reserve(graph.nodes.size());
  for (const auto& node : graph.nodes)
    boxes.push_back({node.name, node.zone.toStdString()});
  const auto made = collapse_zones(boxes, {}, wish.open, wish.boxesMax);
  TopologyGraph sum;
  sum.at = graph.at;
  sum.parts = graph.parts;
  std::vector<std::size_t> order(made.boxes.size()), place(made.boxes.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::string_view(made.boxes[i].name); });
  for (std::size_t i = 0; i < order.size(); ++i)
    place[order[i]] = i;
  sum.nodes.resize(made.boxes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    auto& box = sum.nodes[place[made.box_of[i]]];
    if (made.members[made.box_of[i]] > 1)
      addMember(box, graph.nodes[i]);
    else
      box = graph.nodes[i];
    box.name = made.boxes[made.box_of[i]].name;
  }
  for (auto& box : sum.nodes)
    if (box.isZone()) describeZone(box);
  std::map<Pair, TopologyEdge> edges;
  for (const auto& edge : graph.edges) {
    const Pair ends(place[made.box_of[edge.from]], place[made.box_of[edge.to]]);
    if (ends.first == ends.second) continue;
    const auto [at, first] = edges.try_emplace(ends, TopologyEdge{ends.first, ends.second});
    addTo(at->second, edge, first);
  }
  for (const auto& [ends, edge] : edges)
    if (edge.events_per_s > 0 || !edges.contains({ends.second, ends.first}) || ends.first < ends.second)
      sum.edges.push_back(edge);
  return sum;
}

/// Who is looked for stands out: all others are dim.
void dimOthers(TopologyGraph& graph, const TopologyWish& wish) {
  const bool byMark = std::ranges::any_of(wish.marks, [](const auto& of) { return of.second == MarkUse::find; });
  if (!byMark && wish.find.isEmpty()) return;
  for (auto& node : graph.nodes) {
    const bool marked = !byMark || std::ranges::any_of(wish.marks, [&](const auto& of) {
      return of.second == MarkUse::find && node.has(of.first);
    });
    const bool named =
        node.title.contains(wish.find, Qt::CaseInsensitive) || node.zone.contains(wish.find, Qt::CaseInsensitive);
    node.dim = !marked || !named;
  }
  for (auto& edge : graph.edges)
    edge.dim = graph.nodes[edge.from].dim && graph.nodes[edge.to].dim;
}

} // namespace

std::string boxOfZone(const std::string& zone) { return std::string(zonePrefix) + zone; }

std::optional<std::string> zoneOfBox(const std::string& box) {
  return box.starts_with(zonePrefix) ? std::optional(box.substr(zonePrefix.size())) : std::nullopt;
}

TopologyGraph shownOf(const TopologyGraph& whole, const TopologyWish& wish) {
  auto keeps = wish.focus.empty() ? std::vector<bool>(whole.nodes.size(), true) : around(whole, wish);
  for (std::size_t i = 0; i < keeps.size(); ++i)
    if (keeps[i] && isHidden(whole.nodes[i], wish)) keeps[i] = false;
  const bool all = std::ranges::find(keeps, false) == keeps.end();
  auto graph = collapsed(all ? whole : cut(whole, keeps), wish);
  dimOthers(graph, wish);
  return graph;
}

} // namespace weft::monitor
