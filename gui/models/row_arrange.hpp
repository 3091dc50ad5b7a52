// gui/models/row_arrange.hpp: which rows are wished for, and in which order. Pure.
#pragma once
#include "gui/models/row_column.hpp"
#include "gui/models/sortable_rows.hpp"

#include <algorithm>

namespace weft::monitor {

/// What a row is sorted by.
struct SortKey {
  double number = 0;
  QString text; ///< empty: by the number
  int row = 0;
};

template <class Row>
bool rowIsWished(const Row& row, const RowsWish& wish, const std::vector<Column<Row>>& columns,
                 const std::function<health(const Row&)>& shown) {
  if (wish.onlyUnwell && shown(row) == health::ok) return false;
  return wish.find.isEmpty() || std::ranges::any_of(columns, [&](const auto& column) {
           return column.text && column.text(row).contains(wish.find, Qt::CaseInsensitive);
         });
}

template <class Row>
SortKey keyOf(const Column<Row>& column, const Row& row, int at) {
  if (!column.sort) return {0, column.text ? column.text(row) : QString(), at};
  const QVariant value = column.sort(row);
  if (value.typeId() == QMetaType::QString) return {0, value.toString(), at};
  return {value.toDouble(), {}, at};
}

/// Those that are wished for. Equal ones stay in their order, which is that of their keys, whichever way it is sorted.
template <class Row>
std::vector<int> rowsArranged(const std::vector<const Row*>& rows, const RowsWish& wish,
                              const std::vector<Column<Row>>& columns, const std::function<health(const Row&)>& shown) {
  std::vector<SortKey> keys;
  keys.reserve(rows.size());
  const bool sorts = wish.column >= 0 && wish.column < static_cast<int>(columns.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rowIsWished(*rows[i], wish, columns, shown)) continue;
    const int at = static_cast<int>(i);
    keys.push_back(sorts ? keyOf(columns[static_cast<std::size_t>(wish.column)], *rows[i], at) : SortKey{0, {}, at});
  }
  const auto less = [](const SortKey& a, const SortKey& b) {
    return a.number != b.number ? a.number < b.number : a.text < b.text;
  };
  if (sorts)
    std::ranges::stable_sort(keys, [&](const SortKey& a, const SortKey& b) {
      return wish.order == Qt::AscendingOrder ? less(a, b) : less(b, a);
    });
  std::vector<int> arranged;
  arranged.reserve(keys.size());
  for (const auto& key : keys)
    arranged.push_back(key.row);
  return arranged;
}

} // namespace weft::monitor
