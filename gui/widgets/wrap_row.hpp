// gui/widgets/wrap_row.hpp: small widgets beside one another, in as many rows as they need.
#pragma once
#include <QLayout>
#include <QWidget>

namespace weft::monitor {

class WrapLayout : public QLayout {
  Q_OBJECT
public:
  explicit WrapLayout(QWidget* parent = nullptr);
  ~WrapLayout() override;

  void addItem(QLayoutItem* item) override { items_ << item; }
  int count() const override { return static_cast<int>(items_.size()); }
  QLayoutItem* itemAt(int index) const override { return items_.value(index); }
  QLayoutItem* takeAt(int index) override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return arrange({0, 0, width, 0}, false); }
  Qt::Orientations expandingDirections() const override { return {}; }
  QSize minimumSize() const override;
  QSize sizeHint() const override { return minimumSize(); }
  void setGeometry(const QRect& box) override;

private:
  int arrange(const QRect& box, bool move) const;

  QList<QLayoutItem*> items_;
};

} // namespace weft::monitor
