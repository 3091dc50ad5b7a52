#include "gui/models/sort_model.hpp"

#include "gui/models/roles.hpp"

namespace weft::monitor {

SortModel::SortModel(QObject* parent) : QSortFilterProxyModel(parent) {
  setDynamicSortFilter(false);
  setSortRole(SortRole);
  setRecursiveFilteringEnabled(true);
}

void SortModel::setFind(const QString& text) {
  find_ = text.trimmed();
  invalidateFilter();
}

void SortModel::setOnlyUnwell(bool only) {
  onlyUnwell_ = only;
  invalidateFilter();
}

void SortModel::resort() {
  if (!find_.isEmpty() || onlyUnwell_) invalidateFilter();
  if (sortColumn() >= 0) sort(sortColumn(), sortOrder());
}

bool SortModel::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const auto first = sourceModel()->index(row, 0, parent);
  if (onlyUnwell_ && first.data(HealthRole).toInt() == static_cast<int>(health::ok)) return false;
  if (find_.isEmpty()) return true;
  for (int column = 0; column < sourceModel()->columnCount(parent); ++column)
    if (first.siblingAtColumn(column).data().toString().contains(find_, Qt::CaseInsensitive)) return true;
  return parent.isValid() && filterAcceptsRow(parent.row(), parent.parent());
}

bool SortModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  const auto order = QVariant::compare(left.data(SortRole), right.data(SortRole));
  if (order != QPartialOrdering::Equivalent) return order == QPartialOrdering::Less;
  const bool key = left.data(KeyRole).toString() < right.data(KeyRole).toString();
  return sortOrder() == Qt::AscendingOrder ? key : !key && left.row() != right.row();
}

} // namespace weft::monitor
