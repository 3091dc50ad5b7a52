#include "gui/widgets/card.hpp"

#include "gui/widgets/theme.hpp"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace weft::monitor {

void paintCard(QPainter& painter, const QRectF& box, const QColor& fill, bool focus) {
  painter.fillRect(box, tokens().window);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hairline(focus ? tokens().accent : tokens().border));
  painter.setBrush(fill);
  painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
  if (!focus) return;
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(box.adjusted(1.5, 1.5, -1.5, -1.5), 5, 5);
}

/// Title in the strong weight, unit muted beside it.
class Card::Head : public QWidget {
public:
  QString title, unit;

  /// As high as what may stand beside it, so that titles of neighbours are in line.
  QSize sizeHint() const override { return {60, std::max(24, Theme::instance().px(26))}; }
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const auto& theme = Theme::instance();
    painter.setFont(theme.font(FontRole::text, 13, QFont::DemiBold));
    const QString strong = painter.fontMetrics().elidedText(title, Qt::ElideRight, width());
    painter.setPen(tokens().text);
    painter.drawText(rect(), Qt::AlignVCenter | Qt::AlignLeft, strong);
    const int x = painter.fontMetrics().horizontalAdvance(strong) + theme.px(8);
    painter.setFont(theme.font(FontRole::text, 12));
    painter.setPen(tokens().muted);
    const QRect rest = rect().adjusted(x, 0, 0, 0);
    if (rest.width() > theme.px(20))
      painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                       painter.fontMetrics().elidedText(unit, Qt::ElideRight, rest.width()));
  }
};

Card::Card(const QString& title, const QString& unit, QWidget* content, QWidget* parent)
    : QWidget(parent), head_(new Head), headRow_(new QHBoxLayout), column_(new QVBoxLayout(this)) {
  headRow_->setSpacing(8);
  headRow_->addWidget(head_, 1);
  column_->addLayout(headRow_);
  column_->addWidget(content, 1);
  setTitle(title, unit);
  connect(&Theme::instance(), &Theme::changed, this, &Card::fit);
  fit();
}

void Card::setTitle(const QString& title, const QString& unit) {
  head_->title = title;
  head_->unit = unit;
  head_->setVisible(!title.isEmpty());
  head_->update();
}

void Card::addToHead(QWidget* widget) { headRow_->addWidget(widget); }

void Card::fit() {
  const auto& theme = Theme::instance();
  column_->setContentsMargins(1, theme.px(6), 1, 6);
  column_->setSpacing(theme.px(2));
  headRow_->setContentsMargins(theme.px(13), 0, theme.px(9), 0);
  head_->updateGeometry();
  update();
}

void Card::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintCard(painter, rect(), tokens().panel, false);
}

} // namespace weft::monitor
