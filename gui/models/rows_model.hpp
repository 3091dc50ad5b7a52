// gui/models/rows_model.hpp: a flat table of one kind of rows, described by its columns.
#pragma once
#include "gui/models/row_arrange.hpp"
#include "gui/models/row_merge.hpp"
#include "gui/models/sortable_rows.hpp"

#include <compare>
#include <ranges>

namespace weft::monitor {

/// Rows are diffed by key: those that stay keep their place and so stay selected. A refresh is at most one pass of
/// removals, one of insertions and one dataChanged. Rows of a snapshot are not copied: it is held instead.
template <class Row>
class RowsModel : public SortableRows {
public:
  using Key = std::function<std::string(const Row&)>;
  using Health = std::function<health(const Row&)>;
  /// In the order of the keys, without making them.
  using Compare = std::function<std::strong_ordering(const Row&, const Row&)>;
  using Pointers = std::vector<const Row*>;

  /// @param columns their functions are called by any thread
  /// @param compare absent: by key, which is slow
  RowsModel(std::vector<Column<Row>> columns, Key key, Health shown, QObject* parent = nullptr, Compare compare = {});

  /// @param owner holds what `fresh` points to
  /// @param set   as row_sets has it: rows of the set that are shown are not compared; 0: they are
  /// @pre sorted by key
  void apply(std::shared_ptr<const void> owner, Pointers fresh, std::uint64_t set = 0);
  void apply(std::vector<Row> fresh);
  [[nodiscard]] auto rows() const {
    return rows_ | std::views::transform([](const Row* row) -> const Row& { return *row; });
  }
  [[nodiscard]] const Row& row(int i) const { return *rows_.at(static_cast<std::size_t>(i)); }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
  }
  int columnCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(columns_->size());
  }
  bool hasChildren(const QModelIndex& parent = {}) const override { return !parent.isValid() && !rows_.empty(); }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  [[nodiscard]] Arranger arranger() const override;
  [[nodiscard]] bool isWished(int row, const RowsWish& wish) const override {
    return rowIsWished(this->row(row), wish, *columns_, health_);
  }

private:
  void bringInOrder(Pointers& rows) const;
  [[nodiscard]] bool sameKeys(const Pointers& fresh) const;
  void mergeAll(Pointers fresh);
  void layAnew(Pointers fresh);

  std::shared_ptr<const std::vector<Column<Row>>> columns_;
  Key key_;
  Health health_;
  Compare compare_;
  std::shared_ptr<const void> owner_;
  Pointers rows_;
  std::uint64_t set_ = 0; ///< of rows_, and more when rows of one name were left out
};

/// Pointers to all rows of a list of a snapshot.
template <class Row>
std::vector<const Row*> pointersTo(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  pointers.reserve(rows.size());
  for (const auto& row : rows)
    pointers.push_back(&row);
  return pointers;
}

template <class Row>
RowsModel<Row>::RowsModel(std::vector<Column<Row>> columns, Key key, Health shown, QObject* parent, Compare compare)
    : SortableRows(parent),
      columns_(std::make_shared<const std::vector<Column<Row>>>(std::move(columns))),
      key_(std::move(key)),
      health_(std::move(shown)),
      compare_(std::move(compare)) {
  if (!compare_) compare_ = [of = key_](const Row& a, const Row& b) { return of(a) <=> of(b); };
}

/// Lists come sorted by what names their rows. What nodes said need not be sensible: rows of one name count once.
template <class Row>
void RowsModel<Row>::bringInOrder(Pointers& rows) const {
  const auto before = [&](const Row* a, const Row* b) { return std::is_lt(compare_(*a, *b)); };
  const auto same = [&](const Row* a, const Row* b) { return std::is_eq(compare_(*a, *b)); };
  if (!std::ranges::is_sorted(rows, before)) std::ranges::stable_sort(rows, before);
  const auto again = std::ranges::unique(rows, same);
  rows.erase(again.begin(), again.end());
}

template <class Row>
bool RowsModel<Row>::sameKeys(const Pointers& fresh) const {
  return std::ranges::equal(fresh, rows_, [&](const Row* a, const Row* b) { return std::is_eq(compare_(*a, *b)); });
}

template <class Row>
void RowsModel<Row>::apply(std::vector<Row> fresh) {
  auto held = std::make_shared<const std::vector<Row>>(std::move(fresh));
  auto pointers = pointersTo(*held);
  apply(std::move(held), std::move(pointers));
}

template <class Row>
void RowsModel<Row>::apply(std::shared_ptr<const void> owner, Pointers fresh, std::uint64_t set) {
  const bool known = set != 0 && set == set_ && fresh.size() == rows_.size();
  set_ = set;
  if (known || sameKeys(fresh)) { // as nearly always
    rows_ = std::move(fresh);
  } else {
    bringInOrder(fresh);
    mergeAll(std::move(fresh));
  }
  owner_ = std::move(owner); // not before: rows that went were the old one's
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

template <class Row>
void RowsModel<Row>::mergeAll(Pointers fresh) {
  constexpr std::size_t spansMax = 64; // each costs a pass over all rows, in every view
  const auto before = [&](const Row* a, const Row* b) { return std::is_lt(compare_(*a, *b)); };
  const auto gone = rowsOnlyIn(rows_, fresh, before), came = rowsOnlyIn(fresh, rows_, before);
  if (gone.size() + came.size() > spansMax) return layAnew(std::move(fresh));
  for (const auto& span : gone | std::views::reverse) {
    beginRemoveRows({}, span.first, span.last);
    rows_.erase(rows_.begin() + span.first, rows_.begin() + span.last + 1);
    endRemoveRows();
  }
  for (const auto& span : came) {
    beginInsertRows({}, span.first, span.last);
    rows_.insert(rows_.begin() + span.first, fresh.begin() + span.first, fresh.begin() + span.last + 1);
    endInsertRows();
  }
  rows_ = std::move(fresh);
}

/// All at once; indexes that somebody holds go with their rows.
template <class Row>
void RowsModel<Row>::layAnew(Pointers fresh) {
  Q_EMIT layoutAboutToBeChanged();
  const auto held = persistentIndexList();
  QModelIndexList after;
  for (const auto& was : held) {
    const auto* row = rows_[static_cast<std::size_t>(was.row())];
    const auto at =
        std::ranges::lower_bound(fresh, row, [&](const Row* a, const Row* b) { return std::is_lt(compare_(*a, *b)); });
    const bool stays = at != fresh.end() && std::is_eq(compare_(**at, *row));
    after << (stays ? createIndex(static_cast<int>(at - fresh.begin()), was.column()) : QModelIndex());
  }
  rows_ = std::move(fresh);
  changePersistentIndexList(held, after);
  Q_EMIT layoutChanged();
}

template <class Row>
SortableRows::Arranger RowsModel<Row>::arranger() const {
  return [owner = owner_, rows = rows_, columns = columns_, shown = health_](const RowsWish& wish) {
    return rowsArranged(rows, wish, *columns, shown);
  };
}

template <class Row>
QVariant RowsModel<Row>::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = this->row(index.row());
  if (role == KeyRole) return QString::fromStdString(key_(row));
  if (role == HealthRole) return static_cast<int>(health_(row));
  return cellData((*columns_)[static_cast<std::size_t>(index.column())], row, role);
}

template <class Row>
QVariant RowsModel<Row>::headerData(int section, Qt::Orientation orientation, int role) const {
  return columnHeader(*columns_, section, orientation, role);
}

} // namespace weft::monitor
