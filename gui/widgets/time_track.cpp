// gui/widgets/time_track.cpp: the part of the time bar that is dragged.
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/time_bar.hpp"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace weft::monitor {
namespace {

constexpr time_us second = 1'000'000, minute = 60 * second, hour = 60 * minute;
constexpr time_us spanMin = minute, spanMax = 24 * hour, spanFirst = 15 * minute;
constexpr double barWidth = 3; // of a bar and the gap after it

/// The first round step whose labels are far enough apart.
time_us axisStep(time_us span, double width, double apart) {
  constexpr std::array<time_us, 13> steps{5 * second, 10 * second, 15 * second, 30 * second, minute,
                                          2 * minute, 5 * minute,  10 * minute, 15 * minute, 30 * minute,
                                          hour,       3 * hour,    6 * hour};
  for (const time_us step : steps)
    if (width * double(step) / double(span) >= apart) return step;
  return steps.back();
}

} // namespace

TimeTrack::TimeTrack(TimeCursor& cursor, QWidget* parent) : QWidget(parent), cursor_(cursor), span_(spanFirst) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(QStringLiteral("Time"));
  setCursor(Qt::PointingHandCursor);
  connect(&cursor_, &TimeCursor::changed, this, [this] {
    setAccessibleDescription(cursor_.isLive() ? QStringLiteral("live") : texts::clock(cursor_.moment(), false));
    update();
  });
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QRectF TimeTrack::bars() const {
  const auto& theme = Theme::instance();
  return QRectF(rect()).adjusted(theme.px(6), 1, -theme.px(6), -theme.px(25));
}

double TimeTrack::xOf(time_us at) const noexcept {
  const QRectF box = bars();
  return box.left() + box.width() * double(at - from()) / double(span_);
}

time_us TimeTrack::timeAt(double x) const noexcept {
  const QRectF box = bars();
  return from() +
         static_cast<time_us>(std::llround(double(span_) * std::clamp((x - box.left()) / box.width(), 0.0, 1.0)));
}

void TimeTrack::refresh(const mesh_source& source, const std::vector<series_point>& far) {
  source_ = &source;
  if (cursor_.isLive() || cursor_.moment() < from() || until_ == 0) until_ = cursor_.newest();
  if (!cursor_.isLive() && cursor_.moment() < from()) until_ = std::min(cursor_.newest(), cursor_.moment() + span_ / 2);
  if (!cursor_.isLive() && cursor_.moment() > until_) until_ = std::min(cursor_.newest(), cursor_.moment() + span_ / 2);
  const auto most = static_cast<std::size_t>(std::max(8.0, bars().width() / barWidth));
  load_ = source.series().points({figure::published_per_s, {}}, from(), until_, most);
  loadBegins_ = load_.empty() ? until_ : load_.front().at;
  const auto first = std::ranges::lower_bound(far, from(), {}, &series_point::at);
  const auto last = std::ranges::lower_bound(far, loadBegins_, {}, &series_point::at);
  if (first < last) load_.insert(load_.begin(), first, last);
  marks_ = source.marks(from(), until_ + 1);
  update();
}

void TimeTrack::stepMark(int direction) {
  if (source_ == nullptr) return;
  const time_us now = cursor_.moment();
  const mark* found = nullptr;
  const auto marks = source_->marks(cursor_.oldest(), cursor_.newest() + 1);
  for (const auto& mark : marks)
    if (direction < 0 ? mark.at < now : mark.at > now && found == nullptr) found = &mark;
  if (found != nullptr) cursor_.goTo(found->at);
}

void TimeTrack::zoom(double factor) {
  const time_us wanted = static_cast<time_us>(double(span_) * factor);
  const time_us span = std::clamp(wanted, spanMin, spanMax);
  if (span == span_) return;
  if (!cursor_.isLive()) { // the moment that is shown stays where it is
    const double part = double(cursor_.moment() - from()) / double(span_);
    until_ = std::min(cursor_.newest(), cursor_.moment() + static_cast<time_us>(double(span) * (1 - part)));
  }
  span_ = span;
  Q_EMIT spanChanged();
  update();
}

void TimeTrack::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), tokens().window);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF box = bars();
  painter.setPen(hairline(hasFocus() ? tokens().accent : tokens().border));
  painter.setBrush(tokens().panel);
  painter.drawRoundedRect(box.adjusted(-3.5, 0.5, 3.5, 0.5), 4, 4);
  paintBars(painter);
  paintAxis(painter);
  paintMarks(painter);
  paintHandle(painter);
}

