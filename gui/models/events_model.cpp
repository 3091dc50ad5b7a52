#include "gui/models/events_model.hpp"

#include "gui/models/event_texts.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"

#include <algorithm>
#include <array>

namespace weft::monitor {
namespace {

constexpr qint64 dayUs = 86'400'000'000;

struct Title {
  const char *text, *about;
  CellKind kind;
};
constexpr std::array<Title, EventsModel::At::columns> titles{
    {{"Logged at", "When its log took the event", CellKind::number},
     {"Log", "The node whose log has the event", CellKind::strong},
     {"Topic", "", CellKind::text},
     {"Type", "", CellKind::text},
     {"Key", "", CellKind::text},
     {"Offset", "Its place among its topic's events in that log", CellKind::number},
     {"Value", "The value's beginning, by its contract where it names one", CellKind::quiet},
     {"Size", "Bytes of the value", CellKind::number}}};

/// By the clock that the window shows.
qint64 dayOf(time_us at) { return (at + Zone::instance().offset(at)) / dayUs; }

} // namespace

EventsModel::EventsModel(QObject* parent) : QAbstractTableModel(parent) {
  connect(&Zone::instance(), &Zone::changed, this, [this] {
    day_ = dayOf(now_);
    tellTimes();
    Q_EMIT headerDataChanged(Qt::Horizontal, At::time, At::time);
  });
}

void EventsModel::append(const std::vector<Row>& rows) {
  if (rows.empty()) return;
  beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(rows.size()) - 1);
  for (const auto& row : rows) {
    Item item{row, arrivals_++, row->bytes()};
    dirty_ = dirty_ || (!items_.empty() && isLess(item, items_.back()));
    bytes_ += item.bytes;
    items_.push_back(std::move(item));
  }
  endInsertRows();
}

void EventsModel::clear() {
  beginResetModel();
  items_.clear();
  bytes_ = 0;
  dirty_ = false;
  endResetModel();
}

std::size_t EventsModel::keepLatest(std::size_t most, std::size_t bytesMost) {
  if (items_.size() <= most && (bytes_ <= bytesMost || items_.size() <= 1)) return 0;
  std::vector<std::pair<std::uint64_t, std::size_t>> arrivals; // with their bytes
  for (const auto& item : items_)
    arrivals.emplace_back(item.arrival, item.bytes);
  std::size_t gone = items_.size() - std::min(items_.size(), most), bytes = bytes_;
  const auto kept = arrivals.begin() + static_cast<std::ptrdiff_t>(gone);
  std::ranges::nth_element(arrivals, kept);
  for (std::size_t i = 0; i < gone; ++i)
    bytes -= arrivals[i].second;
  if (bytes > bytesMost) std::sort(kept, arrivals.end());
  for (; bytes > bytesMost && gone + 1 < arrivals.size(); ++gone)
    bytes -= arrivals[gone].second;
  const auto oldest = gone < arrivals.size() ? arrivals[gone].first : arrivals_;
  const auto isOld = [oldest](const Item& item) { return item.arrival < oldest; };
  for (int last = rowCount() - 1; last >= 0; --last) { // spans, from the end on
    if (!isOld(items_[static_cast<std::size_t>(last)])) continue;
    int first = last;
    while (first > 0 && isOld(items_[static_cast<std::size_t>(first - 1)]))
      --first;
    beginRemoveRows({}, first, last);
    for (int i = first; i <= last; ++i)
      bytes_ -= items_[static_cast<std::size_t>(i)].bytes;
    items_.erase(items_.begin() + first, items_.begin() + last + 1);
    endRemoveRows();
    last = first;
  }
  return gone;
}

void EventsModel::setDay(time_us now) {
  now_ = now;
  if (day_ == dayOf(now)) return;
  day_ = dayOf(now);
  tellTimes();
}

void EventsModel::tellTimes() {
  if (!items_.empty()) Q_EMIT dataChanged(index(0, At::time), index(rowCount() - 1, At::time));
}

