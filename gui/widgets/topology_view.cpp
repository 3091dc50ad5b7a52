#include "gui/widgets/topology_view.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QAccessible>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace weft::monitor {
namespace {

constexpr int frame_ms = 33;
constexpr double zoomMost = 4, marginPx = 16;
constexpr double legendPx = 26;

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
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    place();
    pause();
  });
}

void TopologyView::setGraph(TopologyGraph graph, std::vector<QPointF> places) {
  const bool same = graph.sameShape(scene_.graph) && places == places_;
  if (!same) {
    const auto before = selected();
    scene_.graph = std::move(graph);
    places_ = std::move(places);
    place();
    if (!before.isEmpty() && selected().isEmpty()) Q_EMIT nodeSelected({});
  } else {
    scene_.graph = std::move(graph);
    refreshLabels(scene_, {legendBox()}, scene_.bounds);
    dots_.setScene(scene_);
    dirty();
  }
  pause();
}

void TopologyView::place() {
  if (width() < 10 || height() < 10) return;
  const bool whole = zoom_ == fit_; // who zoomed in stays there
  scene_ = makeScene(std::move(scene_.graph), places_, room(), {legendBox()});
  dots_.setScene(scene_);
  if (whole) return showAll();
  dirty();
}

QRectF TopologyView::room() const {
  const auto& theme = Theme::instance();
  const double margin = theme.px(marginPx);
  return QRectF(rect()).adjusted(margin, margin, -margin, -margin - theme.px(legendPx - 8));
}

QRectF TopologyView::legendBox() const {
  const double high = Theme::instance().px(legendPx);
  return {0, height() - high, double(width()), high};
}

QTransform TopologyView::toView() const { return QTransform(zoom_, 0, 0, zoom_, shift_.x(), shift_.y()); }

void TopologyView::showAll() {
  const QRectF all = scene_.bounds.isEmpty() ? QRectF(rect()) : scene_.bounds, into = room();
  fit_ = zoom_ = std::min({1.0, into.width() / all.width(), into.height() / all.height()});
  shift_ = into.center() - all.center() * zoom_;
  dirty();
}

void TopologyView::zoomBy(double factor, QPointF around) {
  const double before = zoom_;
  zoom_ = std::clamp(zoom_ * factor, fit_ * 0.5, zoomMost);
  shift_ = around - (around - shift_) * (zoom_ / before);
  dirty();
}

void TopologyView::dirty() {
  layersOld_ = true;
  update();
}

void TopologyView::rebuild() {
  const double ratio = devicePixelRatioF();
  const int node = scene_.graph.indexOf(chosen_);
  const auto draw = [&](QPixmap& layer, const QColor& ground, const auto& paint) {
    if (layer.size() != size() * ratio) layer = QPixmap(size() * ratio);
    layer.setDevicePixelRatio(ratio);
    layer.fill(ground);
    QPainter painter(&layer);
    painter.setTransform(toView());
    paint(painter);
  };
  draw(below_, tokens().panel, [&](QPainter& painter) { paintBelow(painter, scene_, node); });
  draw(above_, Qt::transparent, [&](QPainter& painter) { paintAbove(painter, scene_, node, hasFocus()); });
  layersOld_ = false;
  ++rebuilds_;
}

void TopologyView::paintEvent(QPaintEvent*) {
  if (layersOld_ && !dragging_) rebuild();
  QPainter painter(this);
  const QPointF moved = dragging_ ? shift_ - grabbedShift_ : QPointF();
  if (dragging_) painter.fillRect(rect(), tokens().panel);
  painter.drawPixmap(moved, below_);
  dots_.paint(painter, scene_, toView(), scene_.graph.indexOf(chosen_));
  painter.drawPixmap(moved, above_);
  paintLegend(painter);
  if (scene_.graph.nodes.empty()) {
    painter.setFont(Theme::instance().font(FontRole::text, 13));
    painter.setPen(tokens().muted);
    painter.drawText(rect(), Qt::AlignCenter, QStringLiteral("No node has been heard of yet"));
  } else if (hasFocus() && chosen_.empty()) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hairline(tokens().accent));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 2.5, -2.5, -2.5), 5, 5);
  }
}

void TopologyView::paintLegend(QPainter& painter) const {
  const auto& theme = Theme::instance();
  const QRectF box = legendBox();
  painter.fillRect(box.adjusted(3, 0, -3, -3), tokens().panel);
  painter.setFont(theme.font(FontRole::text, 11));
  double x = theme.px(marginPx) + theme.px(4);
  const double y = box.center().y() - 2, gap = theme.px(16);
  const auto word = [&](const QString& text) {
    const double width = painter.fontMetrics().horizontalAdvance(text);
    if (x + width > box.right() - gap) return;
    painter.setPen(tokens().muted);
    painter.drawText(QRectF(x, y - theme.px(9), width + 2, theme.px(18)), Qt::AlignVCenter | Qt::AlignLeft, text);
    x += width + gap;
  };
  for (const auto shown : {health::ok, health::warn, health::fail, health::unknown}) {
    const double wide = painter.fontMetrics().horizontalAdvance(texts::word(shown)) + theme.px(12);
    if (x + wide > box.right() - gap) return;
    paintState(painter, {x, y + 0.5}, theme.px(8), shown);
    x += theme.px(9);
    word(texts::word(shown));
  }
  word(QStringLiteral("dots: events per second, logarithmic"));
}

