#include "gui/widgets/trace_view.hpp"

#include "gui/models/event_texts.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/theme.hpp"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>

namespace weft::monitor {
namespace {

constexpr double rowPx = 28, scalePx = 28, barPx = 14;

QString spanText(time_us us) {
  const QString text = texts::seconds(double(std::abs(us)) / 1e6);
  return us < 0 ? QString(QChar(0x2212)) + text : text;
}

} // namespace

TraceView::TraceView(QWidget* parent) : QAbstractScrollArea(parent) {
  installTraceAccessibility();
  setAccessibleName(QStringLiteral("Causal trace"));
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&Theme::instance(), &Theme::changed, this, &TraceView::fit);
}

void TraceView::setTrace(trace_picture trace) {
  const QString before = selected_ >= 0 ? texts::of(trace_.rows[std::size_t(selected_)].what.position) : QString();
  trace_ = std::move(trace);
  selected_ = -1;
  for (std::size_t i = 0; i < trace_.rows.size(); ++i)
    if (texts::of(trace_.rows[i].what.position) == before) selected_ = int(i);
  for (std::size_t i = 0; i < trace_.rows.size() && selected_ < 0; ++i)
    if (trace_.rows[i].asked) selected_ = int(i);
  fit();
  if (selected_ >= 0) setSelected(selected_);
}

void TraceView::setHint(const QString& hint) {
  hint_ = hint;
  viewport()->update();
}

void TraceView::setSelected(int row) {
  if (row < 0 || row >= int(trace_.rows.size())) return;
  selected_ = row;
  auto& bar = *verticalScrollBar();
  const int high = Theme::instance().px(rowPx), top = row * high;
  const int page = viewport()->height() - Theme::instance().px(scalePx);
  if (top < bar.value()) bar.setValue(top);
  if (top + high > bar.value() + page) bar.setValue(top + high - page);
  setAccessibleDescription(rowText(row));
  viewport()->update();
  Q_EMIT rowSelected(row);
}

QString TraceView::barText(int row, bool brief) const {
  const auto& of = trace_.rows.at(std::size_t(row));
  if (of.fate == trace_fate::missing) return texts::of(of.why);
  QString text =
      of.cause ? spanText(of.end - of.begin) + QStringLiteral("  ") : QString(); // first: the rest may be cut
  const bool typed = !of.what.type.empty();
  if (!brief || !typed) text += texts::of(of.what.topic) + (typed ? QStringLiteral("  ") : QString());
  text += texts::of(of.what.type);
  if (!of.joins.empty()) text += QStringLiteral("  joins %1 causes").arg(of.joins.size() + 1);
  if (of.fate == trace_fate::parked) text += QStringLiteral("  parked");
  if (of.fate == trace_fate::dead_letter) text += QStringLiteral("  dead letter");
  if (of.is_backwards()) text += QStringLiteral("  before its cause: clocks differ");
  return text;
}

QString TraceView::rowText(int row) const {
  const auto& of = trace_.rows.at(std::size_t(row));
  QStringList said;
  if (of.fate == trace_fate::missing) return texts::of(of.what.position) + QStringLiteral(": ") + texts::of(of.why);
  said << (of.what.service.empty() ? QStringLiteral("published") : texts::of(of.what.service)) +
              QStringLiteral(" at ") + texts::of(of.what.node)
       << texts::of(of.what.topic) + QLatin1Char(' ') + texts::of(of.what.type) << texts::of(of.what.position);
  if (of.cause)
    said << spanText(of.end - of.begin) + QStringLiteral(" from its cause's append to its own, ") + spanText(of.end) +
                QStringLiteral(" after the first");
  if (of.effects > 0) said << QStringLiteral("cause of %1").arg(of.effects);
  if (of.critical) said << QStringLiteral("on the critical path");
  if (of.corrected) said << QStringLiteral("time corrected by its node's clock");
  if (!of.why.empty()) said << texts::of(of.why);
  return said.join(QStringLiteral("\n"));
}

