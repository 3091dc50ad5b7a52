#include "gui/models/topics_model.hpp"

#include "gui/models/row_column.hpp"
#include "gui/models/row_merge.hpp"
#include "gui/models/texts.hpp"

#include <ranges>

namespace weft::monitor {
namespace {

using TopicColumn = Column<topic_view>;
using LogColumn = Column<topic_log_view>;

health stateOf(const topic_log_view& row) { return row.copies < row.replicas ? health::warn : health::ok; }

template <class Row>
Column<Row> counter(const char* title, std::uint64_t Row::*member, const char* about) {
  return {QString::fromUtf8(title),
          CellKind::number,
          [member](const Row& row) { return texts::count(row.*member); },
          [member](const Row& row) { return qulonglong(row.*member); },
          {},
          {},
          QString::fromUtf8(about)};
}

template <class Row>
Column<Row> size(const char* title) {
  return {QString::fromUtf8(title),
          CellKind::number,
          [](const Row& row) { return texts::bytes(double(row.bytes)); },
          [](const Row& row) { return qulonglong(row.bytes); },
          {},
          {},
          {}};
}

template <class Row>
Column<Row> rate(const char* title) {
  return {QString::fromUtf8(title),
          CellKind::number,
          [](const Row& row) { return texts::perSecond(row.published_per_s); },
          [](const Row& row) { return row.published_per_s; },
          {},
          {},
          {}};
}

template <class Row>
Column<Row> blank(const char* title, const char* about) {
  return {QString::fromUtf8(title), CellKind::number, {}, {}, {}, {}, QString::fromUtf8(about)};
}

std::optional<health> unlessOk(health shown) { return shown == health::ok ? std::nullopt : std::optional(shown); }

const std::vector<TopicColumn>& topicColumns() {
  static const std::vector<TopicColumn> columns{
      {QString(),
       CellKind::state,
       [](const topic_view& row) { return texts::word(row.shown); },
       [](const topic_view& row) { return severity(row.shown); },
       {},
       {},
       QStringLiteral("State")},
      {QStringLiteral("Topic"),
       CellKind::strong,
       [](const topic_view& row) { return texts::of(row.name); },
       {},
       {},
       {},
       {}},
      {QStringLiteral("State"),
       CellKind::quiet,
       [](const topic_view& row) { return row.why.empty() ? texts::word(row.shown) : texts::of(row.why); },
       {},
       [](const topic_view& row) { return unlessOk(row.shown); },
       {},
       {}},
      {QStringLiteral("Logs"),
       CellKind::number,
       [](const topic_view& row) { return texts::count(row.logs.size()); },
       [](const topic_view& row) { return qulonglong(row.logs.size()); },
       {},
       {},
       QStringLiteral("Nodes that publish it")},
      rate<topic_view>("Published"),
      counter("Events", &topic_view::events, "That are kept"),
      size<topic_view>("Size"),
      blank<topic_view>("Start", "Topic offset of the oldest event that is kept"),
      blank<topic_view>("End", "Topic offset after the last event"),
      blank<topic_view>("Copies", "Replicas that have it all, of those wanted")};
  return columns;
}

const std::vector<LogColumn>& logColumns() {
  static const std::vector<LogColumn> columns{
      {QString(),
       CellKind::state,
       [](const topic_log_view& row) { return texts::word(stateOf(row)); },
       [](const topic_log_view& row) { return severity(stateOf(row)); },
       {},
       {},
       {}},
      {QString(), CellKind::text, [](const topic_log_view& row) { return texts::of(row.node); }, {}, {}, {}, {}},
      {QString(),
       CellKind::text,
       [](const topic_log_view& row) {
         return stateOf(row) == health::ok ? QString() : QStringLiteral("under-replicated");
       },
       {},
       [](const topic_log_view& row) { return unlessOk(stateOf(row)); },
       {},
       {}},
      blank<topic_log_view>("", ""),
      rate<topic_log_view>(""),
      counter("", &topic_log_view::events, ""),
      size<topic_log_view>(""),
      counter("", &topic_log_view::start, ""),
      counter("", &topic_log_view::end, ""),
      {QString(),
       CellKind::number,
       [](const topic_log_view& row) { return QStringLiteral("%1 of %2").arg(row.copies).arg(row.replicas); },
       [](const topic_log_view& row) { return row.copies; },
       [](const topic_log_view& row) { return unlessOk(stateOf(row)); },
       {},
       {}}};
  return columns;
}

QVariant topicData(const topic_view& topic, int column, int role) {
  if (role == KeyRole) return texts::of(topic.name);
  if (role == HealthRole) return static_cast<int>(topic.shown);
  return cellData(topicColumns()[static_cast<std::size_t>(column)], topic, role);
}

QVariant logData(const topic_view& topic, const topic_log_view& log, int column, int role) {
  if (role == KeyRole) return texts::of(topic.name + '\x1f' + log.node);
  if (role == HealthRole) return static_cast<int>(stateOf(log));
  return cellData(logColumns()[static_cast<std::size_t>(column)], log, role);
}

} // namespace

void TopicsModel::apply(const snapshot& now) {
  mergeTopics(now.topics);
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    mergeLogs(*topics_[i], now.topics[i].logs);
    topics_[i]->shown = now.topics[i];
    const auto at = index(static_cast<int>(i), 0);
    if (const int below = rowCount(at); below > 0)
      Q_EMIT dataChanged(index(0, 0, at), index(below - 1, At::columns - 1, at));
  }
  if (!topics_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, At::columns - 1));
}

