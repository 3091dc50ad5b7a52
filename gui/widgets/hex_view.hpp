// gui/widgets/hex_view.hpp: bytes as hexadecimal digits with their characters beside them.
#pragma once
#include <QAbstractScrollArea>
#include <QByteArray>

namespace weft::monitor {

/// As many bytes a line as there is room for: 32, 16, 8 or 4. Only lines that are seen are drawn.
class HexView : public QAbstractScrollArea {
  Q_OBJECT
public:
  explicit HexView(const QString& name, QWidget* parent = nullptr);

  void setBytes(const QByteArray& bytes);
  /// What is said while there is no byte.
  void setHint(const QString& hint) { hint_ = hint; }
  /// Marks bytes from `begin` to before `end` and scrolls there; none when they are the same.
  void setMarked(qsizetype begin, qsizetype end);
  [[nodiscard]] std::pair<qsizetype, qsizetype> marked() const noexcept { return {begin_, end_}; }
  [[nodiscard]] int perLine() const;
  /// A line as it is drawn: "00000010  7b 22 ...  {\"".
  [[nodiscard]] QString line(int number) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void byteClicked(qsizetype at);

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

private:
  void fit();
  [[nodiscard]] int lineHeight() const;
  [[nodiscard]] double cell() const; ///< width of a character
  [[nodiscard]] double hexX(int column) const;
  [[nodiscard]] double textX(int column) const;
  void paintLine(QPainter& painter, int number, double y) const;

  QByteArray bytes_;
  QString hint_;
  qsizetype begin_ = 0, end_ = 0;
};

} // namespace weft::monitor
