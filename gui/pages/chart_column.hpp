// gui/pages/chart_column.hpp: charts one below the other, as many of them as there is room for.
#pragma once
#include <QWidget>

namespace weft::monitor {

/// The first ones are the important ones: where it is low, the last are left out rather than all made unreadable.
class ChartColumn : public QWidget {
  Q_OBJECT
public:
  explicit ChartColumn(const QList<QWidget*>& charts, QWidget* parent = nullptr);
  QSize minimumSizeHint() const override;

protected:
  void resizeEvent(QResizeEvent* event) override;

private:
  void fit();
  QList<QWidget*> charts_;
};

} // namespace weft::monitor
