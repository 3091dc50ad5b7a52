#include "gui/widgets/filter_line.hpp"

#include "gui/widgets/completion_list.hpp"
#include "gui/widgets/theme.hpp"

#include <QKeyEvent>
#include <QPainter>
#include <QRegularExpression>

namespace weft::monitor {

FilterLine::FilterLine(const QString& hint, const QString& name, QWidget* parent)
    : FindField(hint, name, parent), list_(new CompletionList(*this)) {
  connect(this, &QLineEdit::textEdited, this, [this] { complete(false); });
  connect(list_, &CompletionList::taken, this, &FilterLine::take);
}

/// Tab is asked for here, before it moves the focus.
bool FilterLine::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
    const auto& key = static_cast<QKeyEvent&>(*event);
    const bool isAsked = words_ && key.key() == Qt::Key_Space && key.modifiers() == Qt::ControlModifier;
    const bool isEscape = key.key() == Qt::Key_Escape && list_->isVisible();
    if (event->type() == QEvent::ShortcutOverride && (isAsked || isEscape)) return event->accept(), true;
    if (event->type() == QEvent::KeyPress && isAsked) return complete(true), true;
    if (event->type() == QEvent::KeyPress && list_->takeKey(key)) return event->accept(), true;
  }
  return FindField::event(event);
}

void FilterLine::complete(bool all) {
  if (!words_) return;
  const auto line = text().toUtf8();
  const auto cursor = text().left(cursorPosition()).toUtf8().size();
  const auto made = complete_filter({line.data(), std::size_t(line.size())}, std::size_t(cursor), words_(), all);
  const auto until = [&](std::size_t bytes) { return int(QString::fromUtf8(line.left(qsizetype(bytes))).size()); };
  from_ = until(made.at);
  characters_ = until(made.at + made.length) - from_;
  QStringList choices;
  for (const auto& choice : made.choices)
    choices << QString::fromStdString(choice);
  list_->offer(choices);
}

void FilterLine::take(QString choice) {
  const bool goesOn = choice.endsWith(QLatin1Char('.')); // a header's name follows
  static const QRegularExpression needsQuotes(QStringLiteral("[\\s(),']"));
  if (choice.contains(needsQuotes)) choice = QLatin1Char('"') + choice + QLatin1Char('"');
  setSelection(from_, characters_);
  if (characters_ == 0) setCursorPosition(from_);
  insert(goesOn ? choice : choice + QLatin1Char(' '));
  complete(false);
}

void FilterLine::focusOutEvent(QFocusEvent* event) {
  list_->hide();
  FindField::focusOutEvent(event);
}

void FilterLine::hideEvent(QHideEvent* event) {
  list_->hide();
  FindField::hideEvent(event);
}

void FilterLine::setProblem(int at, int length) {
  at_ = at, length_ = length;
  update();
}

QSize FilterLine::sizeHint() const { return {Theme::instance().px(520), FindField::sizeHint().height()}; }

QSize FilterLine::minimumSizeHint() const { return {Theme::instance().px(160), FindField::sizeHint().height()}; }

void FilterLine::paintEvent(QPaintEvent* event) {
  FindField::paintEvent(event);
  if (length_ == 0) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(hairline(tokens().fail));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  // Where text is drawn follows from where the cursor is, however far the line has scrolled.
  const QFontMetricsF metrics(font());
  const double zero = cursorRect().center().x() - metrics.horizontalAdvance(text().left(cursorPosition()));
  const double from = zero + metrics.horizontalAdvance(text().left(at_));
  const double until = std::max(from + 4, zero + metrics.horizontalAdvance(text().left(at_ + length_)));
  const double y = height() / 2.0 + metrics.height() / 2 - 1;
  painter.setClipRect(rect().adjusted(4, 0, -4, 0));
  QPolygonF wave;
  for (double x = from; x <= until + 0.1; x += 2)
    wave << QPointF(x, y + (wave.size() % 2 == 0 ? 1 : -1));
  painter.drawPolyline(wave);
}

} // namespace weft::monitor