QString TopologyView::selected() const {
  return scene_.graph.indexOf(chosen_) < 0 ? QString() : QString::fromStdString(chosen_);
}

void TopologyView::select(const QString& node) { choose(scene_.graph.indexOf(node.toStdString())); }

void TopologyView::choose(int node) {
  const std::string name = node < 0 ? std::string() : scene_.graph.nodes[std::size_t(node)].name;
  if (name == chosen_) return;
  chosen_ = name;
  dirty();
  if (node >= 0) {
    QAccessibleEvent event(this, QAccessible::Focus);
    event.setChild(node);
    QAccessible::updateAccessibility(&event);
  }
  Q_EMIT nodeSelected(QString::fromStdString(name));
}

int TopologyView::nodeAt(QPointF place) const {
  const QPointF at = toView().inverted().map(place);
  for (std::size_t i = 0; i < scene_.boxes.size(); ++i)
    if (scene_.boxes[i].contains(at)) return int(i);
  return -1;
}

QRectF TopologyView::nodeBox(int node) const { return toView().mapRect(scene_.boxes.at(std::size_t(node))); }

void TopologyView::step(QPointF direction) {
  const int from = scene_.graph.indexOf(chosen_);
  if (scene_.boxes.empty()) return;
  if (from < 0) return choose(0);
  int best = -1;
  double nearest = 1e18;
  for (std::size_t i = 0; i < scene_.boxes.size(); ++i) {
    const QPointF d = scene_.boxes[i].center() - scene_.boxes[std::size_t(from)].center();
    const double ahead = QPointF::dotProduct(d, direction),
                 aside = std::abs(d.x() * direction.y() - d.y() * direction.x());
    if (ahead < 4 || aside > ahead * 2) continue;
    if (const double cost = ahead + 2 * aside; cost < nearest) nearest = cost, best = int(i);
  }
  if (best >= 0) choose(best);
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

void TopologyView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  grabbed_ = event->position();
  grabbedShift_ = shift_;
  if (const int node = nodeAt(event->position()); node >= 0) choose(node);
}

void TopologyView::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & Qt::LeftButton)) {
    setCursor(nodeAt(event->position()) >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    return;
  }
  const QPointF d = event->position() - grabbed_;
  if (!dragging_ && (d.manhattanLength() < 5 || nodeAt(grabbed_) >= 0)) return;
  dragging_ = true;
  shift_ = grabbedShift_ + d;
  update();
}

void TopologyView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (!dragging_ && nodeAt(event->position()) < 0) choose(-1);
  if (dragging_) dirty();
  dragging_ = false;
}

void TopologyView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (nodeAt(event->position()) >= 0) Q_EMIT nodeOpened(selected());
}

void TopologyView::wheelEvent(QWheelEvent* event) {
  zoomBy(std::pow(1.2, event->angleDelta().y() / 120.0), event->position());
  event->accept();
}

void TopologyView::keyPressEvent(QKeyEvent* event) {
  const QPointF middle = QRectF(rect()).center();
  switch (event->key()) {
  case Qt::Key_Left: return step({-1, 0});
  case Qt::Key_Right: return step({1, 0});
  case Qt::Key_Up: return step({0, -1});
  case Qt::Key_Down: return step({0, 1});
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (!selected().isEmpty()) Q_EMIT nodeOpened(selected());
    return;
  case Qt::Key_Escape: return choose(-1);
  case Qt::Key_Plus:
  case Qt::Key_Equal: return zoomBy(1.25, middle);
  case Qt::Key_Minus: return zoomBy(0.8, middle);
  case Qt::Key_0: return showAll();
  default: QWidget::keyPressEvent(event);
  }
}

bool TopologyView::event(QEvent* event) {
  if (event->type() == QEvent::WindowStateChange) pause();
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int node = nodeAt(help->pos());
  if (node < 0) return QToolTip::hideText(), true;
  const auto& shown = scene_.graph.nodes[std::size_t(node)];
  QToolTip::showText(
      help->globalPos(),
      (texts::of(shown.name) + QStringLiteral(": ") + (shown.why.isEmpty() ? texts::word(shown.shown) : shown.why))
          .toHtmlEscaped(),
      this);
  return true;
}

} // namespace weft::monitor
