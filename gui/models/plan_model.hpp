// gui/models/plan_model.hpp: the rows of an operation, and what becomes of each.
#pragma once
#include "gui/models/operation.hpp"

#include <QAbstractTableModel>

namespace weft::monitor {

/// The operation's own columns, then how far each row got.
class PlanModel : public QAbstractTableModel {
  Q_OBJECT
public:
  using QAbstractTableModel::QAbstractTableModel;

  void setPlan(const QList<PlanColumn>& columns, const QList<PlanRow>& rows);
  [[nodiscard]] const QList<PlanRow>& rows() const noexcept { return rows_; }
  /// @returns its place, or -1
  [[nodiscard]] int find(const QString& key) const;
  void setOutcome(int row, Outcome outcome, const QString& said);
  void addRow(const PlanRow& row);
  [[nodiscard]] qsizetype count(Outcome outcome) const;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  [[nodiscard]] bool isOutcome(int column) const { return column == columns_.size(); }

  QList<PlanColumn> columns_;
  QList<PlanRow> rows_;
};

/// waits, asked, done, refused, not known, left out
[[nodiscard]] QString word(Outcome outcome);

} // namespace weft::monitor