std::vector<EventsModel::Row> EventsModel::rows() const {
  std::vector<Row> rows;
  rows.reserve(items_.size());
  for (const auto& item : items_)
    rows.push_back(item.row);
  return rows;
}

bool EventsModel::isLess(const Item& a, const Item& b) const {
  const auto order = [&] {
    const auto &x = *a.row, &y = *b.row;
    switch (column_) {
    case At::node: return x.node <=> y.node;
    case At::topic: return x.topic <=> y.topic;
    case At::type: return x.type <=> y.type;
    case At::key: return x.key <=> y.key;
    case At::offset: return x.topic_offset <=> y.topic_offset;
    case At::value: return x.shown() <=> y.shown();
    case At::bytes: return x.value.size() <=> y.value.size();
    default: return x.logged_at <=> y.logged_at;
    }
  }();
  if (order != std::strong_ordering::equal) return std::is_lt(order) == (order_ == Qt::AscendingOrder);
  return a.arrival < b.arrival;
}

void EventsModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || (column == column_ && order == order_ && !dirty_)) return;
  column_ = column;
  order_ = order;
  dirty_ = true;
  resort();
}

void EventsModel::resort() {
  if (!dirty_) return;
  dirty_ = false;
  Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
  const auto before = persistentIndexList();
  std::vector<std::uint64_t> arrivals;
  for (const auto& one : before)
    arrivals.push_back(items_[static_cast<std::size_t>(one.row())].arrival);
  std::ranges::sort(items_, [this](const Item& a, const Item& b) { return isLess(a, b); });
  QModelIndexList after;
  for (qsizetype i = 0; i < before.size(); ++i) {
    const auto at = std::ranges::find(items_, arrivals[static_cast<std::size_t>(i)], &Item::arrival);
    after << index(static_cast<int>(at - items_.begin()), before[i].column());
  }
  changePersistentIndexList(before, after);
  Q_EMIT layoutChanged({}, VerticalSortHint);
}

QString EventsModel::text(const event_row& of, int column) const {
  switch (column) {
  case At::time:
    if (of.logged_at == 0) return {};
    return dayOf(of.logged_at) == day_ ? texts::clock(of.logged_at, true) : texts::dateTime(of.logged_at);
  case At::node: return texts::of(of.node);
  case At::topic: return texts::of(of.topic);
  case At::type: return of.is_gap() ? QStringLiteral("gap") : texts::of(of.type);
  case At::key: return texts::of(of.key);
  case At::offset: return of.is_gap() ? QString() : texts::count(of.topic_offset);
  case At::value: return texts::preview(of);
  default: return of.is_gap() ? QString() : texts::bytes(double(of.value.size()));
  }
}

QVariant EventsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& of = row(index.row());
  const auto kind = titles[static_cast<std::size_t>(index.column())].kind;
  switch (role) {
  case Qt::DisplayRole: return text(of, index.column());
  case Qt::ToolTipRole:
    if (of.is_gap()) return texts::of(of.note);
    return {};
  case Qt::TextAlignmentRole:
    return int((kind == CellKind::number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  case KindRole: return static_cast<int>(kind);
  case KeyRole: return texts::of(of.is_gap() ? "gap " + of.position : of.position);
  case HealthRole: return static_cast<int>(of.is_gap() ? health::warn : health::ok);
  case ToneRole:
    if (of.is_gap()) return static_cast<int>(health::warn);
    return {};
  default: return {};
  }
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= At::columns) return {};
  const auto& title = titles[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return QString::fromUtf8(title.text);
  if (role == Qt::ToolTipRole && section == At::time)
    return QStringLiteral("%1; %2").arg(QString::fromUtf8(title.about), Zone::instance().name(now_));
  if (role == Qt::ToolTipRole && title.about[0] != 0) return QString::fromUtf8(title.about);
  if (role == KindRole) return static_cast<int>(title.kind);
  if (role == PayloadRole) return section == At::value;
  return {};
}

} // namespace weft::monitor
