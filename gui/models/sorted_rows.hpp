// gui/models/sorted_rows.hpp: a flat table in the order of a column, and only those of its rows that match a text.
#pragma once
#include "gui/models/sortable_rows.hpp"

#include <QAbstractProxyModel>

#include <memory>

namespace weft::monitor {

/// As SortModel, for flat tables of any length: a row costs one key when it is sorted, not a look at the model for each
/// comparison, and long tables are sorted on a thread of the pool.
///
/// Rows don't move by themselves when their figures change, for nobody could point at them: resort() moves them, and
/// the window calls it once a second while the pointer is elsewhere. New rows wait at the end.
/// @thread that of the window
class SortedRows : public QAbstractProxyModel {
  Q_OBJECT
public:
  explicit SortedRows(QObject* parent = nullptr);

  /// @pre a SortableRows, which outlives this
  void setSourceModel(QAbstractItemModel* source) override;
  /// Keeps rows that have `text` in any column, whatever its case.
  void setFind(const QString& text);
  /// Keeps rows that are not well.
  void setOnlyUnwell(bool only);
  void resort();
  /// At once, as far as that is possible: for rows that nobody has seen yet, of which the first is chosen.
  void resortFirst();
  void sort(int column, Qt::SortOrder order) override;
  [[nodiscard]] const QString& find() const noexcept { return wish_.find; }
  /// Rows are being put in order elsewhere.
  [[nodiscard]] bool isArranging() const noexcept { return job_ != nullptr; }

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex&) const override { return {}; }
  QModelIndex sibling(int row, int column, const QModelIndex&) const override { return index(row, column); }
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  bool hasChildren(const QModelIndex& parent = {}) const override { return !parent.isValid() && !shown_.empty(); }
  /// Views ask it of every row when they lay them out.
  Qt::ItemFlags flags(const QModelIndex& index) const override {
    return index.isValid() ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren : Qt::NoItemFlags;
  }
  QModelIndex mapToSource(const QModelIndex& proxy) const override;
  QModelIndex mapFromSource(const QModelIndex& source) const override;

Q_SIGNALS:
  /// Rows are in the order that was wished for.
  void arranged();

private:
  struct Job; ///< what one thread of the pool does
  void arrange();
  void arrange(std::size_t atOnce);
  void arrangeElsewhere();
  void arrived(const std::shared_ptr<Job>& job);
  void show(std::vector<int> rows);
  void holdRows();
  void findRows();
  void numberPlaces();
  void takeAway(int first, int last);
  void takeIn(int first, int last);

  SortableRows* rows_ = nullptr;
  RowsWish wish_;
  std::vector<int> shown_;            ///< rows of the source, in the order that is shown
  std::vector<int> places_;           ///< by row of the source: where it is shown; -1: nowhere
  QList<QPersistentModelIndex> held_; ///< of the source, while it lays its rows anew
  std::shared_ptr<Job> job_;
  bool again_ = false; ///< the job's outcome is old when it comes
};

} // namespace weft::monitor