double TraceView::namesWidth() const { return std::min(double(Theme::instance().px(330)), viewport()->width() * 0.36); }

double TraceView::xOf(time_us at) const {
  const double left = namesWidth() + Theme::instance().px(14);
  const double room = viewport()->width() - left - Theme::instance().px(30);
  const auto span = double(std::max<time_us>(1, trace_.end - trace_.begin));
  return left + room * double(at - trace_.begin) / span;
}

QRectF TraceView::rowBox(int row) const {
  const auto& theme = Theme::instance();
  const double y = theme.px(scalePx) + double(row) * theme.px(rowPx) - verticalScrollBar()->value();
  return {0, y, double(viewport()->width()), double(theme.px(rowPx))};
}

QRectF TraceView::barBox(int row) const {
  const auto& of = trace_.rows.at(std::size_t(row));
  const QRectF box = rowBox(row);
  const double a = xOf(std::min(of.begin, of.end)), b = xOf(std::max(of.begin, of.end)),
               high = Theme::instance().px(barPx);
  return {a, box.center().y() - high / 2, std::max(4.0, b - a), high};
}

int TraceView::rowAt(const QPointF& at) const {
  const auto& theme = Theme::instance();
  if (at.y() < theme.px(scalePx)) return -1;
  const int row = int((at.y() - theme.px(scalePx) + verticalScrollBar()->value()) / theme.px(rowPx));
  return row < int(trace_.rows.size()) ? row : -1;
}

void TraceView::choose(int row) {
  if (!trace_.rows.empty()) setSelected(std::clamp(row, 0, int(trace_.rows.size()) - 1));
}

void TraceView::fit() {
  const auto& theme = Theme::instance();
  const int page = std::max(1, viewport()->height() - theme.px(scalePx));
  verticalScrollBar()->setSingleStep(theme.px(rowPx));
  verticalScrollBar()->setPageStep(page);
  verticalScrollBar()->setRange(0, std::max(0, int(trace_.rows.size()) * theme.px(rowPx) - page));
  viewport()->update();
}

void TraceView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  fit();
}

void TraceView::mousePressEvent(QMouseEvent* event) {
  if (const int row = rowAt(event->position()); row >= 0) setSelected(row);
}

void TraceView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (const int row = rowAt(event->position()); row >= 0) Q_EMIT rowActivated(row);
}

void TraceView::mouseReleaseEvent(QMouseEvent* event) { event->accept(); }

void TraceView::keyPressEvent(QKeyEvent* event) {
  const int page = std::max(1, verticalScrollBar()->pageStep() / Theme::instance().px(rowPx) - 1);
  switch (event->key()) {
  case Qt::Key_Up: return choose(selected_ - 1);
  case Qt::Key_Down: return choose(selected_ + 1);
  case Qt::Key_PageUp: return choose(selected_ - page);
  case Qt::Key_PageDown: return choose(selected_ + page);
  case Qt::Key_Home: return choose(0);
  case Qt::Key_Left: // to its cause
    if (selected_ >= 0 && trace_.rows[std::size_t(selected_)].cause)
      choose(int(*trace_.rows[std::size_t(selected_)].cause));
    return;
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (selected_ >= 0) Q_EMIT rowActivated(selected_);
    return;
  default: QAbstractScrollArea::keyPressEvent(event);
  }
}

bool TraceView::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int row = rowAt(help->pos());
  if (row < 0)
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), rowText(row), this);
  return true;
}

void TraceView::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  if (selected_ < 0) choose(0);
  viewport()->update();
}

void TraceView::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

QSize TraceView::sizeHint() const { return {Theme::instance().px(900), Theme::instance().px(500)}; }

QSize TraceView::minimumSizeHint() const { return {Theme::instance().px(360), Theme::instance().px(160)}; }

} // namespace weft::monitor
