#include "gui/widgets/topology_scene.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace weft::monitor {
namespace {

constexpr std::size_t roomyMax = 40; // boxes; of more the layout's own distances are kept, and the picture is zoomed

std::vector<QSizeF> boxSizes(const TopologyGraph& graph, const TopologyLook& look, bool compact) {
  const QFontMetricsF name(look.name), note(look.note);
  std::vector<QSizeF> sizes;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& node = graph.nodes[i];
    double text = name.horizontalAdvance(node.title) + signsWidth(graph, i, look, compact);
    if (!compact) text = std::max(text, note.horizontalAdvance(node.note));
    const double most = look.px(compact && graph.nodes.size() > roomyMax ? 112 : 190),
                 least = look.px(compact ? 40 : 104);
    sizes.emplace_back(std::clamp(text + look.px(compact ? 33 : 42), least, most), look.px(compact ? 24 : 40));
  }
  return sizes;
}

/// Whether boxes of these sizes leave room for edges.
bool isRoomFor(const std::vector<QSizeF>& sizes, const QRectF& area) {
  double sum = 0;
  for (const auto& size : sizes)
    sum += (size.width() + 30) * (size.height() + 30);
  return sum < 0.72 * area.width() * area.height();
}

QString labelOf(const TopologyEdge& edge) {
  if (edge.behind_s > 0) return QStringLiteral("lag ") + texts::seconds(edge.behind_s);
  const auto rate = texts::compact(edge.events_per_s) + QStringLiteral("/s");
  return edge.isMerged() ? QStringLiteral("%1, %2 in %3").arg(rate).arg(edge.flows).arg(edge.streams) : rate;
}

/// Lags first, the longest before others; then the rates above the 80th percentile, and what is merged.
void wishLabels(TopologyScene& scene) {
  const auto& edges = scene.graph.edges;
  std::vector<double> rates;
  for (const auto& edge : edges)
    if (edge.events_per_s > 0) rates.push_back(edge.events_per_s);
  std::ranges::sort(rates);
  const double high = rates.empty() ? 0 : rates[rates.size() * 4 / 5];
  const QFontMetricsF metrics(scene.look.label);
  scene.wishes.clear();
  scene.labelTexts.clear();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (edges[i].behind_s > 0 || (edges[i].events_per_s > 0 && (edges[i].events_per_s >= high || edges[i].isMerged())))
      order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(!edges[a].dim, severity(edges[a].shown), edges[a].behind_s, edges[a].events_per_s) >
           std::tuple(!edges[b].dim, severity(edges[b].shown), edges[b].behind_s, edges[b].events_per_s);
  });
  for (const std::size_t i : order) {
    const auto text = labelOf(edges[i]);
    scene.wishes.push_back(
        {i, {metrics.horizontalAdvance(text) + 9 + arrowWidth(edges[i], scene.look), metrics.height()}});
    scene.labelTexts.push_back(text);
  }
}

double signsSpan(const TopologyGraph& graph, std::size_t node, const TopologyLook& look, bool compact) {
  const QFontMetricsF metrics(look.label);
  double width = 0;
  for (const auto& [text, shown] : signsOf(graph, node, compact))
    width += metrics.horizontalAdvance(text) + look.px(11);
  return width;
}

void label(TopologyScene& scene) {
  scene.fastest = 0;
  for (const auto& edge : scene.graph.edges)
    scene.fastest = std::max(scene.fastest, edge.events_per_s);
  wishLabels(scene);
  auto taken = scene.taken;
  for (std::size_t i = 0; i < scene.boxes.size(); ++i)
    if (const auto signs = signsBox(scene, i); !signs.isEmpty()) taken.push_back(signs);
  scene.labels = placeLabels(scene.wishes, scene.lines, scene.boxes, std::move(taken), scene.bounds);
}

/// As the layout has them, and then as wide as the area: what is drawn apart touches nothing.
void placeAsLaidOut(TopologyScene& scene, const SceneTask& task, const std::vector<QSizeF>& sizes) {
  const auto unit = layoutBox(sizes.size());
  double scale = 1;
  for (const auto& size : sizes)
    scale = std::max({scale, size.width() / unit.width(), size.height() / unit.height()});
  QRectF had;
  for (const auto& place : task.places)
    had |= QRectF(place, QSizeF(1, 1));
  const double wider = std::clamp(task.area.width() / task.area.height() / (had.width() / had.height()), 0.5, 2.0);
  scene.fromPlaces = QTransform::fromScale(scale * std::max(1.0, wider), scale * std::max(1.0, 1 / wider));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    QRectF box({}, sizes[i]);
    box.moveCenter(scene.fromPlaces.map(task.places[i]));
    scene.boxes.push_back(box);
  }
}

