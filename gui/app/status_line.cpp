#include "gui/app/status_line.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>

namespace weft::monitor {
namespace {

constexpr int noticeFor = 8000; // milliseconds: long enough to be read

} // namespace

StatusLine::StatusLine(QWidget* parent) : QWidget(parent) {
  setAccessibleName(QStringLiteral("Source"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  forgets_.setSingleShot(true);
  connect(&forgets_, &QTimer::timeout, this, [this] { notice_.clear(); });
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void StatusLine::showState(const source_state& state, const snapshot& now) {
  shown_ = !state.problem.empty() ? health::warn : state.connected ? health::ok : health::unknown;
  left_ = texts::of(state.where);
  if (!state.problem.empty()) left_ += (left_.isEmpty() ? QString() : QStringLiteral(": ")) + texts::of(state.problem);
  if (left_.isEmpty()) left_ = QStringLiteral("not connected");
  if (!now.problem.empty()) {
    shown_ = health::warn;
    left_ = texts::of(now.problem);
  } else if (!now.missing.empty()) {
    shown_ = health::warn;
    left_ = QStringLiteral("as it was at ") + texts::clock(now.at, false) + texts::without(now.missing);
  }
  if (!notice_.isEmpty()) {
    shown_ = noticed_;
    left_ = notice_;
  }
  const auto counted = [](std::size_t n, const char* one) {
    return QStringLiteral("%1 %2%3").arg(n).arg(QLatin1String(one), n == 1 ? QString() : QStringLiteral("s"));
  };
  right_ = counted(now.nodes.size(), "node") + QStringLiteral(" \u00b7 ") + counted(now.flows.size(), "flow") +
           QStringLiteral(" \u00b7 ") + counted(now.groups.size(), "group");
  if (now.frames_dropped > 0)
    right_ += QStringLiteral(" \u00b7 %1 frames dropped").arg(texts::count(now.frames_dropped));
  if (now.frames_refused > 0)
    right_ += QStringLiteral(" \u00b7 %1 frames refused").arg(texts::count(now.frames_refused));
  setAccessibleDescription(left_ + QStringLiteral(", ") + right_);
  update();
}

void StatusLine::notice(const QString& text, health tone) {
  notice_ = text;
  noticed_ = tone;
  left_ = text;
  shown_ = tone;
  setAccessibleDescription(left_);
  forgets_.start(noticeFor);
  update();
}

QSize StatusLine::sizeHint() const { return {400, Theme::instance().px(22)}; }

void StatusLine::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  painter.fillRect(rect(), tokens().window);
  painter.setPen(hairline(tokens().border));
  painter.drawLine(0, 0, width(), 0);
  const QRectF box = QRectF(rect()).adjusted(theme.px(14), 1, -theme.px(14), 0);
  paintState(painter, {box.left() + theme.px(4), box.center().y()}, theme.px(8), shown_);
  painter.setFont(theme.font(FontRole::text, 11.5));
  painter.setPen(shown_ == health::warn ? tokens().warn : tokens().muted);
  const int right = painter.fontMetrics().horizontalAdvance(right_) + theme.px(20);
  const auto left = painter.fontMetrics().elidedText(left_, Qt::ElideRight, int(box.width()) - right);
  painter.drawText(box.adjusted(theme.px(14), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, left);
  painter.setPen(tokens().muted);
  painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, right_);
}

} // namespace weft::monitor
