#include "gui/widgets/topology_layers.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/stroke.hpp"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weft::monitor {
namespace {

bool isDim(const TopologyEdge& edge, int chosen) {
  return edge.dim || (chosen >= 0 && edge.from != std::size_t(chosen) && edge.to != std::size_t(chosen));
}

QColor lineColour(const TopologyScene& scene, const TopologyEdge& edge, int chosen) {
  const auto& t = scene.look.tokens;
  QColor colour = edge.shown == health::ok ? blend(t.muted, t.panel, edge.events_per_s > 0 ? 0.62 : 0.3)
                                           : blend(scene.look.of(edge.shown), t.panel, 0.85);
  if (isDim(edge, chosen)) return blend(colour, t.panel, 0.38);
  return chosen >= 0 && edge.shown == health::ok ? t.accent : colour;
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

/// Two rails: flows that share a stream.
void paintRails(QPainter& painter, const EdgeLine& line) {
  constexpr double apart = 1.9;
  QPolygonF left, right;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const QPointF d = line[std::min(i + 1, line.size() - 1)] - line[i > 0 ? i - 1 : 0];
    const QPointF side = QPointF(-d.y(), d.x()) * (apart / std::max(1e-6, std::hypot(d.x(), d.y())));
    left << line[i] + side;
    right << line[i] - side;
  }
  painter.drawPolyline(left);
  painter.drawPolyline(right);
}

void paintEdge(QPainter& painter, const TopologyScene& scene, std::size_t i, int chosen) {
  const auto& edge = scene.graph.edges[i];
  const auto& line = scene.lines[i];
  if (line.empty()) return;
  const QColor colour = lineColour(scene, edge, chosen);
  const double weight = edge.events_per_s <= 0 ? 1 : 1 + 1.2 * levelOf(edge.events_per_s, scene.fastest);
  painter.setPen(hairline(colour));
  painter.setBrush(Qt::NoBrush);
  const QPointF d = line.back() - line.front();
  const QPointF across = std::abs(d.x()) > std::abs(d.y()) ? QPointF(0, 1) : QPointF(1, 0);
  if (edge.isMerged()) {
    paintRails(painter, line);
  } else {
    const QPolygonF points(QList<QPointF>(line.begin(), line.end()));
    paintStroke(painter, weight, across, [&] { painter.drawPolyline(points); });
  }
  if (edge.events_per_s > 0) paintArrowhead(painter, line, colour);
}

void paintFrame(QPainter& painter, const TopologyScene& scene, const ZoneFrame& frame) {
  const auto& t = scene.look.tokens;
  painter.setPen(hairline(blend(t.faint, t.panel, 0.45)));
  painter.setBrush(blend(t.raised, t.panel, 0.35));
  painter.drawRoundedRect(frame.box, 10, 10);
}

void paintFrameName(QPainter& painter, const TopologyScene& scene, const ZoneFrame& frame) {
  const auto& t = scene.look.tokens;
  painter.setFont(scene.look.zone);
  const auto name = frame.zone.isEmpty() ? QStringLiteral("no zone") : frame.zone;
  const double wide = painter.fontMetrics().horizontalAdvance(name) + scene.look.px(10);
  const QRectF box(frame.box.topLeft() + QPointF(scene.look.px(6), scene.look.px(2)), QSizeF(wide, scene.look.px(20)));
  painter.setPen(Qt::NoPen);
  painter.setBrush(blend(t.raised, t.panel, 0.35));
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(t.text);
  painter.drawText(box, Qt::AlignCenter, name);
}

void paintLabel(QPainter& painter, const TopologyScene& scene, std::size_t i, int chosen) {
  if (!scene.labels[i]) return;
  const auto& edge = scene.graph.edges[scene.wishes[i].edge];
  const auto& t = scene.look.tokens;
  QColor colour = edge.behind_s > 0 ? scene.look.of(edge.shown) : t.muted;
  if (isDim(edge, chosen)) colour = blend(colour, t.panel, 0.4);
  QRectF box = *scene.labels[i];
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.panel);
  painter.drawRoundedRect(box, 3, 3);
  painter.setFont(scene.look.label);
  painter.setPen(colour);
  const double arrow = arrowWidth(edge, scene.look);
  painter.drawText(box.adjusted(0, 0, -arrow, 0), Qt::AlignCenter, scene.labelTexts[i]);
  if (arrow > 0)
    paintArrow(painter, {box.right() - arrow / 2 - 3, box.center().y()}, scene.look.px(7), edge.goes == trend::growing,
               colour);
}

/// A small sign at the right end of a box: on its upper rim, or in it where there is no room around it.
/// @returns where the next one ends
double paintBadge(QPainter& painter, const TopologyScene& scene, QPointF right, const QString& text,
                  const QColor& colour) {
  const auto& look = scene.look;
  painter.setFont(look.label);
  const double high = look.px(14), wide = painter.fontMetrics().horizontalAdvance(text) + look.px(8);
  const QRectF box(right.x() - wide, right.y(), wide, high);
  painter.setPen(hairline(colour));
  painter.setBrush(look.tokens.panel);
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(colour);
  painter.drawText(box, Qt::AlignCenter, text);
  return box.left() - look.px(3);
}

