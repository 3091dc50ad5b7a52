// gui/models/sort_model.hpp: rows in the order of a column, and only those that match a text.
#pragma once
#include <QSortFilterProxyModel>

namespace weft::monitor {

/// Rows don't move by themselves when their figures change, for nobody could point at them: resort() moves them, and
/// the window calls it once a second while the pointer is elsewhere. Rows that are equal are ordered by their keys.
class SortModel : public QSortFilterProxyModel {
  Q_OBJECT
public:
  explicit SortModel(QObject* parent = nullptr);

  /// Keeps rows that have `text` in any column, with the parents of such; whatever its case.
  void setFind(const QString& text);
  /// Keeps rows that are not well.
  void setOnlyUnwell(bool only);
  void resort();

protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
  QString find_;
  bool onlyUnwell_ = false;
};

} // namespace weft::monitor
