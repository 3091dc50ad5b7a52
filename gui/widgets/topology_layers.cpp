#include "gui/widgets/topology_layers.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/stroke.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <set>

namespace weft::monitor {
namespace {

constexpr double namePx = 12.5, zonePx = 11, labelPx = 11;

QFont nameFont() { return Theme::instance().font(FontRole::text, namePx, QFont::DemiBold); }
QFont zoneFont() { return Theme::instance().font(FontRole::text, zonePx); }
QFont labelFont() { return Theme::instance().font(FontRole::number, labelPx, QFont::Bold); }

std::vector<QSizeF> boxSizes(const TopologyGraph& graph, bool compact) {
  const auto& theme = Theme::instance();
  const QFontMetricsF name(nameFont()), zone(zoneFont());
  std::vector<QSizeF> sizes;
  for (const auto& node : graph.nodes) {
    double text = name.horizontalAdvance(texts::of(node.name));
    if (!compact) text = std::max(text, zone.horizontalAdvance(node.zone));
    const double most = theme.px(compact ? 120 : 170), least = theme.px(compact ? 40 : 104);
    sizes.emplace_back(std::clamp(text + theme.px(compact ? 33 : 42), least, most), theme.px(compact ? 24 : 40));
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
  if (edge.behind_s <= 0) return texts::compact(edge.events_per_s) + QStringLiteral("/s");
  return QStringLiteral("lag ") + texts::seconds(edge.behind_s);
}

double arrowWidth(const TopologyEdge& edge) {
  return edge.behind_s > 0 && edge.goes != trend::steady ? Theme::instance().px(12) : 0;
}

QColor lineColour(const TopologyEdge& edge, int chosen) {
  const bool mine = chosen < 0 || edge.from == std::size_t(chosen) || edge.to == std::size_t(chosen);
  QColor colour = edge.shown == health::ok ? blend(tokens().muted, tokens().panel, edge.events_per_s > 0 ? 0.62 : 0.3)
                                           : blend(Theme::instance().of(edge.shown), tokens().panel, 0.85);
  if (chosen >= 0 && mine && edge.shown == health::ok) colour = tokens().accent;
  return mine ? colour : blend(colour, tokens().panel, 0.42);
}

void paintArrowhead(QPainter& painter, const EdgeLine& line, const QColor& colour) {
  const QPointF tip = line.back(), back = along(line, 1 - std::min(0.4, 8 / std::max(1.0, lengthOf(line))));
  const QPointF d = tip - back;
  const double length = std::max(1e-6, std::hypot(d.x(), d.y()));
  const QPointF along1 = d / length, side(-along1.y(), along1.x());
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawPolygon(QPolygonF{tip, tip - along1 * 7.5 + side * 3.4, tip - along1 * 7.5 - side * 3.4});
}

void paintEdge(QPainter& painter, const TopologyScene& scene, std::size_t i, int chosen) {
  const auto& edge = scene.graph.edges[i];
  const auto& line = scene.lines[i];
  if (line.empty()) return;
  const QColor colour = lineColour(edge, chosen);
  const double weight = edge.events_per_s <= 0 ? 1 : 1 + 1.2 * levelOf(edge.events_per_s, scene.fastest);
  const QPolygonF points(QList<QPointF>(line.begin(), line.end()));
  painter.setPen(hairline(colour));
  painter.setBrush(Qt::NoBrush);
  const QPointF d = line.back() - line.front();
  const QPointF across = std::abs(d.x()) > std::abs(d.y()) ? QPointF(0, 1) : QPointF(1, 0);
  paintStroke(painter, weight, across, [&] { painter.drawPolyline(points); });
  if (edge.events_per_s > 0) paintArrowhead(painter, line, colour);
}

void paintLabel(QPainter& painter, const TopologyScene& scene, std::size_t i, int chosen) {
  if (!scene.labels[i]) return;
  const auto& edge = scene.graph.edges[scene.wishes[i].edge];
  const bool dim = chosen >= 0 && edge.from != std::size_t(chosen) && edge.to != std::size_t(chosen);
  QColor colour = edge.behind_s > 0 ? Theme::instance().of(edge.shown) : tokens().muted;
  if (dim) colour = blend(colour, tokens().panel, 0.4);
  QRectF box = *scene.labels[i];
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().panel);
  painter.drawRoundedRect(box, 3, 3);
  painter.setFont(labelFont());
  painter.setPen(colour);
  const double arrow = arrowWidth(edge);
  painter.drawText(box.adjusted(0, 0, -arrow, 0), Qt::AlignCenter, scene.labelTexts[i]);
  if (arrow > 0)
    paintArrow(painter, {box.right() - arrow / 2 - 3, box.center().y()}, Theme::instance().px(7),
               edge.goes == trend::growing, colour);
}

void paintNode(QPainter& painter, const TopologyScene& scene, std::size_t i, bool chosen, bool dim, bool focus) {
  const auto& theme = Theme::instance();
  const auto& node = scene.graph.nodes[i];
  const QRectF box = scene.boxes[i].adjusted(0.5, 0.5, -0.5, -0.5);
  const bool well = node.shown == health::ok;
  QColor rim = well ? blend(tokens().faint, tokens().panel, 0.5) : theme.of(node.shown);
  if (chosen) rim = tokens().accent;
  painter.setPen(hairline(dim ? blend(rim, tokens().panel, 0.45) : rim));
  painter.setBrush(chosen ? blend(tokens().selection, tokens().raised, 0.7) : tokens().raised);
  painter.drawRoundedRect(box, 6, 6);
  painter.setBrush(Qt::NoBrush);
  if (chosen || !well) painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), 5.5, 5.5);
  if (chosen && focus) painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8);
  const double part = dim ? 0.62 : 1;
  const double left = scene.compact ? 13 : 16;
  paintState(painter, {box.left() + theme.px(left), box.center().y()}, theme.px(scene.compact ? 8 : 9.5), node.shown,
             blend(theme.of(node.shown), tokens().raised, part));
  QRectF text = box.adjusted(theme.px(left + 11), 0, -theme.px(6), 0);
  const auto line = [&](const QFont& font, const QColor& colour, const QRectF& where, const QString& said) {
    painter.setFont(font);
    painter.setPen(blend(colour, tokens().raised, part));
    painter.drawText(where, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font).elidedText(said, Qt::ElideRight, where.width() + 1));
  };
  if (scene.compact) return line(nameFont(), tokens().text, text, texts::of(node.name));
  const double middle = text.center().y(), high = theme.px(17);
  line(nameFont(), tokens().text, QRectF(text.left(), middle - high + 1, text.width(), high), texts::of(node.name));
  line(zoneFont(), tokens().muted, QRectF(text.left(), middle - 0.5, text.width(), theme.px(15)), node.zone);
}

