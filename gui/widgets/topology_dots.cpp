#include "gui/widgets/topology_dots.hpp"

#include "gui/widgets/theme.hpp"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weft::monitor {
namespace {

constexpr std::size_t dotsMax = 2400; // what 30 frames a second leave time for
constexpr double spriteSize = 8;
constexpr double smallBelow = 0.7;                 // zoom
constexpr double apartMost = 130, apartLeast = 26; // px between dots of a slow and of the fastest edge
constexpr double slowest = 22, fastestSpeed = 95;  // px a second

} // namespace

void TopologyDots::setScene(const TopologyScene& scene) {
  const auto& nodes = scene.graph.nodes;
  std::map<std::pair<std::string, std::string>, double> phases;
  for (auto& run : runs_)
    phases.emplace(std::move(run.ends), run.phase);
  runs_.clear();
  std::size_t sum = 0;
  for (std::size_t i = 0; i < scene.graph.edges.size() && sum < dotsMax; ++i) {
    const auto& edge = scene.graph.edges[i];
    const double length = lengthOf(scene.lines[i]);
    if (edge.events_per_s <= 0 || length < 12) continue;
    const double level = levelOf(edge.events_per_s, scene.fastest), steep = level * level;
    const double apart = apartMost + (apartLeast - apartMost) * steep;
    Run run{i,
            {nodes[edge.from].name, nodes[edge.to].name},
            std::max(1, int(length / apart)),
            (slowest + (fastestSpeed - slowest) * steep) / length,
            0};
    const auto known = phases.find(run.ends);
    run.phase =
        known != phases.end() ? known->second : std::fmod(double(i) * 0.381966, 1); // spread, the same each time
    sum += std::size_t(run.dots);
    runs_.push_back(std::move(run));
  }
}

void TopologyDots::advance(double seconds) {
  for (auto& run : runs_)
    run.phase = std::fmod(run.phase + run.speed * seconds, 1.0);
}

std::size_t TopologyDots::count() const noexcept {
  std::size_t sum = 0;
  for (const auto& run : runs_)
    sum += std::size_t(run.dots);
  return sum;
}

const QPixmap& TopologyDots::sprite(health shown, double ratio, double size) {
  const QColor colour = shown == health::ok ? tokens().accent : Theme::instance().of(shown);
  auto& pixmap = sprites_[{colour.rgb(), int(std::lround(ratio * size * 100))}];
  if (!pixmap.isNull()) return pixmap;
  const int side = int(std::ceil(size * ratio));
  pixmap = QPixmap(side, side);
  pixmap.setDevicePixelRatio(ratio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.scale(size / spriteSize, size / spriteSize);
  painter.setPen(Qt::NoPen);
  QColor glow = colour;
  glow.setAlpha(70);
  painter.setBrush(glow);
  painter.drawEllipse(QPointF(spriteSize / 2, spriteSize / 2), 3.9, 3.9);
  painter.setBrush(colour);
  painter.drawEllipse(QPointF(spriteSize / 2, spriteSize / 2), 2.5, 2.5);
  return pixmap;
}

void TopologyDots::paint(QPainter& painter, const TopologyScene& scene, const QTransform& toView, int chosen) {
  const double ratio = painter.device()->devicePixelRatioF();
  const bool small = toView.m11() < smallBelow;
  const double side = small ? spriteSize * 0.6 : spriteSize;
  const QPointF half(side / 2, side / 2);
  for (const auto& run : runs_) {
    const auto& edge = scene.graph.edges[run.edge];
    if (edge.dim) continue;
    if (chosen >= 0 && edge.from != std::size_t(chosen) && edge.to != std::size_t(chosen)) continue;
    const auto& pixmap = sprite(edge.shown, ratio, side);
    for (int dot = 0; dot < run.dots; ++dot)
      painter.drawPixmap(
          toView.map(along(scene.lines[run.edge], std::fmod(run.phase + double(dot) / run.dots, 1.0))) - half, pixmap);
  }
}

} // namespace weft::monitor
