// gui/widgets/topology_view.hpp: nodes as boxes, flows as edges, events as dots that run along them.
#pragma once
#include "gui/widgets/topology_canvas.hpp"
#include "gui/widgets/topology_dots.hpp"

#include <QTimer>
#include <QWidget>

namespace weft::monitor {

/// Keys: arrows select, Enter opens, Escape lets go; + and - zoom, 0 shows all; F asks for what is around the selected
/// node, then 1 to 9 for so many hops; Backspace closes its zone; P pins it, Ctrl and arrows move it. Mouse: a click
/// selects, a double click opens, dragging a node moves it, dragging the ground moves the picture, the wheel zooms.
///
/// Three parts are drawn one over the other; the still ones are kept as pictures (TopologyCanvas):
///
///     below    ground, edges, arrowheads    drawn again when graph, states, size, theme, zoom or selection change;
///     dots     sprites, each frame          for new rates alone at most once a second
///     above    boxes, labels
class TopologyView : public QWidget {
  Q_OBJECT
public:
  explicit TopologyView(QWidget* parent = nullptr);

  /// @param places of graph.nodes, by a layout of boxes of layoutBox(); fewer: they are not known yet
  void setGraph(TopologyGraph graph, std::vector<QPointF> places, bool byZones = true);
  [[nodiscard]] const TopologyGraph& graph() const noexcept { return graph_; }
  [[nodiscard]] const TopologyScene& scene() const noexcept { return canvas_.scene(); }
  /// Only the surroundings of a node are shown: Escape and digits ask for others. @param on that is so
  void setFocused(bool on) { focused_ = on; }
  /// What stands there when there is no node.
  void setEmptyText(const QString& text);

  [[nodiscard]] QString selected() const; ///< a node's name; empty: none
  void select(const QString& node);
  /// The node at a place of the widget; -1: none.
  [[nodiscard]] int nodeAt(QPointF place) const;
  [[nodiscard]] QRectF nodeBox(int node) const; ///< in the widget

  void showAll();
  void zoomBy(double factor, QPointF around);
  [[nodiscard]] double zoom() const noexcept { return toView_.m11(); }
  [[nodiscard]] const QTransform& toView() const noexcept { return toView_; }
  void moveTo(const QTransform& toView); ///< shows another part
  /// Where the small picture of all is; empty: all is seen.
  [[nodiscard]] QRectF mapBox() const;

  /// Whether dots move: visible, allowed, and there are some.
  [[nodiscard]] bool isMoving() const { return clock_.isActive(); }
  /// How often the still layers were drawn.
  [[nodiscard]] int rebuilds() const noexcept { return canvas_.draws(); }
  [[nodiscard]] std::size_t dots() const noexcept { return dots_.count(); }
  /// Waits until the still layers are as they should be; for tests and pictures.
  void finish();

  QSize sizeHint() const override { return {700, 420}; }
  QSize minimumSizeHint() const override { return {280, 180}; }

Q_SIGNALS:
  void nodeSelected(const QString& node); ///< empty: none is any more
  void nodeOpened(const QString& node);
  void zoneClosed(const QString& zone);
  /// @param hops 0: all again; with an empty node: of the same node
  void focusWished(const QString& node, int hops);
  /// Somebody put a node there. @param place as places of setGraph()
  void nodeMoved(const QString& node, QPointF place);
  /// Holds it where it is, or lets it go.
  void pinWished(const QString& node, QPointF place);

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
  enum class Drag { none, ground, node, map };

  void place();
  void dirty();
  void flush();
  void sceneDrawn(bool other);
  void paintGhost(QPainter& painter) const;
  [[nodiscard]] QRectF legendBox() const;
  [[nodiscard]] QRectF room() const;
  [[nodiscard]] CanvasWish wish() const;
  [[nodiscard]] double fitZoom() const { return fitting(scene().bounds, room()).m11(); }
  [[nodiscard]] int chosenInScene() const { return scene().graph.indexOf(chosen_); }
  [[nodiscard]] QPointF placeOf(QPointF inScene) const;
  void choose(const std::string& node);
  void bringInSight(int node);
  void step(QPointF direction);
  void moveChosen(QPointF by);
  bool nodeKey(QKeyEvent& event);
  void pause();

  TopologyGraph graph_; ///< the newest
  std::vector<QPointF> places_;
  bool byZones_ = true, focused_ = false;
  QString emptyText_ = QStringLiteral("No node has been heard of yet.");
  TopologyCanvas canvas_;
  TopologyDots dots_;
  QTimer clock_;
  std::string chosen_;
  QTransform toView_;
  bool fits_ = true, old_ = true, figuresOld_ = false, later_ = false;
  Drag drag_ = Drag::none;
  bool pressed_ = false;
  QPointF grabbed_, pointer_;
  QTransform grabbedView_;
};

/// Lets assistive tools see nodes as children of a TopologyView. Call once, before the first view.
void installTopologyAccessibility();

} // namespace weft::monitor