/// Lags first, the longest before others; then the rates above the 80th percentile.
void wishLabels(TopologyScene& scene) {
  const auto& edges = scene.graph.edges;
  std::vector<double> rates;
  for (const auto& edge : edges)
    if (edge.events_per_s > 0) rates.push_back(edge.events_per_s);
  std::ranges::sort(rates);
  const double high = rates.empty() ? 0 : rates[rates.size() * 4 / 5];
  const QFontMetricsF metrics(labelFont());
  scene.wishes.clear();
  scene.labelTexts.clear();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (edges[i].behind_s > 0 || (edges[i].events_per_s > 0 && edges[i].events_per_s >= high)) order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(severity(edges[a].shown), edges[a].behind_s, edges[a].events_per_s) >
           std::tuple(severity(edges[b].shown), edges[b].behind_s, edges[b].events_per_s);
  });
  for (const std::size_t i : order) {
    const auto text = labelOf(edges[i]);
    scene.wishes.push_back({i, {metrics.horizontalAdvance(text) + 9 + arrowWidth(edges[i]), metrics.height()}});
    scene.labelTexts.push_back(text);
  }
}

} // namespace

double levelOf(double rate, double fastest) {
  return rate <= 0 || fastest <= 0 ? 0 : std::clamp(std::log1p(rate) / std::log1p(fastest), 0.0, 1.0);
}

TopologyScene makeScene(TopologyGraph graph, const std::vector<QPointF>& places, QRectF area,
                        const std::vector<QRectF>& taken) {
  TopologyScene scene;
  scene.graph = std::move(graph);
  auto sizes = boxSizes(scene.graph, false);
  scene.compact = !isRoomFor(sizes, area);
  if (scene.compact) sizes = boxSizes(scene.graph, true);
  scene.boxes = placeBoxes(places, sizes, area, scene.compact ? QSizeF(10, 9) : QSizeF(26, 22));
  scene.bounds = area;
  for (const auto& box : scene.boxes)
    scene.bounds |= box;
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& edge : scene.graph.edges)
    pairs.emplace(edge.from, edge.to);
  std::vector<EdgeEnds> ends;
  ends.reserve(scene.graph.edges.size());
  for (const auto& edge : scene.graph.edges)
    ends.push_back({edge.from, edge.to, pairs.contains({edge.to, edge.from})});
  scene.lines = routeEdges(scene.boxes, ends, scene.bounds);
  refreshLabels(scene, taken, scene.bounds);
  return scene;
}

void refreshLabels(TopologyScene& scene, const std::vector<QRectF>& taken, QRectF area) {
  scene.fastest = 0;
  for (const auto& edge : scene.graph.edges)
    scene.fastest = std::max(scene.fastest, edge.events_per_s);
  wishLabels(scene);
  scene.labels = placeLabels(scene.wishes, scene.lines, scene.boxes, taken, area);
}

void paintBelow(QPainter& painter, const TopologyScene& scene, int chosen) {
  painter.setRenderHint(QPainter::Antialiasing);
  std::vector<std::size_t> order(scene.graph.edges.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return severity(scene.graph.edges[i].shown); });
  for (const std::size_t i : order)
    paintEdge(painter, scene, i, chosen);
}

void paintAbove(QPainter& painter, const TopologyScene& scene, int chosen, bool focus) {
  painter.setRenderHint(QPainter::Antialiasing);
  std::vector<bool> near(scene.boxes.size(), chosen < 0);
  for (const auto& edge : scene.graph.edges)
    if (chosen >= 0 && (edge.from == std::size_t(chosen) || edge.to == std::size_t(chosen)))
      near[edge.from] = near[edge.to] = true;
  for (std::size_t i = 0; i < scene.labels.size(); ++i)
    paintLabel(painter, scene, i, chosen);
  for (std::size_t i = 0; i < scene.boxes.size(); ++i)
    paintNode(painter, scene, i, int(i) == chosen, !near[i] && int(i) != chosen, focus);
}

} // namespace weft::monitor
