#include "gui/widgets/chip_button.hpp"

#include "gui/widgets/theme.hpp"

#include <QPainter>

namespace weft::monitor {

ChipButton::ChipButton(const QString& text, const QString& name, QWidget* parent) : QAbstractButton(parent) {
  setText(text);
  setAccessibleName(name);
  setToolTip(name);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_Hover);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void ChipButton::setMain(bool isMain) {
  isMain_ = isMain;
  update();
}

QSize ChipButton::sizeHint() const {
  const auto& theme = Theme::instance();
  const QFontMetrics metrics(theme.font(FontRole::text, 12, QFont::DemiBold));
  const int high = std::max(24, theme.px(24));
  return {std::max(high, metrics.horizontalAdvance(text()) + theme.px(20)), high};
}

void ChipButton::setLit(bool lit) {
  lit_ = lit;
  update();
}

void ChipButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  painter.setRenderHint(QPainter::Antialiasing);
  const bool on = isChecked() || lit_, filled = isMain_ && isEnabled();
  painter.setPen(hairline(hasFocus() || on ? tokens().accent : tokens().border));
  const QColor ground = filled ? tokens().accent : on ? tokens().selection : tokens().raised;
  painter.setBrush(!underMouse() || !isEnabled() || on ? ground
                   : filled                            ? blend(tokens().accent, tokens().text, 0.9)
                                                       : tokens().hover);
  const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.drawRoundedRect(box, 5, 5);
  if (hasFocus()) painter.setPen(hairline(filled ? tokens().onAccent : tokens().accent));
  if (hasFocus()) painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4);
  painter.setFont(theme.font(FontRole::text, 12, on || filled ? QFont::DemiBold : QFont::Normal));
  painter.setPen(filled ? tokens().onAccent : isEnabled() ? tokens().text : tokens().faint);
  painter.drawText(rect(), Qt::AlignCenter, text());
}

} // namespace weft::monitor
