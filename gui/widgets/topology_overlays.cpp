#include "gui/widgets/topology_overlays.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_canvas.hpp"

#include <QPainter>

#include <algorithm>

namespace weft::monitor {
namespace {

/// Words from the left to the right, each after its sign, as long as there is room.
class LegendWriter {
public:
  LegendWriter(QPainter& painter, const QRectF& box)
      : painter_(painter), x_(box.left() + Theme::instance().px(20)), y_(box.center().y() - 2), right_(box.right()) {}

  template <class Sign>
  void add(const QString& text, double signWidth, const Sign& sign) {
    const auto& theme = Theme::instance();
    const double width = painter_.fontMetrics().horizontalAdvance(text), gap = theme.px(14);
    if (full_ || x_ + signWidth + width > right_ - gap) {
      full_ = true;
      return;
    }
    sign(QPointF(x_, y_));
    x_ += signWidth;
    painter_.setPen(tokens().muted);
    painter_.drawText(QRectF(x_, y_ - theme.px(9), width + 2, theme.px(18)), Qt::AlignVCenter | Qt::AlignLeft, text);
    x_ += width + gap;
  }

private:
  QPainter& painter_;
  double x_, y_, right_;
  bool full_ = false;
};

} // namespace

void paintLegend(QPainter& painter, const TopologyGraph& graph, const QRectF& box) {
  const auto& theme = Theme::instance();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(box.adjusted(1, 0, -1, 0), tokens().panel);
  painter.setFont(theme.font(FontRole::text, 11));
  LegendWriter legend(painter, box);
  for (const auto shown : {health::ok, health::warn, health::fail, health::unknown})
    legend.add(texts::word(shown), theme.px(9), [&](QPointF at) {
      paintState(painter, {at.x(), at.y() + 0.5}, theme.px(8), shown);
    });
  const auto plain = [](QPointF) {};
  if (std::ranges::any_of(graph.edges, &TopologyEdge::isMerged))
    legend.add(QStringLiteral("flows that share a stream"), theme.px(24), [&](QPointF at) {
      painter.setPen(hairline(tokens().muted));
      for (const double by : {-2.0, 2.0})
        painter.drawLine(at + QPointF(0, by), at + QPointF(theme.px(18), by));
    });
  if (std::ranges::any_of(graph.nodes, [](const auto& node) { return node.shortTopics > 0; }))
    legend.add(QStringLiteral("copies \u2212n: topics with too few copies"), 0, plain);
  if (graph.parts > 1) legend.add(QStringLiteral("part n: no link to the largest part of the mesh"), 0, plain);
  legend.add(QStringLiteral("dots: events per second, logarithmic"), 0, plain);
}

void paintMap(QPainter& painter, const TopologyScene& scene, const QRectF& box, const QRectF& seen) {
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(hairline(tokens().border));
  painter.setBrush(blend(tokens().raised, tokens().panel, 0.6));
  painter.drawRect(box);
  const QTransform small = fitting(scene.bounds, box.adjusted(4, 4, -4, -4));
  painter.save();
  painter.setClipRect(box);
  painter.setPen(Qt::NoPen);
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
    const auto& node = scene.graph.nodes[i];
    const QColor colour = node.shown == health::ok ? tokens().faint : Theme::instance().of(node.shown);
    painter.setBrush(node.dim ? blend(colour, tokens().panel, 0.4) : colour);
    const QRectF at = small.mapRect(scene.boxes[i]);
    painter.drawRect(at.width() < 2 ? QRectF(at.topLeft(), QSizeF(2, 2)) : at);
  }
  painter.setPen(hairline(tokens().accent));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(small.mapRect(seen));
  painter.restore();
}

} // namespace weft::monitor
