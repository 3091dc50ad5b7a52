// gui/models/sortable_rows.hpp: what SortedRows asks of a flat table, beside its cells.
#pragma once
#include <QAbstractTableModel>

#include <functional>
#include <vector>

namespace weft::monitor {

/// Which rows are wanted, and in which order.
struct RowsWish {
  int column = -1; ///< that rows are sorted by; -1: as they are
  Qt::SortOrder order = Qt::AscendingOrder;
  QString find;            ///< kept are rows that have it in any column, whatever its case; empty: all
  bool onlyUnwell = false; ///< kept are rows that are not well
  friend bool operator==(const RowsWish&, const RowsWish&) = default;
};

class SortableRows : public QAbstractTableModel {
public:
  /// @returns rows of the model, in the order that was wished for; equal ones by their keys
  /// @thread any
  using Arranger = std::function<std::vector<int>(const RowsWish&)>;

  using QAbstractTableModel::QAbstractTableModel;
  /// It holds what it reads: the model may change or go while it works.
  [[nodiscard]] virtual Arranger arranger() const = 0;
  [[nodiscard]] virtual bool isWished(int row, const RowsWish& wish) const = 0;
};

} // namespace weft::monitor
