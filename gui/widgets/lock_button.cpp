#include "gui/widgets/lock_button.hpp"

#include "gui/models/operating.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>
#include <QPainterPath>

namespace weft::monitor {
namespace {

const QString locked = QStringLiteral("Locked");

QString leftText(time_us left) {
  const auto seconds = (left + limits::second - 1) / limits::second;
  return QStringLiteral("Operating %1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

void paintLock(QPainter& painter, QRectF box, bool open, const QColor& colour) {
  const double bow = box.width() * 0.28, mid = box.center().x() + (open ? bow * 0.9 : 0);
  const QRectF body(box.left(), box.top() + box.height() * 0.46, box.width(), box.height() * 0.54);
  QPainterPath arc;
  arc.moveTo(mid - bow, body.top());
  arc.lineTo(mid - bow, box.top() + bow);
  arc.arcTo(QRectF(mid - bow, box.top(), 2 * bow, 2 * bow), 180, -180);
  arc.lineTo(mid + bow, open ? box.top() + bow * 1.3 : body.top());
  painter.setPen(hairline(colour));
  painter.setBrush(Qt::NoBrush);
  painter.drawPath(arc);
  painter.drawPath(arc.translated(0.6, 0));
  painter.setBrush(colour);
  painter.drawRoundedRect(body, 1.5, 1.5);
}

} // namespace

LockButton::LockButton(const Operating& operating, QWidget* parent) : QAbstractButton(parent), operating_(operating) {
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_Hover);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  connect(&operating, &Operating::changed, this, &LockButton::refresh);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
  refresh();
}

void LockButton::refresh() {
  const bool open = operating_.isUnlocked();
  setText(open ? leftText(operating_.left()) : locked);
  setAccessibleName(open ? QStringLiteral("Operating is unlocked: lock it (Ctrl+Shift+O)")
                         : QStringLiteral("Operating is locked: unlock it (Ctrl+Shift+O)"));
  setToolTip(accessibleName());
  updateGeometry();
  update();
}

QSize LockButton::sizeHint() const {
  const auto& theme = Theme::instance();
  const QFontMetrics metrics(theme.font(FontRole::number, 12));
  const auto widest = operating_.isUnlocked() ? leftText(59 * limits::minute + 59 * limits::second) : locked;
  return {metrics.horizontalAdvance(widest) + theme.px(36), std::max(24, theme.px(24))};
}

void LockButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  const bool open = operating_.isUnlocked();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hairline(hasFocus() ? tokens().accent : open ? tokens().warn : tokens().border));
  painter.setBrush(underMouse() ? tokens().hover : tokens().raised);
  const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.drawRoundedRect(box, 5, 5);
  if (hasFocus()) painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4);
  const QColor colour = open ? tokens().warn : tokens().muted;
  const double high = theme.px(11);
  paintLock(painter, QRectF(theme.px(10), (height() - high) / 2, high * 0.82, high), open, colour);
  painter.setFont(theme.font(FontRole::number, 12));
  painter.setPen(open ? tokens().warn : tokens().text);
  painter.drawText(rect().adjusted(theme.px(26), 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, text());
}

} // namespace weft::monitor
