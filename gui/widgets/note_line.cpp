#include "gui/widgets/note_line.hpp"

#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

namespace weft::monitor {

NoteLine::NoteLine(const QString& name, QWidget* parent) : QWidget(parent) {
  setAccessibleName(name);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  hide();
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void NoteLine::setNote(health shown, const QString& text) {
  if (shown == shown_ && text == text_) return;
  shown_ = shown;
  text_ = text;
  setToolTip(text);
  setAccessibleDescription(text);
  setVisible(!text.isEmpty());
  update();
}

QSize NoteLine::sizeHint() const { return {200, Theme::instance().px(22)}; }

void NoteLine::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  const double size = theme.px(9), margin = theme.px(13);
  paintState(painter, {margin + size / 2, height() / 2.0}, size, shown_);
  painter.setFont(theme.font(FontRole::text, 12.5));
  painter.setPen(shown_ == health::fail || shown_ == health::warn ? theme.of(shown_) : tokens().muted);
  const QRectF box = QRectF(rect()).adjusted(margin + size + theme.px(7), 0, -margin, 0);
  painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(text_, Qt::ElideRight, int(box.width())));
}

} // namespace weft::monitor
