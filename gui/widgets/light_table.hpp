// gui/widgets/light_table.hpp: tables and trees, painted lightly: states as shapes, sparklines, tabular figures.
#pragma once
#include <QHeaderView>
#include <QStyledItemDelegate>
#include <QTreeView>

namespace weft::monitor {

/// A header whose sort arrow stands beside the text, never on it.
class LightHeader : public QHeaderView {
  Q_OBJECT
public:
  explicit LightHeader(QWidget* parent = nullptr);
  QSize sizeHint() const override;

protected:
  void paintSection(QPainter* painter, const QRect& box, int section) const override;
  void paintEvent(QPaintEvent* event) override;
};

/// Draws what gui/models/roles.hpp says of a cell.
class LightDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  /// What is cut is told whole where the pointer rests on it.
  bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                 const QModelIndex& index) override;
};

/// A table, or a tree when `treeColumn` is given.
class LightTable : public QTreeView {
  Q_OBJECT
public:
  explicit LightTable(const QString& name, int treeColumn = -1, QWidget* parent = nullptr);

  void setModel(QAbstractItemModel* model) override;
  /// Widths at 100 %. Columns below 0 are wider than that by a part of what is left.
  void setWidths(const QList<int>& widths);
  /// Columns that are left out, these first to these last, where there is no room for all. Not the one that is sorted
  /// by.
  void setSpare(const QList<int>& columns);
  /// What is said while there is no row; where rows are there and a filter leaves none, that is said.
  void setHint(const QString& hint);
  /// What is said at the moment instead of rows.
  [[nodiscard]] QString hintShown() const;
  [[nodiscard]] QString keyOf(const QModelIndex& index) const;
  /// Selects the row of this key, if there is one.
  bool selectKey(const QString& key);
  [[nodiscard]] QString selectedKey() const;
  /// Whether the pointer is over the rows: then they must not move.
  [[nodiscard]] bool isPointedAt() const;

Q_SIGNALS:
  void rowActivated(const QString& key);
  void rowSelected(const QString& key);

protected:
  /// Qt would ask where each changed row is, of all that there are, and only then paint those that are seen.
  void dataChanged(const QModelIndex& first, const QModelIndex& last, const QList<int>& roles) override;
  /// Space and End are the time bar's; Ctrl and End is the last row. What is in events is copied only where that is
  /// allowed.
  void keyPressEvent(QKeyEvent* event) override;
  void drawBranches(QPainter* painter, const QRect& box, const QModelIndex& index) const override;
  void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
  void fit();
  void stretch();
  void leaveOut(int columns);

  QList<int> widths_, spare_;
  QString hint_;
};

} // namespace weft::monitor
