// gui/widgets/trace_paint.cpp: how a trace is drawn.
#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/trace_view.hpp"

#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>

#include <cmath>

namespace weft::monitor {
namespace {

constexpr double indentPx = 12, marginPx = 13, indentsMost = 9;

health stateOf(const trace_row& of) {
  switch (of.fate) {
  case trace_fate::parked: return health::warn;
  case trace_fate::dead_letter: return health::fail;
  case trace_fate::missing: return health::unknown;
  default: return of.is_backwards() ? health::warn : health::ok;
  }
}

/// A step of 1, 2 or 5 times a power of ten of which about `most` fit into the span.
time_us stepOf(time_us span, int most) {
  const double rough = double(std::max<time_us>(1, span)) / std::max(1, most);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double times : {1.0, 2.0, 5.0})
    if (rough <= power * times) return std::max<time_us>(1, std::llround(power * times));
  return std::max<time_us>(1, std::llround(power * 10));
}

void paintHatch(QPainter& painter, const QRectF& box, const QColor& colour) {
  painter.save();
  painter.setClipRect(box);
  painter.setPen(hairline(colour));
  for (double x = box.left() - box.height(); x < box.right(); x += 5)
    painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()));
  painter.restore();
}

} // namespace

void TraceView::paintScale(QPainter& painter) const {
  const auto& theme = Theme::instance();
  const double high = theme.px(28);
  painter.fillRect(QRectF(0, 0, viewport()->width(), high), tokens().panel);
  painter.setFont(theme.font(FontRole::text, 12));
  painter.setPen(tokens().muted);
  painter.drawText(QRectF(theme.px(marginPx), 0, namesWidth(), high), Qt::AlignLeft | Qt::AlignVCenter,
                   QStringLiteral("Published by"));
  painter.setFont(theme.font(FontRole::number, 11.5));
  const double room = viewport()->width() - namesWidth();
  const time_us step = stepOf(trace_.end - trace_.begin, int(room / theme.px(105)));
  const double half = theme.px(48);
  for (time_us at = (trace_.begin / step) * step; at <= trace_.end + step / 2; at += step) {
    const double x = xOf(at);
    if (x < namesWidth() || x > viewport()->width()) continue;
    painter.setPen(hairline(tokens().grid));
    painter.drawLine(QPointF(x, high), QPointF(x, viewport()->height()));
    painter.setPen(tokens().muted);
    const double centre = std::min(x, viewport()->width() - half * 0.62);
    painter.drawText(QRectF(centre - half, 0, 2 * half, high), Qt::AlignCenter,
                     (at < 0 ? QString(QChar(0x2212)) : QString()) + texts::seconds(double(std::abs(at)) / 1e6));
  }
  painter.setPen(hairline(tokens().border));
  painter.drawLine(QPointF(0, high - 0.5), QPointF(viewport()->width(), high - 0.5));
}

void TraceView::paintName(QPainter& painter, int row, const QRectF& box) const {
  const auto& theme = Theme::instance();
  const auto& of = trace_.rows[std::size_t(row)];
  const double size = theme.px(9), margin = theme.px(marginPx);
  double x = margin + theme.px(indentPx) * std::min(double(of.depth), indentsMost);
  paintState(painter, {x + size / 2, box.center().y()}, size, stateOf(of));
  x += size + theme.px(8);
  const double right = namesWidth() - theme.px(6);
  const auto draw = [&](const QString& text, const QFont& font, const QColor& colour) {
    if (right - x < theme.px(16)) return;
    painter.setFont(font);
    painter.setPen(colour);
    const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, int(right - x));
    painter.drawText(QRectF(x, box.top(), right - x, box.height()), Qt::AlignLeft | Qt::AlignVCenter, shown);
    x += painter.fontMetrics().horizontalAdvance(shown) + theme.px(8);
  };
  if (of.fate == trace_fate::missing)
    return draw(texts::of(of.what.position), theme.font(FontRole::text, 13), tokens().muted);
  const bool isService = !of.what.service.empty();
  draw(isService ? texts::of(of.what.service) : texts::of(of.what.node),
       theme.font(FontRole::text, 13, of.asked ? QFont::Bold : QFont::DemiBold), tokens().text);
  draw(isService ? QStringLiteral("at ") + texts::of(of.what.node) : QStringLiteral("no service"),
       theme.font(FontRole::text, 12), tokens().muted);
  if (of.asked) draw(QStringLiteral("asked for"), theme.font(FontRole::text, 12), tokens().accent);
}

void TraceView::paintCauses(QPainter& painter, int row) const {
  const auto& of = trace_.rows[std::size_t(row)];
  const QRectF bar = barBox(row);
  const auto connect = [&](std::size_t cause, bool join) {
    const QRectF above = barBox(int(cause));
    const bool down = above.top() < bar.top(); // a further cause may stand below
    const double x = xOf(trace_.rows[cause].end), from = down ? above.bottom() : above.top();
    const double to = down ? bar.top() : bar.bottom(), tip = down ? -4 : 4;
    QPen pen = hairline(join ? tokens().muted : tokens().faint);
    if (join) pen.setDashPattern({3, 3});
    painter.setPen(pen);
    painter.drawLine(QPointF(x, from), QPointF(x, join ? to + tip : to));
    if (join) paintArrow(painter, {x, to + tip * 0.75}, Theme::instance().px(7), !down, tokens().muted);
  };
  if (of.cause && trace_.rows[*of.cause].fate != trace_fate::missing) connect(*of.cause, false);
  for (const auto join : of.joins)
    connect(join, true);
}

