// gui/models/rows_model.hpp: a flat table of one kind of rows, described by its columns.
#pragma once
#include "gui/models/roles.hpp"
#include "gui/models/row_merge.hpp"

#include <QAbstractTableModel>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace weft::monitor {

/// One column of a table of `Row`.
template <class Row>
struct Column {
  QString title;
  CellKind kind = CellKind::text;
  std::function<QString(const Row&)> text;
  std::function<QVariant(const Row&)> sort;              ///< absent: by text
  std::function<std::optional<health>(const Row&)> tone; ///< absent: plain
  std::function<std::optional<trend>(const Row&)> arrow; ///< absent: none
  QString about;                                         ///< a sentence on what it is
};

/// Rows are diffed by key: those that stay keep their place and so stay selected. A refresh is at most one pass of
/// removals, one of insertions and one dataChanged.
template <class Row>
class RowsModel : public QAbstractTableModel {
public:
  using Key = std::function<std::string(const Row&)>;
  using Health = std::function<health(const Row&)>;

  RowsModel(std::vector<Column<Row>> columns, Key key, Health shown, QObject* parent = nullptr)
      : QAbstractTableModel(parent), columns_(std::move(columns)), key_(std::move(key)), health_(std::move(shown)) {}

  /// @pre sorted by key
  void apply(std::vector<Row> fresh);
  [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }
  [[nodiscard]] const Row& row(int i) const { return rows_.at(static_cast<std::size_t>(i)); }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
  }
  int columnCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(columns_.size());
  }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  std::vector<Column<Row>> columns_;
  Key key_;
  Health health_;
  std::vector<Row> rows_;
};

/// What a column says of one row; shared with models that are no tables. SeriesRole, KeyRole and HealthRole aside.
template <class Row>
QVariant cellData(const Column<Row>& column, const Row& row, int role) {
  const bool right = column.kind == CellKind::number;
  switch (role) {
  case Qt::DisplayRole: return column.text ? column.text(row) : QString();
  case Qt::TextAlignmentRole: return int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  case SortRole: return column.sort ? column.sort(row) : column.text ? QVariant(column.text(row)) : QVariant();
  case KindRole: return static_cast<int>(column.kind);
  case ToneRole:
    if (const auto tone = column.tone ? column.tone(row) : std::nullopt) return static_cast<int>(*tone);
    return {};
  case TrendRole:
    if (const auto arrow = column.arrow ? column.arrow(row) : std::nullopt) return static_cast<int>(*arrow);
    return {};
  default: return {};
  }
}

template <class Row>
QVariant columnHeader(const std::vector<Column<Row>>& columns, int section, Qt::Orientation orientation, int role) {
  if (orientation != Qt::Horizontal || section < 0 || section >= static_cast<int>(columns.size())) return {};
  const auto& column = columns[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return column.title;
  if (role == Qt::ToolTipRole && !column.about.isEmpty()) return column.about;
  if (role == Qt::TextAlignmentRole)
    return int((column.kind == CellKind::number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role == KindRole) return static_cast<int>(column.kind);
  return {};
}

/// Lists come sorted by what names their rows. What nodes said need not be sensible: rows of one name count once.
template <class Row>
void RowsModel<Row>::apply(std::vector<Row> fresh) {
  if (!std::ranges::is_sorted(fresh, {}, key_)) std::ranges::stable_sort(fresh, {}, key_);
  const auto again = std::ranges::unique(fresh, {}, key_);
  fresh.erase(again.begin(), again.end());
  const auto gone = rowsOnlyIn(rows_, fresh, key_);
  for (auto span = gone.rbegin(); span != gone.rend(); ++span) {
    beginRemoveRows({}, span->first, span->last);
    rows_.erase(rows_.begin() + span->first, rows_.begin() + span->last + 1);
    endRemoveRows();
  }
  for (const auto span : rowsOnlyIn(fresh, rows_, key_)) {
    beginInsertRows({}, span.first, span.last);
    rows_.insert(rows_.begin() + span.first, fresh.begin() + span.first, fresh.begin() + span.last + 1);
    endInsertRows();
  }
  rows_ = std::move(fresh);
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

template <class Row>
QVariant RowsModel<Row>::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = this->row(index.row());
  if (role == KeyRole) return QString::fromStdString(key_(row));
  if (role == HealthRole) return static_cast<int>(health_(row));
  return cellData(columns_[static_cast<std::size_t>(index.column())], row, role);
}

template <class Row>
QVariant RowsModel<Row>::headerData(int section, Qt::Orientation orientation, int role) const {
  return columnHeader(columns_, section, orientation, role);
}

} // namespace weft::monitor
