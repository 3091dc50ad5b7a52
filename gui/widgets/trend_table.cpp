#include "gui/widgets/trend_table.hpp"

#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"

#include <algorithm>
#include <map>

namespace weft::monitor {

TrendTableModel::Rows TrendTableModel::rowsOf(const std::vector<TrendLine>& lines) {
  std::map<time_us, std::vector<std::optional<double>>, std::greater<>> values;
  for (std::size_t line = 0; line < lines.size(); ++line)
    for (const auto& point : lines[line].points) {
      auto& row = values[point.at];
      row.resize(lines.size());
      row[line] = point.mean();
    }
  Rows rows;
  rows.reserve(values.size());
  for (auto& [at, row] : values)
    rows.push_back({at, std::move(row)});
  return rows;
}

void TrendTableModel::setLines(const std::vector<TrendLine>& lines) {
  QStringList names;
  for (const auto& line : lines)
    names << line.name;
  auto fresh = rowsOf(lines);
  if (names != names_) {
    beginResetModel();
    names_ = std::move(names);
    rows_ = std::move(fresh);
    return endResetModel();
  }
  removeGone(fresh);
  insertNew(fresh);
  rows_ = std::move(fresh);
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 1), index(int(rows_.size()) - 1, columnCount() - 1));
}

void TrendTableModel::removeGone(const Rows& fresh) {
  const auto isGone = [&](const Row& row) {
    return !std::ranges::binary_search(fresh, row.at, std::greater<>(), &Row::at);
  };
  for (int end = int(rows_.size()); end > 0;) {
    int begin = end;
    while (begin > 0 && isGone(rows_[std::size_t(begin) - 1]))
      --begin;
    if (begin < end) {
      beginRemoveRows({}, begin, end - 1);
      rows_.erase(rows_.begin() + begin, rows_.begin() + end);
      endRemoveRows();
    }
    end = begin - 1;
  }
}

void TrendTableModel::insertNew(const Rows& fresh) {
  for (std::size_t at = 0; at < fresh.size();) {
    auto end = at;
    while (end < fresh.size() && (at >= rows_.size() || fresh[end].at > rows_[at].at))
      ++end;
    if (end > at) {
      beginInsertRows({}, int(at), int(end) - 1);
      rows_.insert(rows_.begin() + std::ptrdiff_t(at), fresh.begin() + std::ptrdiff_t(at),
                   fresh.begin() + std::ptrdiff_t(end));
      endInsertRows();
    }
    at = end + 1;
  }
}

QVariant TrendTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= int(rows_.size())) return {};
  const auto& row = rows_[std::size_t(index.row())];
  if (role == KeyRole) return QString::number(row.at);
  const bool isTime = index.column() == 0;
  if (role == KindRole) return int(isTime ? CellKind::time : CellKind::number);
  if (role == SortRole && isTime) return qlonglong(row.at);
  if (isTime) return role == Qt::DisplayRole ? QVariant(texts::clock(row.at, false)) : QVariant();
  const auto& value = row.values[std::size_t(index.column()) - 1];
  if (role == SortRole) return value ? QVariant(*value) : QVariant();
  if (role != Qt::DisplayRole) return {};
  return value ? format_ ? format_(*value) : texts::compact(*value) : QString(texts::dash);
}

QVariant TrendTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section > names_.size()) return {};
  if (role == KindRole) return int(section == 0 ? CellKind::time : CellKind::number);
  if (role == Qt::TextAlignmentRole) return int(section == 0 ? Qt::AlignLeft : Qt::AlignRight) | int(Qt::AlignVCenter);
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
    return section == 0 ? QStringLiteral("Time") : names_[section - 1];
  return {};
}

} // namespace weft::monitor
