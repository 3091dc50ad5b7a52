#include "gui/widgets/topology_geometry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace weft::monitor {
namespace {

constexpr int pointsOfLine = 25;
constexpr std::size_t bendingMax = 90; // with more nodes than that edges don't look for a way around boxes
constexpr double border = 2;           // between an edge's end and the box

QRectF hull(const std::vector<QPointF>& points) {
  QRectF box(points.front(), QSizeF(0, 0));
  for (const auto& p : points) {
    box.setLeft(std::min(box.left(), p.x())), box.setRight(std::max(box.right(), p.x()));
    box.setTop(std::min(box.top(), p.y())), box.setBottom(std::max(box.bottom(), p.y()));
  }
  return box;
}

/// One pass of pushing overlapping pairs apart, along the shorter way.
/// @returns whether any overlapped
bool pushApart(std::vector<QRectF>& boxes, const QRectF& area, QSizeF gap) {
  bool moved = false;
  for (std::size_t i = 0; i < boxes.size(); ++i)
    for (std::size_t j = i + 1; j < boxes.size(); ++j) {
      auto &a = boxes[i], &b = boxes[j];
      const QPointF d = b.center() - a.center();
      const double x = (a.width() + b.width()) / 2 + gap.width() - std::abs(d.x());
      const double y = (a.height() + b.height()) / 2 + gap.height() - std::abs(d.y());
      if (x <= 0.01 || y <= 0.01) continue;
      moved = true;
      // Boxes are wide and low: a push down costs less of the picture than one of the same length aside.
      const bool aside = x < y;
      const double by = (aside ? x : y) * 0.52;
      const double sign = (aside ? d.x() : d.y()) < 0 || (d.isNull() && i % 2 == 0) ? -1 : 1;
      const QPointF push = aside ? QPointF(by * sign, 0) : QPointF(0, by * sign);
      a.translate(-push);
      b.translate(push);
    }
  for (auto& box : boxes) {
    box.moveLeft(std::clamp(box.left(), area.left(), std::max(area.left(), area.right() - box.width())));
    box.moveTop(std::clamp(box.top(), area.top(), std::max(area.top(), area.bottom() - box.height())));
  }
  return moved;
}

QPointF curve(QPointF a, QPointF c, QPointF b, double t) {
  return a * ((1 - t) * (1 - t)) + c * (2 * t * (1 - t)) + b * (t * t);
}

/// Where the curve leaves `box` for good, as seen from the side where t = `inside`.
double borderOf(QPointF a, QPointF c, QPointF b, const QRectF& box, double inside, double outside) {
  for (int i = 0; i < 24; ++i) {
    const double middle = (inside + outside) / 2;
    (box.contains(curve(a, c, b, middle)) ? inside : outside) = middle;
  }
  return outside;
}

EdgeLine bent(const QRectF& from, const QRectF& to, double bend) {
  const QPointF a = from.center(), b = to.center(), d = b - a;
  const QPointF c = (a + b) / 2 + QPointF(-d.y(), d.x()) * bend;
  const QRectF start = from.adjusted(-border, -border, border, border),
               end = to.adjusted(-border, -border, border, border);
  if (start.intersects(end)) return {};
  const double first = borderOf(a, c, b, start, 0, 0.5), last = borderOf(a, c, b, end, 1, 0.5);
  if (first >= last) return {};
  EdgeLine line;
  for (int i = 0; i < pointsOfLine; ++i)
    line.push_back(curve(a, c, b, first + (last - first) * i / (pointsOfLine - 1)));
  return line;
}

/// How many points of the line are inside boxes other than its own, or outside the area.
int hits(const EdgeLine& line, const std::vector<QRectF>& boxes, const EdgeEnds& ends, const QRectF& area) {
  int count = 2 * static_cast<int>(std::ranges::count_if(line, [&](QPointF p) { return !area.contains(p); }));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (i == ends.from || i == ends.to) continue;
    const QRectF wide = boxes[i].adjusted(-4, -4, 4, 4);
    count += static_cast<int>(std::ranges::count_if(line, [&](QPointF p) { return wide.contains(p); }));
  }
  return count;
}