void frameZones(TopologyScene& scene) {
  std::map<QString, std::pair<QRectF, int>> zones;
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
    if (scene.graph.nodes[i].isZone()) continue;
    auto& [box, count] = zones[scene.graph.nodes[i].zone];
    box = count++ == 0 ? scene.boxes[i] : box | scene.boxes[i];
  }
  const double margin = scene.look.px(8), head = scene.look.px(24);
  for (const auto& [zone, of] : zones)
    if (of.second > 1 && scene.graph.nodes.size() > static_cast<std::size_t>(of.second))
      scene.frames.push_back({of.first.adjusted(-margin, -head, margin, margin), zone});
}

std::vector<EdgeEnds> endsOf(const TopologyGraph& graph) {
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& edge : graph.edges)
    pairs.emplace(edge.from, edge.to);
  std::vector<EdgeEnds> ends;
  ends.reserve(graph.edges.size());
  for (const auto& edge : graph.edges)
    ends.push_back({edge.from, edge.to, pairs.contains({edge.to, edge.from})});
  return ends;
}

} // namespace

QSizeF layoutBox(std::size_t boxes) { return boxes > roomyMax ? QSizeF(112, 24) : QSizeF(120, 40); }
double layoutGap(std::size_t boxes) { return boxes > roomyMax ? 16 : 24; }

std::vector<std::pair<QString, std::optional<health>>> signsOf(const TopologyGraph& graph, std::size_t node,
                                                               bool compact) {
  const auto& of = graph.nodes[node];
  std::vector<std::pair<QString, std::optional<health>>> signs;
  const auto add = [&](const QString& word, const QString& brief, std::optional<health> shown) {
    signs.emplace_back(compact ? brief : word, shown);
  };
  const bool apart = graph.parts > 1 && (of.part > 1 || of.part < 0);
  if (apart && of.part > 1)
    add(QStringLiteral("part %1").arg(of.part), QStringLiteral("p%1").arg(of.part), health::fail);
  if (apart && of.part < 0) add(QStringLiteral("parts"), QStringLiteral("p"), health::fail);
  if (of.shortTopics > 0)
    add(QStringLiteral("copies \u2212%1").arg(of.shortTopics), QStringLiteral("\u2212%1").arg(of.shortTopics),
        health::warn);
  if (of.pinned) add(QStringLiteral("pin"), QStringLiteral("pin"), {});
  return signs;
}

double signsWidth(const TopologyGraph& graph, std::size_t node, const TopologyLook& look, bool compact) {
  return compact ? signsSpan(graph, node, look, compact) : 0;
}

QRectF signsBox(const TopologyScene& scene, std::size_t node) {
  const double wide = scene.compact ? 0 : signsSpan(scene.graph, node, scene.look, false), high = scene.look.px(14);
  const QRectF& box = scene.boxes[node];
  return wide > 0 ? QRectF(box.right() - scene.look.px(5) - wide, box.top() - high + 3, wide, high) : QRectF();
}

double levelOf(double rate, double fastest) {
  return rate <= 0 || fastest <= 0 ? 0 : std::clamp(std::log1p(rate) / std::log1p(fastest), 0.0, 1.0);
}

double arrowWidth(const TopologyEdge& edge, const TopologyLook& look) {
  return edge.behind_s > 0 && edge.goes != trend::steady ? look.px(12) : 0;
}

TopologyScene makeScene(SceneTask task) {
  TopologyScene scene;
  scene.graph = std::move(task.graph);
  scene.look = task.look;
  scene.taken = task.taken;
  const bool many = scene.graph.nodes.size() > roomyMax;
  auto sizes = boxSizes(scene.graph, scene.look, many);
  scene.compact = many || !isRoomFor(sizes, task.area);
  if (scene.compact && !many) sizes = boxSizes(scene.graph, scene.look, true);
  if (many) {
    placeAsLaidOut(scene, task, sizes);
    if (task.byZones) frameZones(scene);
  } else {
    std::vector<bool> pinned;
    pinned.reserve(scene.graph.nodes.size());
    for (const auto& node : scene.graph.nodes)
      pinned.push_back(node.pinned);
    auto placed = placeBoxes(task.places, sizes, task.area, scene.compact ? QSizeF(10, 9) : QSizeF(26, 22), pinned);
    scene.boxes = std::move(placed.boxes);
    scene.fromPlaces = placed.fromPlaces;
    scene.bounds = task.area;
  }
  for (const auto& box : scene.boxes)
    scene.bounds = scene.bounds.isNull() ? box : scene.bounds | box;
  for (const auto& frame : scene.frames)
    scene.bounds |= frame.box;
  scene.lines = routeEdges(scene.boxes, endsOf(scene.graph), scene.bounds);
  if (many) scene.taken.clear(); // it is zoomed: what lies over the picture lies elsewhere
  label(scene);
  return scene;
}

TopologyScene withFigures(TopologyScene scene, TopologyGraph graph) {
  scene.graph = std::move(graph);
  label(scene);
  return scene;
}

} // namespace weft::monitor
