#include "gui/widgets/topology_geometry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace weft::monitor {
namespace {

constexpr int pointsOfLine = 25;
constexpr std::size_t bendingMax = 90;     // with more nodes than that edges don't look for a way around boxes
constexpr double border = 2;               // between an edge's end and the box
constexpr double opposite = 5;             // an edge that has one back runs so far beside the middle
constexpr std::size_t crossedMax = 40'000; // labels times edges; of more nobody counts what a label lies on

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
bool pushApart(std::vector<QRectF>& boxes, const QRectF& area, QSizeF gap, const std::vector<bool>& pinned) {
  bool moved = false;
  const auto isPinned = [&](std::size_t i) { return i < pinned.size() && pinned[i]; };
  for (std::size_t i = 0; i < boxes.size(); ++i)
    for (std::size_t j = i + 1; j < boxes.size(); ++j) {
      auto &a = boxes[i], &b = boxes[j];
      const QPointF d = b.center() - a.center();
      const double x = (a.width() + b.width()) / 2 + gap.width() - std::abs(d.x());
      const double y = (a.height() + b.height()) / 2 + gap.height() - std::abs(d.y());
      if (x <= 0.01 || y <= 0.01 || (isPinned(i) && isPinned(j))) continue;
      moved = true;
      // Boxes are wide and low: a push down costs less of the picture than one of the same length aside.
      const bool aside = x < y;
      const double by = (aside ? x : y) * (isPinned(i) || isPinned(j) ? 1.04 : 0.52);
      const double sign = (aside ? d.x() : d.y()) < 0 || (d.isNull() && i % 2 == 0) ? -1 : 1;
      const QPointF push = aside ? QPointF(by * sign, 0) : QPointF(0, by * sign);
      if (!isPinned(i)) a.translate(-push);
      if (!isPinned(j)) b.translate(push);
    }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    auto& box = boxes[i];
    if (isPinned(i)) continue;
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

/// @param aside how far both ends are beside the middle of their boxes, to the left
EdgeLine bent(const QRectF& from, const QRectF& to, double bend, double aside) {
  QPointF a = from.center(), b = to.center();
  const QPointF d = b - a;
  const QPointF by = QPointF(-d.y(), d.x()) * (aside / std::max(1.0, std::hypot(d.x(), d.y())));
  a += by, b += by;
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
  const double own = ends.bothWays ? 0.06 : 0, aside = ends.bothWays ? opposite : 0;
  const QRectF &from = boxes[ends.from], &to = boxes[ends.to];
  EdgeLine best = bent(from, to, own, aside);
  if (boxes.size() > bendingMax) return best;
  int least = hits(best, boxes, ends, area);
  for (const double bend : {0.12, -0.12, 0.22, -0.22, 0.34, -0.34, 0.5, -0.5}) {
    if (least == 0) break;
    EdgeLine line = bent(from, to, bend + own, aside);
    if (const int count = hits(line, boxes, ends, area); !line.empty() && count < least)
      best = std::move(line), least = count;
  }
  return best;
}

bool isFree(const QRectF& box, const std::vector<QRectF>& boxes, const std::vector<QRectF>& taken) {
  const auto touches = [&](const QRectF& other) { return other.adjusted(-3, -3, 3, 3).intersects(box); };
  return std::ranges::none_of(boxes, touches) && std::ranges::none_of(taken, touches);
}

/// Where a label may be: on its edge, then beside it; the middle first.
std::vector<QRectF> labelPlaces(const EdgeLine& line, QSizeF size) {
  constexpr std::array parts{0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74};
  constexpr std::array asides{0.0, 1.0, -1.0};
  std::vector<QRectF> places;
  for (const double aside : asides)
    for (const double part : parts) {
      const QPointF d = along(line, part + 0.02) - along(line, part - 0.02);
      const double length = std::max(1e-6, std::hypot(d.x(), d.y()));
      const QPointF normal(-d.y() / length, d.x() / length);
      const double far = std::abs(normal.x()) * size.width() / 2 + std::abs(normal.y()) * size.height() / 2 + 3;
      QRectF box({}, size);
      box.moveCenter(along(line, part) + normal * far * aside);
      places.push_back(box);
    }
  return places;
}

/// Tells how many edges a label would lie on.
class CrossedEdges {
public:
  CrossedEdges(const std::vector<EdgeLine>& lines, std::size_t labels) : lines_(lines) {
    if (lines.size() * labels > crossedMax) return;
    for (const auto& line : lines)
      hulls_.push_back(line.empty() ? QRectF() : hull(line).adjusted(-1, -1, 1, 1));
  }
  [[nodiscard]] int under(const QRectF& box, std::size_t own) const {
    int count = 0;
    for (std::size_t i = 0; i < hulls_.size(); ++i)
      if (i != own && hulls_[i].intersects(box) && isOn(box, lines_[i])) ++count;
    return count;
  }

private:
  /// Its points are so near each other that one is in each label that the line crosses.
  static bool isOn(const QRectF& box, const EdgeLine& line) {
    const QRectF wide = box.adjusted(-2, -2, 2, 2);
    for (std::size_t i = 1; i < line.size(); ++i)
      for (const double part : {0.0, 0.5})
        if (wide.contains(line[i - 1] + (line[i] - line[i - 1]) * part)) return true;
    return false;
  }
  const std::vector<EdgeLine>& lines_;
  std::vector<QRectF> hulls_;
};

} // namespace

PlacedBoxes placeBoxes(const std::vector<QPointF>& places, const std::vector<QSizeF>& sizes, QRectF area, QSizeF gap,
                       const std::vector<bool>& pinned) {
  if (places.empty()) return {};
  QSizeF most;
  std::vector<QPointF> free; // pins may be far away
  for (std::size_t i = 0; i < places.size(); ++i) {
    most = most.expandedTo(sizes[i]);
    if (i >= pinned.size() || !pinned[i]) free.push_back(places[i]);
  }
  const QRectF had = hull(free.size() < 2 ? places : free);
  for (int attempt = 0;; ++attempt) {
    const QRectF inner = area.adjusted(most.width() / 2, most.height() / 2, -most.width() / 2, -most.height() / 2);
    const double across = had.width() > 0 ? std::max(0.0, inner.width()) / had.width() : 0,
                 down = had.height() > 0 ? std::max(0.0, inner.height()) / had.height() : 0;
    const QPointF middle = had.center();
    PlacedBoxes placed;
    placed.fromPlaces = QTransform(across, 0, 0, down, inner.center().x() - middle.x() * across,
                                   inner.center().y() - middle.y() * down);
    for (std::size_t i = 0; i < places.size(); ++i) {
      QRectF box({}, sizes[i]);
      box.moveCenter(placed.fromPlaces.map(places[i]));
      placed.boxes.push_back(box);
    }
    bool crowded = true;
    for (int pass = 0; crowded && pass < 150; ++pass)
      crowded = pushApart(placed.boxes, area, gap, pinned);
    if (!crowded || attempt == 12) return placed;
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
  const CrossedEdges crossed(lines, wishes.size());
  std::vector<std::optional<QRectF>> found(wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const auto& line = lines[wishes[i].edge];
    if (line.empty()) continue;
    int least = std::numeric_limits<int>::max();
    for (const QRectF& box : labelPlaces(line, wishes[i].size)) {
      if (least == 0) break;
      if (!area.contains(box) || !isFree(box, boxes, taken)) continue;
      if (const int count = crossed.under(box, wishes[i].edge); count < least) least = count, found[i] = box;
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
