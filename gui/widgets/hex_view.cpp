#include "gui/widgets/hex_view.hpp"

#include "gui/widgets/theme.hpp"

#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

namespace weft::monitor {
namespace {

constexpr int margin = 13, offsetDigits = 6; // values have at most 1 MiB

QFont monoFont() { return Theme::instance().font(FontRole::mono, 12); }

QChar shown(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f ? QLatin1Char(c) : QChar(0x00b7);
}

} // namespace

HexView::HexView(const QString& name, QWidget* parent) : QAbstractScrollArea(parent) {
  setAccessibleName(name);
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&Theme::instance(), &Theme::changed, this, &HexView::fit);
}

void HexView::setBytes(const QByteArray& bytes) {
  bytes_ = bytes;
  begin_ = end_ = 0;
  verticalScrollBar()->setValue(0);
  setAccessibleDescription(
      QStringLiteral("%1 bytes: %2").arg(bytes.size()).arg(QString::fromLatin1(bytes.left(64).toHex(' '))));
  fit();
}

void HexView::setMarked(qsizetype begin, qsizetype end) {
  begin_ = begin, end_ = end;
  const int line = static_cast<int>(begin / perLine()), first = verticalScrollBar()->value();
  if (end > begin && (line < first || line >= first + verticalScrollBar()->pageStep()))
    verticalScrollBar()->setValue(line - 1);
  viewport()->update();
}

int HexView::lineHeight() const { return Theme::instance().px(19); }

double HexView::cell() const { return QFontMetricsF(monoFont()).horizontalAdvance(QLatin1Char('0')); }

int HexView::perLine() const {
  const double room = (viewport()->width() - 2 * Theme::instance().px(margin)) / cell() - offsetDigits - 3;
  for (const int count : {32, 16, 8})
    if (room >= count * 4) return count;
  return 4;
}

double HexView::hexX(int column) const {
  return Theme::instance().px(margin) + cell() * (offsetDigits + 2 + column * 3);
}

double HexView::textX(int column) const { return hexX(perLine()) + cell() * (1 + column); }

QString HexView::line(int number) const {
  const auto from = qsizetype{number} * perLine();
  const auto bytes = bytes_.mid(from, perLine());
  QString text;
  for (const char c : bytes)
    text += shown(c);
  return QStringLiteral("%1  %2  %3")
      .arg(from, offsetDigits, 16, QLatin1Char('0'))
      .arg(QString::fromLatin1(bytes.toHex(' ')), -(perLine() * 3 - 1))
      .arg(text);
}

void HexView::fit() {
  const int each = perLine(), lines = static_cast<int>((bytes_.size() + each - 1) / each);
  const int page = std::max(1, viewport()->height() / lineHeight());
  verticalScrollBar()->setPageStep(page);
  verticalScrollBar()->setRange(0, std::max(0, lines - page));
  viewport()->update();
}

void HexView::paintLine(QPainter& painter, int number, double y) const {
  const int each = perLine(), high = lineHeight();
  const auto from = qsizetype{number} * each;
  const auto draw = [&](double x, const QString& text, const QColor& colour) {
    painter.setPen(colour);
    painter.drawText(QRectF(x, y, cell() * double(text.size()) + 2, high), Qt::AlignLeft | Qt::AlignVCenter, text);
  };
  draw(Theme::instance().px(margin), QStringLiteral("%1").arg(from, offsetDigits, 16, QLatin1Char('0')),
       tokens().muted);
  for (int i = 0; i < each && from + i < bytes_.size(); ++i) {
    const bool isMarked = from + i >= begin_ && from + i < end_;
    if (isMarked) {
      const bool last = from + i + 1 == end_ || i + 1 == each;
      painter.fillRect(QRectF(hexX(i) - cell() / 2, y, cell() * (last ? 3 : 3.05), high), tokens().selection);
      painter.fillRect(QRectF(textX(i), y, cell() * (last ? 1 : 1.05), high), tokens().selection);
    }
    const char c = bytes_[from + i];
    const bool isText = shown(c) != QChar(0x00b7);
    draw(hexX(i), QString::fromLatin1(QByteArray(1, c).toHex()), isText || isMarked ? tokens().text : tokens().muted);
    draw(textX(i), QString(shown(c)), isText || isMarked ? tokens().text : tokens().faint);
  }
}

void HexView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), tokens().panel);
  if (bytes_.isEmpty()) {
    painter.setFont(Theme::instance().font(FontRole::text, 12.5));
    painter.setPen(tokens().muted);
    painter.drawText(viewport()->rect().adjusted(Theme::instance().px(margin), Theme::instance().px(14), 0, 0),
                     int(Qt::AlignLeft | Qt::AlignTop) | int(Qt::TextWordWrap), hint_);
  }
  painter.setFont(monoFont());
  const int first = verticalScrollBar()->value(), high = lineHeight();
  for (int i = 0; i * high < viewport()->height(); ++i)
    if (qsizetype{first + i} * perLine() < bytes_.size()) paintLine(painter, first + i, i * high);
  if (!hasFocus()) return;
  painter.setPen(hairline(tokens().accent));
  painter.drawRect(viewport()->rect().adjusted(1, 0, -2, -1));
}

void HexView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  fit();
}

void HexView::mousePressEvent(QMouseEvent* event) {
  const int row = verticalScrollBar()->value() + event->pos().y() / lineHeight();
  for (int i = 0; i < perLine(); ++i) {
    const double x = event->position().x();
    const bool inHex = x >= hexX(i) - cell() / 2 && x < hexX(i) + cell() * 2.5;
    const bool inText = x >= textX(i) && x < textX(i + 1);
    const auto at = qsizetype{row} * perLine() + i;
    if ((inHex || inText) && at < bytes_.size()) Q_EMIT byteClicked(at);
  }
}

void HexView::mouseReleaseEvent(QMouseEvent* event) { event->accept(); }

void HexView::keyPressEvent(QKeyEvent* event) {
  auto& bar = *verticalScrollBar();
  switch (event->key()) {
  case Qt::Key_Up: return bar.setValue(bar.value() - 1);
  case Qt::Key_Down: return bar.setValue(bar.value() + 1);
  case Qt::Key_PageUp: return bar.setValue(bar.value() - bar.pageStep());
  case Qt::Key_PageDown: return bar.setValue(bar.value() + bar.pageStep());
  default: QAbstractScrollArea::keyPressEvent(event);
  }
}

void HexView::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void HexView::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

QSize HexView::sizeHint() const { return {Theme::instance().px(420), Theme::instance().px(160)}; }

QSize HexView::minimumSizeHint() const { return {Theme::instance().px(190), Theme::instance().px(60)}; }

} // namespace weft::monitor
