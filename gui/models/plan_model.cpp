#include "gui/models/plan_model.hpp"

#include "gui/models/roles.hpp"

namespace weft::monitor {
namespace {

health shape(const PlanRow& row) {
  switch (row.outcome) {
  case Outcome::done: return health::ok;
  case Outcome::failed: return health::fail;
  case Outcome::unknown: return health::warn;
  default: return row.tone == health::ok ? health::unknown : row.tone;
  }
}

} // namespace

QString word(Outcome outcome) {
  switch (outcome) {
  case Outcome::waiting: return QStringLiteral("not sent");
  case Outcome::asked: return QStringLiteral("asked");
  case Outcome::done: return QStringLiteral("done");
  case Outcome::failed: return QStringLiteral("refused");
  case Outcome::unknown: return QStringLiteral("not known");
  case Outcome::left: break;
  }
  return QStringLiteral("left out");
}

void PlanModel::setPlan(const QList<PlanColumn>& columns, const QList<PlanRow>& rows) {
  beginResetModel();
  columns_ = columns;
  rows_ = rows;
  endResetModel();
}

int PlanModel::find(const QString& key) const {
  for (qsizetype i = 0; i < rows_.size(); ++i)
    if (rows_[i].key == key) return static_cast<int>(i);
  return -1;
}

void PlanModel::setOutcome(int row, Outcome outcome, const QString& said) {
  if (row < 0 || row >= rows_.size()) return;
  rows_[row].outcome = outcome;
  rows_[row].said = said;
  Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
}

void PlanModel::addRow(const PlanRow& row) {
  beginInsertRows({}, rowCount(), rowCount());
  rows_ << row;
  endInsertRows();
}

qsizetype PlanModel::count(Outcome outcome) const {
  return std::ranges::count(rows_, outcome, [](const PlanRow& row) { return row.outcome; });
}

int PlanModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int PlanModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || columns_.isEmpty() ? 0 : static_cast<int>(columns_.size()) + 1;
}

QVariant PlanModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = rows_[index.row()];
  const bool outcome = isOutcome(index.column());
  const bool number = !outcome && columns_[index.column()].number;
  switch (role) {
  case KeyRole: return row.key;
  case HealthRole: return static_cast<int>(shape(row));
  case KindRole: return static_cast<int>(number ? CellKind::number : CellKind::text);
  case Qt::TextAlignmentRole: return int((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  case ToneRole:
    if (outcome && (row.outcome == Outcome::failed || row.outcome == Outcome::unknown))
      return static_cast<int>(shape(row));
    if (!outcome && row.tone != health::ok) return static_cast<int>(row.tone);
    return {};
  case Qt::ToolTipRole:
  case Qt::DisplayRole:
    if (!outcome) return row.cells.value(index.column());
    return row.said.isEmpty() ? word(row.outcome) : word(row.outcome) + QStringLiteral(": ") + row.said;
  default: return {};
  }
}

QVariant PlanModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const bool number = !isOutcome(section) && columns_[section].number;
  if (role == Qt::DisplayRole) return isOutcome(section) ? QStringLiteral("Outcome") : columns_[section].title;
  if (role == KindRole) return static_cast<int>(number ? CellKind::number : CellKind::text);
  if (role == Qt::TextAlignmentRole) return int((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  return {};
}

} // namespace weft::monitor
