#include "gui/widgets/topology_view.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_overlays.hpp"

#include <QAccessible>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weft::monitor {
namespace {

constexpr int frame_ms = 33;
constexpr double zoomMost = 4, marginPx = 16;

} // namespace

TopologyView::TopologyView(QWidget* parent) : QWidget(parent) {
  installTopologyAccessibility();
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Topology"));
  setAttribute(Qt::WA_OpaquePaintEvent);
  setMouseTracking(true);
  clock_.setTimerType(Qt::PreciseTimer);
  clock_.setInterval(frame_ms);
  connect(&clock_, &QTimer::timeout, this, [this] {
    dots_.advance(frame_ms / 1000.0);
    update();
  });
  connect(&canvas_, &TopologyCanvas::drawn, this, &TopologyView::sceneDrawn);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    place();
    pause();
  });
}

void TopologyView::setGraph(TopologyGraph graph, std::vector<QPointF> places, bool byZones) {
  const bool other = !graph.sameShape(graph_) || places != places_ || byZones != byZones_;
  const bool states = other || !graph.sameStates(graph_);
  const bool second = graph.at / limits::second != graph_.at / limits::second;
  const auto before = selected();
  const bool figures = states || (second && !graph.sameFigures(scene().graph));
  const auto at = figures || second ? graph.at : graph_.at; // of the last look at figures
  graph_ = std::move(graph);
  graph_.at = at;
  if (other) {
    places_ = std::move(places);
    byZones_ = byZones;
    place();
    if (!before.isEmpty() && selected().isEmpty()) Q_EMIT nodeSelected({});
  } else if (figures) {
    later_ = !states && !old_;
    figuresOld_ = true;
    dirty();
  }
  pause();
}

void TopologyView::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

CanvasWish TopologyView::wish() const {
  CanvasWish wish;
  wish.toView = toView_;
  wish.fits = fits_;
  wish.room = room();
  wish.size = size();
  wish.ratio = devicePixelRatioF();
  wish.chosen = chosen_;
  wish.focus = hasFocus();
  return wish;
}

/// Everything anew.
void TopologyView::place() {
  if (width() < 10 || height() < 10) return;
  auto wished = wish();
  const bool known = places_.size() == graph_.nodes.size();
  wished.scene = SceneTask{known ? graph_ : TopologyGraph(),
                           known ? places_ : std::vector<QPointF>(),
                           room(),
                           {legendBox()},
                           lookNow(),
                           byZones_};
  old_ = figuresOld_ = false;
  canvas_.draw(std::move(wished));
}

void TopologyView::dirty() {
  old_ = true;
  update();
}

void TopologyView::flush() {
  auto wished = wish();
  if (figuresOld_) wished.figures = graph_;
  wished.later = std::exchange(later_, false);
  old_ = figuresOld_ = false;
  canvas_.draw(std::move(wished));
}

void TopologyView::sceneDrawn(bool other) {
  if (fits_) toView_ = canvas_.drawnFor();
  if (other) {
    dots_.setScene(scene());
    QAccessibleEvent event(this, QAccessible::ObjectReorder);
    QAccessible::updateAccessibility(&event);
  }
  pause();
  update();
}

void TopologyView::finish() {
  if (old_) flush();
  canvas_.finish();
}

QRectF TopologyView::room() const {
  const auto& theme = Theme::instance();
  const double margin = theme.px(marginPx);
  return QRectF(rect()).adjusted(margin, margin, -margin, -margin - theme.px(18));
}

QRectF TopologyView::legendBox() const {
  const double high = Theme::instance().px(26);
  return {0, height() - high, double(width()), high};
}

QRectF TopologyView::mapBox() const {
  const auto& theme = Theme::instance();
  const bool all = toView_.mapRect(scene().bounds).width() <= width() * 1.02 &&
                   toView_.mapRect(scene().bounds).height() <= height() * 1.02;
  if (all || scene().boxes.empty()) return {};
  const QSizeF size(theme.px(170), theme.px(106));
  return {QPointF(width() - size.width() - theme.px(10), legendBox().top() - size.height() - theme.px(4)), size};
}

void TopologyView::showAll() {
  fits_ = true;
  toView_ = fitting(scene().bounds, room());
  dirty();
}

void TopologyView::moveTo(const QTransform& toView) {
  fits_ = false;
  toView_ = toView;
  dirty();
}

