// gui/widgets/topology_dots.hpp: the dots that run along edges, as many and as fast as events do.
#pragma once
#include "gui/widgets/topology_scene.hpp"

#include <QPixmap>

#include <map>
#include <string>
#include <utility>

namespace weft::monitor {

class TopologyDots {
public:
  /// Runs of edges that stay go on where they are.
  void setScene(const TopologyScene& scene);
  /// Moves all dots by what they run in `seconds`.
  void advance(double seconds);
  [[nodiscard]] bool isEmpty() const noexcept { return runs_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept;

  /// Draws them where `toView` puts the scene. @param chosen a node: dots of other edges are left out; -1: all are
  /// drawn
  void paint(QPainter& painter, const TopologyScene& scene, const QTransform& toView, int chosen);

private:
  struct Run {
    std::size_t edge = 0;
    std::pair<std::string, std::string> ends; ///< the edge's, by name
    int dots = 0;
    double speed = 0; ///< parts of the edge per second
    double phase = 0; ///< 0 to 1, of the first dot
  };
  [[nodiscard]] const QPixmap& sprite(health shown, double ratio, double size);

  std::vector<Run> runs_;
  std::map<std::pair<QRgb, int>, QPixmap> sprites_; ///< by colour and size in hundredths of a device's pixel
};

} // namespace weft::monitor