void TopicsModel::mergeTopics(const std::vector<topic_view>& fresh) {
  std::vector<topic_view> had;
  for (const auto& topic : topics_)
    had.emplace_back().name = topic->shown.name;
  const auto before = [](const topic_view& a, const topic_view& b) { return a.name < b.name; };
  const auto renumber = [this] {
    for (std::size_t i = 0; i < topics_.size(); ++i)
      topics_[i]->row = static_cast<int>(i);
  };
  const auto gone = rowsOnlyIn(had, fresh, before);
  for (const auto& span : gone | std::views::reverse) {
    beginRemoveRows({}, span.first, span.last);
    topics_.erase(topics_.begin() + span.first, topics_.begin() + span.last + 1);
    renumber();
    endRemoveRows();
  }
  for (const auto span : rowsOnlyIn(fresh, had, before)) {
    beginInsertRows({}, span.first, span.last);
    for (int i = span.first; i <= span.last; ++i) {
      auto topic = std::make_unique<Topic>();
      topic->shown = fresh[static_cast<std::size_t>(i)];
      topics_.insert(topics_.begin() + i, std::move(topic));
    }
    renumber();
    endInsertRows();
  }
}

void TopicsModel::mergeLogs(Topic& topic, const std::vector<topic_log_view>& fresh) {
  auto& logs = topic.shown.logs;
  const auto at = index(topic.row, 0);
  const auto before = [](const topic_log_view& a, const topic_log_view& b) { return a.node < b.node; };
  const auto gone = rowsOnlyIn(logs, fresh, before);
  for (const auto& span : gone | std::views::reverse) {
    beginRemoveRows(at, span.first, span.last);
    logs.erase(logs.begin() + span.first, logs.begin() + span.last + 1);
    endRemoveRows();
  }
  for (const auto span : rowsOnlyIn(fresh, logs, before)) {
    beginInsertRows(at, span.first, span.last);
    logs.insert(logs.begin() + span.first, fresh.begin() + span.first, fresh.begin() + span.last + 1);
    endInsertRows();
  }
}

QModelIndex TopicsModel::index(int row, int column, const QModelIndex& parent) const {
  if (!hasIndex(row, column, parent)) return {};
  Topic* above = parent.isValid() ? topics_[static_cast<std::size_t>(parent.row())].get() : nullptr;
  return createIndex(row, column, above);
}

QModelIndex TopicsModel::parent(const QModelIndex& child) const {
  const auto* above = static_cast<const Topic*>(child.internalPointer());
  return above == nullptr ? QModelIndex() : createIndex(above->row, 0, nullptr);
}

int TopicsModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid()) return static_cast<int>(topics_.size());
  if (parent.internalPointer() != nullptr || parent.column() != 0) return 0;
  return static_cast<int>(topics_[static_cast<std::size_t>(parent.row())]->shown.logs.size());
}

QVariant TopicsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto row = static_cast<std::size_t>(index.row());
  if (const auto* above = static_cast<const Topic*>(index.internalPointer()))
    return logData(above->shown, above->shown.logs[row], index.column(), role);
  return topicData(topics_[row]->shown, index.column(), role);
}

QVariant TopicsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  return columnHeader(topicColumns(), section, orientation, role);
}

} // namespace weft::monitor
