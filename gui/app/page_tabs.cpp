#include "gui/app/page_tabs.hpp"

#include "gui/widgets/theme.hpp"

#include <QFocusEvent>
#include <QPainter>

namespace weft::monitor {

PageTabs::PageTabs(QWidget* parent) : QTabBar(parent) {
  setAccessibleName(QStringLiteral("Pages"));
  setDrawBase(false);
  setExpanding(false);
  setUsesScrollButtons(false);
  setElideMode(Qt::ElideNone);
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    setFont(Theme::instance().font(FontRole::text, 13, QFont::DemiBold)); // makes it lay out its tabs anew
    updateGeometry();
  });
  setFont(Theme::instance().font(FontRole::text, 13, QFont::DemiBold));
}

QSize PageTabs::tabSizeHint(int index) const {
  const auto& theme = Theme::instance();
  const QFontMetrics metrics(theme.font(FontRole::text, 13, QFont::DemiBold));
  return {metrics.horizontalAdvance(tabText(index)) + theme.px(24), theme.px(40)};
}

void PageTabs::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  painter.fillRect(rect(), tokens().window);
  for (int i = 0; i < count(); ++i) {
    const QRect box = tabRect(i);
    const bool shown = i == currentIndex(), near = box.contains(mapFromGlobal(QCursor::pos())) && underMouse();
    painter.setFont(theme.font(FontRole::text, 13, shown ? QFont::DemiBold : QFont::Normal));
    painter.setPen(shown || near ? tokens().text : tokens().muted);
    painter.drawText(box, Qt::AlignCenter, tabText(i));
    if (shown)
      painter.fillRect(QRect(box.left() + theme.px(6), box.bottom() - 4, box.width() - theme.px(12), 2),
                       tokens().accent);
    if (!shown || !hasFocus() || !byKey_) continue;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hairline(tokens().accent));
    painter.drawRoundedRect(QRectF(box).adjusted(3.5, 5.5, -3.5, -7.5), 5, 5);
  }
}

void PageTabs::focusInEvent(QFocusEvent* event) {
  byKey_ = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
           event->reason() == Qt::ShortcutFocusReason;
  QTabBar::focusInEvent(event);
}

} // namespace weft::monitor