void TopologyView::zoomBy(double factor, QPointF around) {
  const double before = zoom(), zoom = std::clamp(before * factor, fitZoom() * 0.5, zoomMost);
  const QPointF shift = around - (around - QPointF(toView_.dx(), toView_.dy())) * (zoom / before);
  moveTo({zoom, 0, 0, zoom, shift.x(), shift.y()});
}

void TopologyView::paintEvent(QPaintEvent*) {
  if (old_ && drag_ != Drag::ground && drag_ != Drag::map) flush();
  QPainter painter(this);
  const QTransform moved = canvas_.drawnFor().inverted() * toView_;
  const bool still = moved.isIdentity() && canvas_.below().size() == size() * devicePixelRatioF();
  if (!still) painter.fillRect(rect(), tokens().panel);
  const auto layer = [&](const QImage& image) {
    painter.setTransform(moved);
    painter.drawImage(0, 0, image);
    painter.resetTransform();
  };
  layer(canvas_.below());
  dots_.paint(painter, scene(), toView_, chosenInScene());
  layer(canvas_.above());
  if (drag_ == Drag::node) paintGhost(painter);
  const QRectF seen = toView_.inverted().mapRect(QRectF(rect()));
  if (const auto map = mapBox(); !map.isEmpty()) paintMap(painter, scene(), map, seen);
  paintLegend(painter, scene().graph, legendBox());
  if (scene().graph.nodes.empty()) {
    painter.setFont(Theme::instance().font(FontRole::text, 13));
    painter.setPen(tokens().muted);
    painter.drawText(rect(), Qt::AlignCenter,
                     graph_.nodes.empty()
                         ? emptyText_
                         : QStringLiteral("Finding places for %1 boxes").arg(texts::count(graph_.nodes.size())));
  } else if (hasFocus() && chosen_.empty()) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hairline(tokens().accent));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 2.5, -2.5, -2.5), 5, 5);
  }
}

/// Where the node would be put.
void TopologyView::paintGhost(QPainter& painter) const {
  const int node = chosenInScene();
  if (node < 0) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hairline(tokens().accent));
  painter.setBrush(Qt::NoBrush);
  for (const double by : {0.0, 0.7})
    painter.drawRoundedRect(nodeBox(node).translated(pointer_ - grabbed_).adjusted(by, by, -by, -by), 6, 6);
}

QString TopologyView::selected() const {
  return graph_.indexOf(chosen_) < 0 ? QString() : QString::fromStdString(chosen_);
}

void TopologyView::select(const QString& node) {
  const auto name = node.toStdString();
  choose(graph_.indexOf(name) < 0 ? std::string() : name);
}

void TopologyView::choose(const std::string& name) {
  if (name == chosen_) return;
  later_ = false;
  chosen_ = name;
  dirty();
  if (const int node = chosenInScene(); node >= 0) {
    QAccessibleEvent event(this, QAccessible::Focus);
    event.setChild(node);
    QAccessible::updateAccessibility(&event);
  }
  Q_EMIT nodeSelected(QString::fromStdString(name));
}

int TopologyView::nodeAt(QPointF place) const {
  const QPointF at = toView_.inverted().map(place);
  const auto& boxes = scene().boxes;
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (boxes[i].contains(at)) return int(i);
  return -1;
}

QRectF TopologyView::nodeBox(int node) const { return toView_.mapRect(scene().boxes.at(std::size_t(node))); }

QPointF TopologyView::placeOf(QPointF inScene) const {
  bool can = false;
  const QTransform back = scene().fromPlaces.inverted(&can);
  return can ? back.map(inScene) : inScene;
}

void TopologyView::pause() {
  const bool move = isVisible() && Theme::instance().motionAllowed() && !dots_.isEmpty() && !window()->isMinimized();
  if (move && !clock_.isActive()) clock_.start();
  if (!move) clock_.stop();
}

void TopologyView::resizeEvent(QResizeEvent*) { place(); }
void TopologyView::showEvent(QShowEvent*) { pause(); }
void TopologyView::hideEvent(QHideEvent*) { clock_.stop(); }
void TopologyView::focusInEvent(QFocusEvent*) { dirty(); }
void TopologyView::focusOutEvent(QFocusEvent*) { dirty(); }

} // namespace weft::monitor