void paintBadges(QPainter& painter, const TopologyScene& scene, std::size_t i, double part) {
  const auto& look = scene.look;
  const QRectF& box = scene.boxes[i];
  const double high = look.px(14), top = scene.compact ? box.center().y() - high / 2 : box.top() - high + 3;
  double right = box.right() - look.px(5);
  for (const auto& [text, shown] : signsOf(scene.graph, i, scene.compact)) {
    const QColor colour = shown ? look.of(*shown) : look.tokens.muted;
    right = paintBadge(painter, scene, {right, top}, text, blend(colour, look.tokens.panel, part));
  }
}

void paintBox(QPainter& painter, const TopologyScene& scene, std::size_t i, bool chosen, bool dim, bool focus) {
  const auto& look = scene.look;
  const auto& t = look.tokens;
  const auto& node = scene.graph.nodes[i];
  const QRectF box = scene.boxes[i].adjusted(0.5, 0.5, -0.5, -0.5);
  const bool well = node.shown == health::ok;
  QColor rim = well ? blend(t.faint, t.panel, 0.5) : look.of(node.shown);
  if (chosen) rim = t.accent;
  painter.setPen(hairline(dim ? blend(rim, t.panel, 0.45) : rim));
  if (node.isZone()) { // a heap of boxes
    painter.setBrush(t.panel);
    for (const double by : {6.0, 3.0})
      painter.drawRoundedRect(box.translated(by, -by), 6, 6);
  }
  painter.setBrush(chosen ? blend(t.selection, t.raised, 0.7) : t.raised);
  painter.drawRoundedRect(box, 6, 6);
  painter.setBrush(Qt::NoBrush);
  if (chosen || !well) painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), 5.5, 5.5);
  if (chosen && focus) painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8);
}

void paintNode(QPainter& painter, const TopologyScene& scene, std::size_t i, bool chosen, bool dim, bool focus) {
  const auto& look = scene.look;
  const auto& t = look.tokens;
  const auto& node = scene.graph.nodes[i];
  paintBox(painter, scene, i, chosen, dim, focus);
  const QRectF box = scene.boxes[i].adjusted(0.5, 0.5, -0.5, -0.5);
  const double part = dim ? 0.5 : 1;
  const double left = scene.compact ? 13 : 16;
  paintState(painter, {box.left() + look.px(left), box.center().y()}, look.px(scene.compact ? 8 : 9.5), node.shown,
             blend(look.of(node.shown), t.raised, part));
  const QRectF text =
      box.adjusted(look.px(left + 11), 0, -look.px(6) - signsWidth(scene.graph, i, look, scene.compact), 0);
  const auto line = [&](const QFont& font, const QColor& colour, const QRectF& where, const QString& said) {
    painter.setFont(font);
    painter.setPen(blend(colour, t.raised, part));
    painter.drawText(where, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font).elidedText(said, Qt::ElideMiddle, where.width() + 1));
  };
  const auto title =
      scene.compact && node.isZone() ? QStringLiteral("%1 \u00b7 %2").arg(node.title).arg(node.members) : node.title;
  if (scene.compact || node.note.isEmpty()) {
    line(look.name, t.text, text, title);
  } else {
    const double middle = text.center().y(), high = look.px(17);
    line(look.name, t.text, QRectF(text.left(), middle - high + 1, text.width(), high), title);
    line(look.note, t.muted, QRectF(text.left(), middle - 0.5, text.width(), look.px(15)), node.note);
  }
  paintBadges(painter, scene, i, part);
}

} // namespace

void paintBelow(QPainter& painter, const TopologyScene& scene, int chosen) {
  painter.setRenderHint(QPainter::Antialiasing);
  for (const auto& frame : scene.frames)
    paintFrame(painter, scene, frame);
  std::vector<std::size_t> order(scene.graph.edges.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    return std::pair(!isDim(scene.graph.edges[i], chosen), severity(scene.graph.edges[i].shown));
  });
  for (const std::size_t i : order)
    paintEdge(painter, scene, i, chosen);
}

void paintAbove(QPainter& painter, const TopologyScene& scene, int chosen, bool focus) {
  painter.setRenderHint(QPainter::Antialiasing);
  std::vector<bool> near(scene.boxes.size(), chosen < 0);
  for (const auto& edge : scene.graph.edges)
    if (chosen >= 0 && (edge.from == std::size_t(chosen) || edge.to == std::size_t(chosen)))
      near[edge.from] = near[edge.to] = true;
  for (const auto& frame : scene.frames)
    paintFrameName(painter, scene, frame);
  for (std::size_t i = 0; i < scene.labels.size(); ++i)
    paintLabel(painter, scene, i, chosen);
  for (std::size_t i = 0; i < scene.boxes.size(); ++i)
    paintNode(painter, scene, i, int(i) == chosen, scene.graph.nodes[i].dim || (!near[i] && int(i) != chosen), focus);
}

} // namespace weft::monitor
