// gui/models/row_column.hpp: one column of a table, and what it says of a row.
#pragma once
#include "gui/models/roles.hpp"

#include <functional>
#include <optional>
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

constexpr bool isRightAligned(CellKind kind) { return kind == CellKind::number || kind == CellKind::time; }

/// What a column says of one row; shared with models that are no tables. SeriesRole, KeyRole and HealthRole aside.
template <class Row>
QVariant cellData(const Column<Row>& column, const Row& row, int role) {
  const bool right = isRightAligned(column.kind);
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
    return int((isRightAligned(column.kind) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role == KindRole) return static_cast<int>(column.kind);
  return {};
}

} // namespace weft::monitor