void TimeTrack::paintBars(QPainter& painter) const {
  const QRectF box = bars();
  double top = 1e-9;
  for (const auto& point : load_)
    top = std::max(top, point.mean());
  const int bins = std::max(1, int(box.width() / barWidth));
  std::vector<std::pair<double, int>> heights(static_cast<std::size_t>(bins)); // sum and count of each bar
  for (const auto& point : load_) {
    const auto bin = std::clamp(int(double(point.at - from()) / double(span_) * bins), 0, bins - 1);
    auto& [sum, count] = heights[static_cast<std::size_t>(bin)];
    sum += point.mean();
    ++count;
  }
  // Levels finer than the bars leave none empty; coarser ones fill those after them.
  double last = 0;
  int since = 0;
  const int hold = load_.empty() ? 0 : 1 + bins / std::max(1, int(load_.size()));
  painter.setRenderHint(QPainter::Antialiasing, false);
  const QColor before = blend(tokens().accent, tokens().panel, 0.85),
               after = blend(tokens().accent, tokens().panel, 0.35);
  for (int bin = 0; bin < bins; ++bin) {
    const auto& [sum, count] = heights[static_cast<std::size_t>(bin)];
    if (count > 0)
      last = sum / count, since = 0;
    else if (++since > hold)
      last = 0;
    if (last <= 0) continue;
    const double x = box.left() + box.width() * bin / bins, height = std::max(1.0, (box.height() - 4) * last / top);
    const bool shown = cursor_.isLive() || x <= xOf(cursor_.moment());
    painter.fillRect(QRectF(std::floor(x), box.bottom() - height, barWidth - 1, height), shown ? before : after);
  }
  painter.setRenderHint(QPainter::Antialiasing);
}

void TimeTrack::paintMarks(QPainter& painter) const {
  const auto& theme = Theme::instance();
  const double y = bars().bottom() + theme.px(6), size = theme.px(8);
  double last = -1e9;
  for (const auto& mark : marks_) {
    const double x = xOf(mark.at);
    if (x - last < size * 0.7) continue; // on one another they would be a blot
    last = x;
    painter.setPen(hairline(theme.of(mark.shown)));
    painter.drawLine(QPointF(x, bars().top() + 2), QPointF(x, bars().bottom()));
    paintState(painter, {x, y}, size, mark.shown);
  }
}

void TimeTrack::paintAxis(QPainter& painter) const {
  const auto& theme = Theme::instance();
  if (until_ <= 0) return; // nothing was heard yet
  const time_us step = axisStep(span_, bars().width(), theme.px(84));
  painter.setFont(theme.font(FontRole::number, 11));
  painter.setPen(tokens().muted);
  const double half = theme.px(32);
  const time_us offset = Zone::instance().offset(until_); // so that hours are full by the clock that is shown
  for (time_us at = ((from() + offset) / step + 1) * step - offset; at <= until_; at += step) {
    const double x = xOf(at);
    if (x - half < 0 || x + half > width()) continue;
    const QString text = texts::clock(at, false);
    painter.drawText(QRectF(x - half, height() - theme.px(15), 2 * half, theme.px(15)),
                     Qt::AlignHCenter | Qt::AlignVCenter, step % minute == 0 ? text.left(5) : text);
  }
}

void TimeTrack::paintHandle(QPainter& painter) const {
  const QRectF box = bars();
  const double x = cursor_.isLive() ? box.right() : xOf(cursor_.moment());
  if (x < box.left() - 1 || x > box.right() + 1) return;
  const double size = Theme::instance().px(5);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().text);
  painter.drawRect(QRectF(x - 1, box.top(), 2, box.height() + 2));
  painter.drawPolygon(QPolygonF{{x - size, box.top()}, {x + size, box.top()}, {x, box.top() + size * 1.2}});
}

void TimeTrack::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) cursor_.goTo(timeAt(event->position().x()));
}

void TimeTrack::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) cursor_.goTo(timeAt(event->position().x()));
}

void TimeTrack::wheelEvent(QWheelEvent* event) {
  zoom(std::pow(0.85, event->angleDelta().y() / 120.0));
  event->accept();
}

void TimeTrack::keyPressEvent(QKeyEvent* event) {
  const time_us step = event->modifiers() & Qt::ShiftModifier ? 10 * second : second;
  switch (event->key()) {
  case Qt::Key_Left: return cursor_.step(-step);
  case Qt::Key_Right: return cursor_.step(step);
  case Qt::Key_PageUp: return cursor_.step(-minute);
  case Qt::Key_PageDown: return cursor_.step(minute);
  case Qt::Key_Home: return cursor_.goTo(cursor_.oldest());
  case Qt::Key_End: return cursor_.goLive();
  case Qt::Key_Plus: return zoom(0.7);
  case Qt::Key_Minus: return zoom(1 / 0.7);
  default: QWidget::keyPressEvent(event);
  }
}

bool TimeTrack::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QString text = texts::clock(timeAt(help->pos().x()), false);
  for (const auto& mark : marks_)
    if (std::abs(xOf(mark.at) - help->pos().x()) < 6) text += QLatin1Char('\n') + texts::of(mark.text);
  QToolTip::showText(help->globalPos(), text, this);
  return true;
}

} // namespace weft::monitor
