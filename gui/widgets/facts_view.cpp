#include "gui/widgets/facts_view.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>
#include <QResizeEvent>
#include <QScrollArea>

namespace weft::monitor {
namespace {

constexpr double marginPx = 14, linePx = 22, headingPx = 30;

} // namespace

FactsView::FactsView(const QString& name, QWidget* parent) : QWidget(parent) {
  setAccessibleName(name);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void FactsView::setHint(const QString& hint) {
  hint_ = hint;
  update();
}

void FactsView::setWord(const QString& word) { word_ = word; }

void FactsView::setFacts(const QString& title, std::optional<health> shown, const QString& why,
                         const QList<Fact>& facts) {
  const bool resized = facts.size() != facts_.size() || why != why_;
  title_ = title, shown_ = shown, why_ = why, facts_ = facts;
  QStringList said{title};
  if (shown) said << (word_.isEmpty() ? texts::word(*shown) : word_);
  for (const auto& fact : facts)
    said << fact.name + QLatin1Char(' ') + fact.value;
  setAccessibleDescription(said.join(QStringLiteral(", ")));
  if (resized) updateGeometry();
  update();
}

QScrollArea* FactsView::scrolled() {
  auto* area = new QScrollArea;
  area->setWidget(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setAccessibleName(accessibleName());
  return area;
}

QSize FactsView::sizeHint() const {
  const auto& theme = Theme::instance();
  double high = theme.px(marginPx) * 2 + theme.px(52) + (why_.isEmpty() ? 0 : theme.px(2) + whyHeight());
  for (const auto& fact : facts_)
    high += theme.px(fact.name.isEmpty() ? headingPx : linePx);
  return {theme.px(270), int(high)};
}

QSize FactsView::minimumSizeHint() const { return {Theme::instance().px(140), sizeHint().height()}; }

double FactsView::whyHeight() const {
  const auto& theme = Theme::instance();
  const QFontMetrics letters(theme.font(FontRole::text, 12));
  const int wide = std::max(theme.px(100), width() - 2 * theme.px(marginPx));
  return letters.boundingRect(QRect(0, 0, wide, 1000), Qt::TextWordWrap, why_).height();
}

void FactsView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (!why_.isEmpty() && event->size().width() != event->oldSize().width()) updateGeometry();
}

double FactsView::paintHead(QPainter& painter, double y) const {
  const auto& theme = Theme::instance();
  const double margin = theme.px(marginPx), wide = width() - 2 * margin;
  painter.setFont(theme.font(FontRole::text, 17, QFont::DemiBold));
  painter.setPen(tokens().text);
  const double high = theme.px(24);
  painter.drawText(QRectF(margin, y, wide, high), Qt::AlignLeft | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(title_, Qt::ElideRight, int(wide)));
  y += high;
  if (!shown_) return y + theme.px(6);
  const double size = theme.px(9), line = theme.px(20);
  paintState(painter, {margin + size / 2, y + line / 2 + 0.5}, size, *shown_);
  painter.setFont(theme.font(FontRole::text, 12.5));
  painter.setPen(theme.of(*shown_));
  painter.drawText(QRectF(margin + size + theme.px(6), y, wide, line), Qt::AlignLeft | Qt::AlignVCenter,
                   word_.isEmpty() ? texts::word(*shown_) : word_);
  y += line;
  if (!why_.isEmpty()) {
    const QRectF box(margin, y + theme.px(2), wide, whyHeight());
    painter.setPen(tokens().muted);
    painter.setFont(theme.font(FontRole::text, 12));
    painter.drawText(box, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, why_);
    y = box.bottom();
  }
  return y + theme.px(8);
}

void FactsView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& theme = Theme::instance();
  painter.fillRect(rect(), tokens().panel);
  const double margin = theme.px(marginPx);
  if (title_.isEmpty()) {
    painter.setFont(theme.font(FontRole::text, 12.5));
    painter.setPen(tokens().muted);
    painter.drawText(QRectF(rect()).adjusted(margin, margin, -margin, -margin),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, hint_);
    return;
  }
  double y = paintHead(painter, theme.px(8));
  for (const auto& fact : facts_) {
    const bool heading = fact.name.isEmpty();
    const double line = theme.px(heading ? headingPx : linePx);
    const QRectF box(margin, y, width() - 2 * margin, line);
    y += line;
    if (y > height() + line) break;
    painter.setFont(theme.font(FontRole::text, 12, heading ? QFont::DemiBold : QFont::Normal));
    painter.setPen(heading ? tokens().text : tokens().muted);
    painter.drawText(heading ? box.adjusted(0, theme.px(8), 0, 0) : box, Qt::AlignLeft | Qt::AlignVCenter,
                     heading ? fact.value : fact.name);
    if (heading) continue;
    const double used = painter.fontMetrics().horizontalAdvance(fact.name) + theme.px(12);
    painter.setFont(theme.font(FontRole::number, 12.5));
    painter.setPen(fact.tone ? theme.of(*fact.tone) : tokens().text);
    const double room = std::max(0.0, box.width() - used);
    painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(fact.value, Qt::ElideMiddle, int(room)));
    painter.setPen(hairline(blend(tokens().grid, tokens().panel, 0.7)));
    painter.drawLine(QPointF(box.left(), box.bottom() - 0.5), QPointF(box.right(), box.bottom() - 0.5));
  }
}

} // namespace weft::monitor
