// gui/widgets/trend_table.hpp: the series of a chart as a table: a row for each moment, the newest first.
#pragma once
#include "gui/core/series.hpp"

#include <QAbstractTableModel>

#include <functional>
#include <optional>
#include <vector>

namespace weft::monitor {

/// A series of a chart.
struct TrendLine {
  QString name;
  std::vector<series_point> points;
};

/// Rows that stay keep their place, and so stay selected.
class TrendTableModel : public QAbstractTableModel {
  Q_OBJECT
public:
  using QAbstractTableModel::QAbstractTableModel;

  void setLines(const std::vector<TrendLine>& lines);
  /// How values are written; sorted and exported they are as they are.
  void setFormat(std::function<QString(double)> format) { format_ = std::move(format); }

  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(rows_.size()); }
  int columnCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : int(names_.size()) + 1;
  }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  struct Row {
    time_us at = 0;
    std::vector<std::optional<double>> values; ///< as names_
  };
  using Rows = std::vector<Row>;

  static Rows rowsOf(const std::vector<TrendLine>& lines);
  void removeGone(const Rows& fresh);
  void insertNew(const Rows& fresh);

  QStringList names_;
  Rows rows_; ///< the newest first
  std::function<QString(double)> format_;
};

} // namespace weft::monitor
