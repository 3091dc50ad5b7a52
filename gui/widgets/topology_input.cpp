// gui/widgets/topology_input.cpp: what keys and the mouse do to a TopologyView.
#include "gui/models/texts.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_overlays.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <cmath>

namespace weft::monitor {
namespace {

constexpr double moveStep = 16; // px, of a node that is moved by keys

QString tipOf(const TopologyNode& node) {
  QStringList said{node.title + QStringLiteral(": ") + (node.why.isEmpty() ? texts::word(node.shown) : node.why)};
  if (node.isZone()) said << QStringLiteral("a zone of %1 nodes; a double click opens it").arg(node.members);
  if (node.shortTopics > 0)
    said << QStringLiteral("topics with fewer copies than are asked for: %1").arg(node.shortTopics);
  return said.join(QLatin1Char('\n'));
}

} // namespace

void TopologyView::step(QPointF direction) {
  const auto& boxes = scene().boxes;
  const int from = chosenInScene();
  if (boxes.empty()) return;
  int best = from < 0 ? 0 : -1;
  double nearest = 1e18;
  for (std::size_t i = 0; from >= 0 && i < boxes.size(); ++i) {
    const QPointF d = boxes[i].center() - boxes[std::size_t(from)].center();
    const double ahead = QPointF::dotProduct(d, direction),
                 aside = std::abs(d.x() * direction.y() - d.y() * direction.x());
    if (ahead < 4 || aside > ahead * 2) continue;
    if (const double cost = ahead + 2 * aside; cost < nearest) nearest = cost, best = int(i);
  }
  if (best < 0) return;
  choose(scene().graph.nodes[std::size_t(best)].name);
  bringInSight(best);
}

void TopologyView::bringInSight(int node) {
  const QRectF box = nodeBox(node), into = room();
  if (fits_ || into.contains(box)) return;
  const auto by = [](double low, double high, double from, double to) {
    return low < from ? from - low : high > to ? to - high : 0.0;
  };
  moveTo(toView_ * QTransform::fromTranslate(by(box.left(), box.right(), into.left(), into.right()),
                                             by(box.top(), box.bottom(), into.top(), into.bottom())));
}

void TopologyView::moveChosen(QPointF by) {
  const int node = chosenInScene();
  if (node < 0) return;
  const QPointF centre = scene().boxes[std::size_t(node)].center();
  Q_EMIT nodeMoved(selected(), placeOf(centre + by * moveStep));
}

void TopologyView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  grabbed_ = pointer_ = event->position();
  grabbedView_ = toView_;
  pressed_ = true;
  if (mapBox().contains(grabbed_)) {
    drag_ = Drag::map;
    return mouseMoveEvent(event);
  }
  if (const int node = nodeAt(grabbed_); node >= 0) choose(scene().graph.nodes[std::size_t(node)].name);
}

void TopologyView::mouseMoveEvent(QMouseEvent* event) {
  pointer_ = event->position();
  if (!pressed_ || !(event->buttons() & Qt::LeftButton)) {
    const bool hand = nodeAt(pointer_) >= 0 || mapBox().contains(pointer_);
    setCursor(hand ? Qt::PointingHandCursor : Qt::ArrowCursor);
    return;
  }
  if (drag_ == Drag::map) {
    const QPointF wanted = fitting(scene().bounds, mapBox()).inverted().map(pointer_);
    const QPointF shift = QRectF(rect()).center() - wanted * zoom();
    return moveTo({zoom(), 0, 0, zoom(), shift.x(), shift.y()});
  }
  const QPointF d = pointer_ - grabbed_;
  if (drag_ == Drag::none && d.manhattanLength() < 5) return;
  if (drag_ == Drag::none) drag_ = nodeAt(grabbed_) >= 0 ? Drag::node : Drag::ground;
  if (drag_ == Drag::ground)
    moveTo(grabbedView_ * QTransform::fromTranslate(d.x(), d.y()));
  else
    update();
}

void TopologyView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !pressed_) return;
  pressed_ = false;
  const auto was = std::exchange(drag_, Drag::none);
  if (was == Drag::none && nodeAt(event->position()) < 0) choose({});
  if (was == Drag::node)
    if (const int node = chosenInScene(); node >= 0)
      Q_EMIT nodeMoved(selected(),
                       placeOf(scene().boxes[std::size_t(node)].center() + (event->position() - grabbed_) / zoom()));
  if (was != Drag::none) dirty();
}

void TopologyView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (mapBox().contains(event->position())) return;
  if (nodeAt(event->position()) >= 0) {
    Q_EMIT nodeOpened(selected());
    return;
  }
  const QPointF at = toView_.inverted().map(event->position());
  for (const auto& frame : scene().frames)
    if (frame.box.contains(at)) {
      Q_EMIT zoneClosed(frame.zone);
      return;
    }
}

void TopologyView::wheelEvent(QWheelEvent* event) {
  zoomBy(std::pow(1.2, event->angleDelta().y() / 120.0), event->position());
  event->accept();
}

/// What is done with the node that is selected. @returns whether it was such a key
bool TopologyView::nodeKey(QKeyEvent& event) {
  const int key = event.key(), node = chosenInScene();
  if (focused_ && key >= Qt::Key_1 && key <= Qt::Key_9) {
    Q_EMIT focusWished({}, key - Qt::Key_0);
    return true;
  }
  if (focused_ && key == Qt::Key_Escape) {
    Q_EMIT focusWished({}, 0);
    return true;
  }
  if (node < 0) return false;
  const auto& shown = scene().graph.nodes[std::size_t(node)];
  switch (key) {
  case Qt::Key_Return:
  case Qt::Key_Enter: Q_EMIT nodeOpened(selected()); return true;
  case Qt::Key_Backspace: Q_EMIT zoneClosed(shown.zone); return true;
  case Qt::Key_F: Q_EMIT focusWished(selected(), 1); return true;
  case Qt::Key_P: Q_EMIT pinWished(selected(), placeOf(scene().boxes[std::size_t(node)].center())); return true;
  default: return false;
  }
}

void TopologyView::keyPressEvent(QKeyEvent* event) {
  if (nodeKey(*event)) return;
  const bool moves = event->modifiers() & Qt::ControlModifier;
  const auto arrow = [&](QPointF by) { moves ? moveChosen(by) : step(by); };
  const QPointF middle = QRectF(rect()).center();
  switch (event->key()) {
  case Qt::Key_Left: return arrow({-1, 0});
  case Qt::Key_Right: return arrow({1, 0});
  case Qt::Key_Up: return arrow({0, -1});
  case Qt::Key_Down: return arrow({0, 1});
  case Qt::Key_Return:
  case Qt::Key_Enter: return;
  case Qt::Key_Escape: return choose({});
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
  QToolTip::showText(help->globalPos(),
                     QStringLiteral("<p style='white-space:pre'>%1</p>")
                         .arg(tipOf(scene().graph.nodes[std::size_t(node)]).toHtmlEscaped()),
                     this);
  return true;
}

} // namespace weft::monitor
