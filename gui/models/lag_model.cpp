#include "gui/models/lag_model.hpp"

#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

/// Nothing of a log that is not heard: what it was is not what it is.
std::optional<double> behind(const lag_view& row) {
  return row.unknown_since ? std::nullopt : std::optional(row.seconds);
}

constexpr time_us second = 1'000'000;
constexpr time_us sparklineSpan = 60 * second;
constexpr std::size_t sparklinePoints = 60;

using LagColumn = Column<lag_view>;

std::optional<health> tone(const lag_view& row) {
  return row.shown == health::ok ? std::nullopt : std::optional(row.shown);
}

LagColumn plain(const char* title, CellKind kind, std::string lag_view::*member) {
  return {
      QString::fromUtf8(title), kind, [member](const lag_view& row) { return texts::of(row.*member); }, {}, {}, {}, {}};
}

LagColumn counter(const char* title, std::uint64_t lag_view::*member, bool toned, const char* about) {
  LagColumn column{QString::fromUtf8(title),
                   CellKind::number,
                   [member](const lag_view& row) { return texts::count(row.*member); },
                   [member](const lag_view& row) { return qulonglong(row.*member); },
                   {},
                   {},
                   QString::fromUtf8(about)};
  if (toned) column.tone = tone;
  return column;
}

std::vector<LagColumn> lagColumns() {
  return {{QString(),
           CellKind::state,
           [](const lag_view& row) { return texts::word(row.shown); },
           [](const lag_view& row) { return severity(row.shown); },
           {},
           {},
           QStringLiteral("State")},
          plain("Group", CellKind::strong, &lag_view::group),
          plain("Topic", CellKind::text, &lag_view::topic),
          plain("Log of", CellKind::text, &lag_view::log),
          counter("End", &lag_view::end, false, "Topic offset after the last event"),
          counter("Processed", &lag_view::processed, false, "Topic offset up to which all is processed"),
          counter("Lag", &lag_view::events, true, "Events that are not processed"),
          {QStringLiteral("Behind"),
           CellKind::number,
           [](const lag_view& row) { return texts::seconds(behind(row)); },
           [](const lag_view& row) { return behind(row).value_or(-1); },
           tone,
           {},
           QStringLiteral("Age of the oldest event that is not processed")},
          {QStringLiteral("Drains in"), CellKind::number, [](const lag_view& row) { return texts::drain(row); },
           [](const lag_view& row) { return row.never_drains ? 1e18 : row.drain_s.value_or(0); }, tone,
           [](const lag_view& row) { return std::optional(row.goes); },
           QStringLiteral("At the rates of the last half minute")},
          {QStringLiteral("Last 60 s"),
           CellKind::sparkline,
           {},
           [](const lag_view& row) { return row.seconds; },
           tone,
           {},
           QStringLiteral("Seconds behind")}};
}

} // namespace

std::string lagKey(const lag_view& row) { return row.group + '/' + row.log + '/' + row.topic; }

LagModel::LagModel(QObject* parent)
    : RowsModel(
          lagColumns(), [](const lag_view& row) { return row.group + '\x1f' + row.log + '\x1f' + row.topic; },
          [](const lag_view& row) { return row.shown; }, parent,
          [](const lag_view& a, const lag_view& b) {
            return std::tie(a.group, a.log, a.topic) <=> std::tie(b.group, b.log, b.topic);
          }) {}

void LagModel::apply(const snapshot_ptr& now, const series_source* series, const Only& only) {
  if (now->at / second != at_ / second || series != series_) drawn_.clear();
  at_ = now->at;
  series_ = series;
  std::vector<const lag_view*> kept;
  if (only.group.empty() && only.topic.empty()) kept.reserve(now->lag.size());
  const auto take = [&](const auto& rows) {
    for (const auto& row : rows)
      if (only.topic.empty() || row.topic == only.topic) kept.push_back(&row);
  };
  if (only.group.empty())
    take(now->lag);
  else
    take(std::ranges::equal_range(now->lag, only.group, {}, &lag_view::group));
  RowsModel::apply(now, std::move(kept), only.group.empty() && only.topic.empty() ? now->sets.lag : 0);
}

QVariant LagModel::data(const QModelIndex& index, int role) const {
  if (role == SeriesRole && index.column() == At::lastMinute && checkIndex(index, CheckIndexOption::IndexIsValid))
    return QVariant::fromValue(sparkline(row(index.row())));
  return RowsModel::data(index, role);
}

QList<double> LagModel::sparkline(const lag_view& row) const {
  if (series_ == nullptr) return {};
  const auto key = lagKey(row);
  const auto name = QString::fromStdString(key);
  if (const auto found = drawn_.constFind(name); found != drawn_.cend()) return *found;
  QList<double> values;
  for (const auto& point : series_->points({figure::lag_seconds, key}, at_ - sparklineSpan, at_, sparklinePoints))
    values.append(point.max);
  drawn_.insert(name, values);
  return values;
}

} // namespace weft::monitor
