// gui/widgets/topology_view.hpp: nodes as boxes, flows as edges, events as dots that run along them.
#pragma once
#include "gui/widgets/topology_dots.hpp"
#include "gui/widgets/topology_layers.hpp"

#include <QTimer>
#include <QWidget>

namespace weft::monitor {

/// Keys: arrows select, Enter opens, Escape lets go; + and - zoom, 0 shows all. Mouse: a click selects, a double click
/// opens, dragging the ground moves the picture, the wheel zooms.
///
/// Three parts are drawn one over the other; the still ones are kept as pixmaps:
///
///     below    ground, edges, arrowheads    rebuilt when graph, size, theme, zoom or selection change;
///     dots     sprites, each frame          for new rates alone at most once a second
///     above    boxes, labels
class TopologyView : public QWidget {
  Q_OBJECT
public:
  explicit TopologyView(QWidget* parent = nullptr);

  /// @param places of graph.nodes, in any unit
  void setGraph(TopologyGraph graph, std::vector<QPointF> places);
  [[nodiscard]] const TopologyScene& scene() const noexcept { return scene_; }

  [[nodiscard]] QString selected() const; ///< a node's name; empty: none
  void select(const QString& node);
  /// The node at a place of the widget; -1: none.
  [[nodiscard]] int nodeAt(QPointF place) const;
  [[nodiscard]] QRectF nodeBox(int node) const; ///< in the widget

  void showAll();
  void zoomBy(double factor, QPointF around);
  [[nodiscard]] double zoom() const noexcept { return zoom_; }

  /// Whether dots move: visible, allowed, and there are some.
  [[nodiscard]] bool isMoving() const { return clock_.isActive(); }
  /// How often the still layers were drawn.
  [[nodiscard]] int rebuilds() const noexcept { return rebuilds_; }
  [[nodiscard]] std::size_t dots() const noexcept { return dots_.count(); }

  QSize sizeHint() const override { return {700, 420}; }
  QSize minimumSizeHint() const override { return {280, 180}; }

Q_SIGNALS:
  void nodeSelected(const QString& node); ///< empty: none is any more
  void nodeOpened(const QString& node);

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

private:
  void place();
  void dirty();
  void rebuild();
  void paintLegend(QPainter& painter) const;
  [[nodiscard]] QRectF legendBox() const;
  [[nodiscard]] QRectF room() const;
  [[nodiscard]] QTransform toView() const;
  void choose(int node);
  void step(QPointF direction);
  void pause();

  TopologyScene scene_;
  std::vector<QPointF> places_;
  TopologyDots dots_;
  QPixmap below_, above_;
  QTimer clock_;
  std::string chosen_;
  double zoom_ = 1, fit_ = 1;
  QPointF shift_, grabbed_, grabbedShift_;
  bool dragging_ = false, layersOld_ = true;
  int rebuilds_ = 0;
};

/// Lets assistive tools see nodes as children of a TopologyView. Call once, before the first view.
void installTopologyAccessibility();

} // namespace weft::monitor
