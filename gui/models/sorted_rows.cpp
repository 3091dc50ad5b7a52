#include "gui/models/sorted_rows.hpp"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr std::size_t atOnceMax = 2000;  // rows that are sorted in the window's thread: less than a ms
constexpr std::size_t firstMax = 20'000; // before anybody saw them: some ms, once

} // namespace

struct SortedRows::Job {
  RowsWish wish;
  std::vector<int> rows;
};

SortedRows::SortedRows(QObject* parent) : QAbstractProxyModel(parent) {}

void SortedRows::setSourceModel(QAbstractItemModel* source) {
  beginResetModel();
  if (rows_ != nullptr) disconnect(rows_, nullptr, this, nullptr);
  rows_ = dynamic_cast<SortableRows*>(source);
  Q_ASSERT(rows_ != nullptr);
  QAbstractProxyModel::setSourceModel(source);
  shown_ = rows_->arranger()(wish_);
  numberPlaces();
  endResetModel();
  connect(rows_, &QAbstractItemModel::dataChanged, this, [this] {
    if (!shown_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
  });
  connect(rows_, &QAbstractItemModel::rowsAboutToBeRemoved, this,
          [this](const QModelIndex&, int first, int last) { takeAway(first, last); });
  connect(rows_, &QAbstractItemModel::rowsInserted, this,
          [this](const QModelIndex&, int first, int last) { takeIn(first, last); });
  connect(rows_, &QAbstractItemModel::layoutAboutToBeChanged, this, &SortedRows::holdRows);
  connect(rows_, &QAbstractItemModel::layoutChanged, this, &SortedRows::findRows);
  connect(rows_, &QAbstractItemModel::modelAboutToBeReset, this, [this] { beginResetModel(); });
  connect(rows_, &QAbstractItemModel::modelReset, this, [this] {
    again_ = job_ != nullptr;
    shown_ = rows_->arranger()(wish_);
    numberPlaces();
    endResetModel();
  });
}

void SortedRows::setFind(const QString& text) {
  wish_.find = text.trimmed();
  arrange();
}

void SortedRows::setOnlyUnwell(bool only) {
  wish_.onlyUnwell = only;
  arrange();
}

void SortedRows::sort(int column, Qt::SortOrder order) {
  wish_.column = column;
  wish_.order = order;
  arrange();
}

void SortedRows::resort() { arrange(); }

void SortedRows::resortFirst() { arrange(firstMax); }

void SortedRows::arrange() { arrange(atOnceMax); }

void SortedRows::arrange(std::size_t atOnce) {
  if (rows_ == nullptr) return;
  if (static_cast<std::size_t>(rows_->rowCount()) > atOnce) return arrangeElsewhere();
  again_ = job_ != nullptr;
  show(rows_->arranger()(wish_));
}

void SortedRows::arrangeElsewhere() {
  if (job_ != nullptr) { // its outcome is shown when it is of the same rows and wish
    again_ = again_ || job_->wish != wish_;
    return;
  }
  again_ = false;
  job_ = std::make_shared<Job>(Job{wish_, {}});
  QThreadPool::globalInstance()->start([job = job_, arrange = rows_->arranger(), self = QPointer(this)] {
    job->rows = arrange(job->wish);
    QMetaObject::invokeMethod(
        qApp,
        [self, job] {
          if (self) self->arrived(job);
        },
        Qt::QueuedConnection);
  });
}

void SortedRows::arrived(const std::shared_ptr<Job>& job) {
  if (job != job_) return;
  job_ = nullptr;
  if (std::exchange(again_, false)) return arrange();
  show(std::move(job->rows));
}

void SortedRows::show(std::vector<int> rows) {
  const bool moves = rows != shown_;
  if (moves && rows.size() == shown_.size() && persistentIndexList().isEmpty()) {
    // Nobody holds a row: that others stand there is a change of their figures, and no view lays out all rows anew.
    shown_ = std::move(rows);
    numberPlaces();
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
  } else if (moves) {
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const auto before = persistentIndexList();
    std::vector<int> of;
    of.reserve(static_cast<std::size_t>(before.size()));
    for (const auto& index : before)
      of.push_back(shown_[static_cast<std::size_t>(index.row())]);
    shown_ = std::move(rows);
    numberPlaces();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
      after << index(places_[static_cast<std::size_t>(of[static_cast<std::size_t>(i)])], before[i].column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
  }
  Q_EMIT arranged();
}

void SortedRows::holdRows() {
  Q_EMIT layoutAboutToBeChanged();
  held_.clear();
  for (const auto& index : persistentIndexList())
    held_ << QPersistentModelIndex(mapToSource(index));
}

void SortedRows::findRows() {
  again_ = job_ != nullptr;
  const auto before = persistentIndexList();
  auto wish = wish_;
  const bool many = static_cast<std::size_t>(rows_->rowCount()) > atOnceMax;
  if (many) wish.column = -1; // in order they come a moment later
  shown_ = rows_->arranger()(wish);
  numberPlaces();
  QModelIndexList after;
  for (const auto& index : held_)
    after << mapFromSource(index);
  changePersistentIndexList(before, after);
  held_.clear();
  Q_EMIT layoutChanged();
  if (many) arrange();
}

void SortedRows::numberPlaces() {
  places_.assign(static_cast<std::size_t>(rows_->rowCount()), -1);
  for (std::size_t i = 0; i < shown_.size(); ++i)
    places_[static_cast<std::size_t>(shown_[i])] = static_cast<int>(i);
}

/// The source still has the rows; numbers of those after them change all the same, as the source asks nothing
/// meanwhile.
void SortedRows::takeAway(int first, int last) {
  again_ = job_ != nullptr;
  const auto goes = [&](int row) { return row >= first && row <= last; };
  for (int end = rowCount(); end > 0;) { // runs, from the last one
    while (end > 0 && !goes(shown_[static_cast<std::size_t>(end - 1)]))
      --end;
    int begin = end;
    while (begin > 0 && goes(shown_[static_cast<std::size_t>(begin - 1)]))
      --begin;
    if (begin == end) break;
    beginRemoveRows({}, begin, end - 1);
    shown_.erase(shown_.begin() + begin, shown_.begin() + end);
    for (auto& place : places_)
      if (place >= end)
        place -= end - begin;
      else if (place >= begin)
        place = -1;
    endRemoveRows();
    end = begin;
  }
  places_.erase(places_.begin() + first, places_.begin() + last + 1);
  for (auto& row : shown_)
    if (row > last) row -= last - first + 1;
}

void SortedRows::takeIn(int first, int last) {
  again_ = job_ != nullptr;
  const int count = last - first + 1;
  places_.insert(places_.begin() + first, static_cast<std::size_t>(count), -1);
  for (auto& row : shown_)
    if (row >= first) row += count;
  std::vector<int> wished;
  for (int row = first; row <= last; ++row)
    if (rows_->isWished(row, wish_)) wished.push_back(row);
  if (wished.empty()) return;
  beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(wished.size()) - 1);
  for (const int row : wished) {
    places_[static_cast<std::size_t>(row)] = static_cast<int>(shown_.size());
    shown_.push_back(row);
  }
  endInsertRows();
}

QModelIndex SortedRows::index(int row, int column, const QModelIndex& parent) const {
  if (parent.isValid() || row < 0 || row >= rowCount() || column < 0 || column >= columnCount()) return {};
  return createIndex(row, column);
}

int SortedRows::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(shown_.size());
}

int SortedRows::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || rows_ == nullptr ? 0 : rows_->columnCount();
}

QModelIndex SortedRows::mapToSource(const QModelIndex& proxy) const {
  if (!proxy.isValid() || proxy.row() >= rowCount()) return {};
  return rows_->index(shown_[static_cast<std::size_t>(proxy.row())], proxy.column());
}

QModelIndex SortedRows::mapFromSource(const QModelIndex& source) const {
  if (!source.isValid() || source.row() >= static_cast<int>(places_.size())) return {};
  return index(places_[static_cast<std::size_t>(source.row())], source.column());
}

} // namespace weft::monitor
