// gui/widgets/card.hpp: the panel that parts of a page stand on, with an optional title.
#pragma once
#include <QColor>
#include <QWidget>

class QHBoxLayout;
class QVBoxLayout;

namespace weft::monitor {

/// A rounded panel with a hairline around it; a second one inside when it has the focus.
void paintCard(QPainter& painter, const QRectF& box, const QColor& fill, bool focus);

/// A panel: title and unit at the left of its head, what addToHead() got at the right, one widget below.
class Card : public QWidget {
  Q_OBJECT
public:
  explicit Card(const QString& title, const QString& unit, QWidget* content, QWidget* parent = nullptr);

  void setTitle(const QString& title, const QString& unit);
  void addToHead(QWidget* widget);

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  class Head;
  void fit();

  Head* head_;
  QHBoxLayout* headRow_;
  QVBoxLayout* column_;
};

} // namespace weft::monitor