EdgeLine route(const std::vector<QRectF>& boxes, const EdgeEnds& ends, const QRectF& area) {
  const double own = ends.bothWays ? 0.09 : 0;
  const QRectF &from = boxes[ends.from], &to = boxes[ends.to];
  EdgeLine best = bent(from, to, own);
  if (boxes.size() > bendingMax) return best;
  int least = hits(best, boxes, ends, area);
  for (const double bend : {0.12, -0.12, 0.22, -0.22, 0.34, -0.34, 0.5, -0.5}) {
    if (least == 0) break;
    EdgeLine line = bent(from, to, bend + own);
    if (const int count = hits(line, boxes, ends, area); !line.empty() && count < least)
      best = std::move(line), least = count;
  }
  return best;
}

bool isFree(const QRectF& box, const std::vector<QRectF>& boxes, const std::vector<QRectF>& taken) {
  const auto touches = [&](const QRectF& other) { return other.adjusted(-3, -3, 3, 3).intersects(box); };
  return std::ranges::none_of(boxes, touches) && std::ranges::none_of(taken, touches);
}

} // namespace

std::vector<QRectF> placeBoxes(const std::vector<QPointF>& places, const std::vector<QSizeF>& sizes, QRectF area,
                               QSizeF gap) {
  if (places.empty()) return {};
  QSizeF most;
  for (const auto& size : sizes)
    most = most.expandedTo(size);
  const QRectF had = hull(places);
  for (int attempt = 0;; ++attempt) {
    const QRectF inner = area.adjusted(most.width() / 2, most.height() / 2, -most.width() / 2, -most.height() / 2);
    std::vector<QRectF> boxes;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const double x = had.width() > 0 ? (places[i].x() - had.left()) / had.width() : 0.5;
      const double y = had.height() > 0 ? (places[i].y() - had.top()) / had.height() : 0.5;
      QRectF box({}, sizes[i]);
      box.moveCenter(
          {inner.left() + x * std::max(0.0, inner.width()), inner.top() + y * std::max(0.0, inner.height())});
      boxes.push_back(box);
    }
    bool crowded = true;
    for (int pass = 0; crowded && pass < 150; ++pass)
      crowded = pushApart(boxes, area, gap);
    if (!crowded || attempt == 12) return boxes;
    area = QRectF(area.topLeft(), area.size() * 1.15);
  }
}

std::vector<EdgeLine> routeEdges(const std::vector<QRectF>& boxes, const std::vector<EdgeEnds>& edges, QRectF area) {
  std::vector<EdgeLine> lines;
  lines.reserve(edges.size());
  for (const auto& ends : edges)
    lines.push_back(route(boxes, ends, area));
  return lines;
}

std::vector<std::optional<QRectF>> placeLabels(const std::vector<LabelWish>& wishes, const std::vector<EdgeLine>& lines,
                                               const std::vector<QRectF>& boxes, std::vector<QRectF> taken,
                                               QRectF area) {
  constexpr std::array parts{0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74};
  constexpr std::array asides{0.0, 1.0, -1.0};
  std::vector<std::optional<QRectF>> found(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const auto& line = lines[wishes[i].edge];
    if (line.empty()) continue;
    for (const double aside : asides)
      for (const double part : parts) {
        if (found[i]) break;
        const QPointF d = along(line, part + 0.02) - along(line, part - 0.02);
        const double length = std::max(1e-6, std::hypot(d.x(), d.y()));
        const QPointF normal(-d.y() / length, d.x() / length);
        const double far =
            std::abs(normal.x()) * wishes[i].size.width() / 2 + std::abs(normal.y()) * wishes[i].size.height() / 2 + 3;
        QRectF box({}, wishes[i].size);
        box.moveCenter(along(line, part) + normal * far * aside);
        if (area.contains(box) && isFree(box, boxes, taken)) found[i] = box;
      }
    if (found[i]) taken.push_back(*found[i]);
  }
  return found;
}

QPointF along(const EdgeLine& line, double part) {
  if (line.empty()) return {};
  const double at = std::clamp(part, 0.0, 1.0) * double(line.size() - 1);
  const auto first = std::min(static_cast<std::size_t>(at), line.size() - 1),
             next = std::min(first + 1, line.size() - 1);
  return line[first] + (line[next] - line[first]) * (at - double(first));
}

double lengthOf(const EdgeLine& line) {
  double sum = 0;
  for (std::size_t i = 1; i < line.size(); ++i)
    sum += std::hypot(line[i].x() - line[i - 1].x(), line[i].y() - line[i - 1].y());
  return sum;
}

} // namespace weft::monitor
