#include "gui/widgets/figure_tile.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>

namespace weft::monitor {
namespace {

constexpr double titlePx = 12, valuePx = 21, notePx = 12, marginPx = 14;

/// Draws the note with its shape before it and its arrow after it.
void paintNote(QPainter& painter, QRectF box, const Figure& figure) {
  const auto& theme = Theme::instance();
  const QFont font = theme.font(FontRole::number, notePx);
  const QFontMetricsF metrics(font);
  const QColor colour = figure.tone ? theme.of(*figure.tone) : tokens().muted;
  if (figure.tone && !figure.note.isEmpty()) {
    const double size = theme.px(8);
    paintState(painter, {box.left() + size / 2, box.center().y() + 0.5}, size, *figure.tone);
    box.setLeft(box.left() + size + theme.px(6));
  }
  const bool arrow = figure.goes.value_or(trend::steady) != trend::steady;
  const double room = box.width() - (arrow ? theme.px(14) : 0);
  const QString text = metrics.elidedText(figure.note, Qt::ElideRight, room);
  painter.setFont(font);
  painter.setPen(colour);
  painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, text);
  if (!arrow) return;
  const double x = box.left() + metrics.horizontalAdvance(text) + theme.px(9);
  paintArrow(painter, {x, box.center().y() + 0.5}, theme.px(8), *figure.goes == trend::growing, colour);
}

} // namespace

FigureTile::FigureTile(const QString& title, QWidget* parent) : QAbstractButton(parent) {
  setText(title);
  setAccessibleName(title);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setAttribute(Qt::WA_Hover);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void FigureTile::setFigure(const Figure& figure) {
  if (figure == figure_) return;
  figure_ = figure;
  QString spoken = figure.value + QStringLiteral(", ") + figure.note;
  if (figure.tone) spoken += QStringLiteral(", ") + texts::word(*figure.tone);
  setAccessibleDescription(spoken);
  setToolTip(figure.note.toHtmlEscaped()); // else a name is taken for HTML
  update();
}

QSize FigureTile::sizeHint() const {
  const auto& theme = Theme::instance();
  return {theme.px(190), theme.px(82)};
}

QSize FigureTile::minimumSizeHint() const {
  const auto& theme = Theme::instance();
  return {theme.px(120), theme.px(82)};
}

void FigureTile::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  paintCard(painter, rect(), underMouse() ? tokens().raised : tokens().panel, hasFocus());
  const double margin = theme.px(marginPx);
  const QRectF box = QRectF(rect()).adjusted(margin, theme.px(8), -margin, -theme.px(9));
  painter.setFont(theme.font(FontRole::text, titlePx));
  painter.setPen(tokens().muted);
  painter.drawText(box, Qt::AlignLeft | Qt::AlignTop,
                   painter.fontMetrics().elidedText(text(), Qt::ElideRight, int(box.width())));
  QFont font = theme.font(FontRole::number, valuePx, QFont::Bold);
  while (QFontMetricsF(font).horizontalAdvance(figure_.value) > box.width() && font.pixelSize() > 10)
    font.setPixelSize(font.pixelSize() - 1);
  painter.setFont(font);
  painter.setPen(tokens().text);
  painter.drawText(box.translated(0, theme.px(1)), Qt::AlignLeft | Qt::AlignVCenter, figure_.value);
  const double line = theme.px(18);
  paintNote(painter, QRectF(box.left(), box.bottom() - line, box.width(), line), figure_);
}

} // namespace weft::monitor