void TraceView::paintBar(QPainter& painter, int row) const {
  const auto& of = trace_.rows[std::size_t(row)];
  if (of.fate == trace_fate::missing) return;
  const QRectF bar = barBox(row).adjusted(0.5, 0.5, -0.5, -0.5);
  const QColor colour = Theme::instance().of(stateOf(of));
  painter.setPen(hairline(of.critical ? tokens().text : blend(colour, tokens().panel, 0.75)));
  painter.setBrush(blend(colour, tokens().panel, 0.62));
  painter.drawRoundedRect(bar, 2.5, 2.5);
  if (of.corrected || of.is_backwards())
    paintHatch(painter, bar.adjusted(1, 1, -1, -1), blend(tokens().text, colour, 0.75));
  if (!of.critical) return;
  painter.setBrush(Qt::NoBrush); // twice, so that it is seen on both themes
  painter.drawRoundedRect(bar.adjusted(0.6, 0.6, -0.6, -0.6), 2, 2);
}

/// Right of the bar where there is room, else left of it, else in it, else without the topic. Lines end at it.
void TraceView::paintBarText(QPainter& painter, int row) const {
  const auto& theme = Theme::instance();
  const auto& of = trace_.rows[std::size_t(row)];
  const QRectF box = rowBox(row), bar = barBox(row);
  const double gap = theme.px(8), edge = viewport()->width() - theme.px(8), least = namesWidth() + theme.px(6);
  const bool missing = of.fate == trace_fate::missing;
  const double from = missing ? xOf(0) : bar.right() + gap;
  const QRectF right(from, box.top(), edge - from, box.height());
  const QRectF left(least, box.top(), missing ? 0 : bar.left() - gap - least, box.height());
  const QRectF inside = missing ? QRectF() : bar.adjusted(gap, 0, -gap, 0);
  painter.setFont(theme.font(FontRole::text, 12));
  const QFontMetrics letters = painter.fontMetrics();
  const auto widthOf = [&](const QString& text) { return letters.horizontalAdvance(text) + 2.0; };
  QString text = barText(row);
  const auto fits = [&] { return widthOf(text) <= std::max({right.width(), left.width(), inside.width()}); };
  if (!fits()) text = barText(row, true);
  const bool isOnBar = fits() && widthOf(text) > std::max(right.width(), left.width());
  const bool isLeft = !isOnBar && widthOf(text) > right.width() && left.width() > right.width();
  const QRectF room = isOnBar ? inside : isLeft ? left : right;
  if (isOnBar) painter.setFont(theme.font(FontRole::text, 10.5)); // a bar is lower than a line of text
  text = letters.elidedText(text, Qt::ElideRight, int(room.width()));
  QRectF ground(room.left() - 3, box.center().y() - letters.height() / 2.0, widthOf(text) + 4, letters.height());
  if (isLeft) ground.moveRight(room.right() + 3);
  if (isOnBar) ground = ground.intersected(bar.adjusted(3, 2, -3, -2)); // its rim stays
  const QColor state = theme.of(stateOf(of));
  painter.fillRect(ground, isOnBar            ? blend(state, tokens().panel, 0.62)
                           : row == selected_ ? tokens().selection
                           : row % 2 == 1     ? tokens().stripe
                                              : tokens().panel);
  painter.setPen(missing ? tokens().muted : isOnBar || stateOf(of) == health::ok ? tokens().text : state);
  painter.drawText(room, (isLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, text);
}

void TraceView::paintRow(QPainter& painter, int row) const {
  const QRectF box = rowBox(row);
  paintBar(painter, row);
  paintName(painter, row, box);
  paintBarText(painter, row);
  if (row != selected_ || !hasFocus()) return;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(hairline(tokens().accent));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(box.adjusted(1, 0, -2, -1));
  painter.setRenderHint(QPainter::Antialiasing);
}

void TraceView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  const auto& theme = Theme::instance();
  painter.fillRect(viewport()->rect(), tokens().panel);
  if (trace_.rows.empty()) {
    painter.setFont(theme.font(FontRole::text, 13));
    painter.setPen(tokens().muted);
    const double margin = theme.px(40);
    painter.drawText(QRectF(viewport()->rect()).adjusted(margin, margin, -margin, -margin),
                     int(Qt::AlignHCenter | Qt::AlignTop) | int(Qt::TextWordWrap), hint_);
    return;
  }
  const int high = theme.px(28), first = verticalScrollBar()->value() / high;
  const int last = std::min(int(trace_.rows.size()) - 1, first + viewport()->height() / high + 1);
  for (int row = first; row <= last; ++row)
    if (row == selected_ || row % 2 == 1)
      painter.fillRect(rowBox(row), row == selected_ ? tokens().selection : tokens().stripe);
  painter.setRenderHint(QPainter::Antialiasing, false);
  paintScale(painter);
  painter.setClipRect(viewport()->rect().adjusted(0, theme.px(28), 0, 0));
  painter.setRenderHint(QPainter::Antialiasing);
  for (int row = first; row <= last; ++row)
    paintCauses(painter, row);
  for (int row = first; row <= last; ++row)
    paintRow(painter, row);
}

} // namespace weft::monitor
