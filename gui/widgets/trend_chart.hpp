// gui/widgets/trend_chart.hpp: up to eight series over time, each named at its right end; or the same as a table.
#pragma once
#include "gui/widgets/trend_table.hpp"

#include <QHash>
#include <QWidget>

#include <functional>

class QPainter;
class QStackedLayout;

namespace weft::monitor {

class LightTable;

/// Whether it is drawn or a table is chosen for all charts: Preferences.
class TrendChart : public QWidget {
  Q_OBJECT
public:
  static constexpr std::size_t linesMax = 8;

  explicit TrendChart(const QString& name, QWidget* parent = nullptr);
  ~TrendChart() override;

  /// How the values are written at the axis; as compact numbers unless one is given.
  void setFormat(std::function<QString(double)> format);
  /// Shows [from, until). More than linesMax lines are not drawn: choose before.
  void setLines(const std::vector<TrendLine>& lines, time_us from, time_us until, bool live);

  /// Draws it as lines, for another size of pixels or none.
  void paintVector(QPainter& painter);
  /// Middles of the labels at the right, top to bottom: they never overlap.
  [[nodiscard]] std::vector<double> labelPlaces() const;

private:
  class Plot;
  void showAsChosen();

  Plot* plot_;
  std::vector<TrendLine> lines_;
  TrendTableModel rows_; ///< of lines_, while the table is chosen
  LightTable* table_;
  QStackedLayout* layers_;
};

/// Moves labels of height `gap` as little as needed for none to overlap and all to be in [top, bottom].
/// @param wanted middles, ascending
[[nodiscard]] std::vector<double> spread(std::vector<double> wanted, double gap, double top, double bottom);

} // namespace weft::monitor
