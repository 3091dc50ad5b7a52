#include "gui/models/groups_model.hpp"

#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

/// Nothing when none of its logs is heard.
std::optional<double> behind(const group_view& row) {
  return row.lag_rows > 0 && row.lag_unknown == row.lag_rows ? std::nullopt : std::optional(row.worst_seconds);
}

using GroupColumn = Column<group_view>;

std::optional<health> tone(const group_view& row) {
  return row.shown == health::ok ? std::nullopt : std::optional(row.shown);
}

std::vector<GroupColumn> groupColumns() {
  const auto plain = [](const char* title, CellKind kind, std::string group_view::*member) {
    return GroupColumn{QString::fromUtf8(title),
                       kind,
                       [member](const group_view& row) { return texts::of(row.*member); },
                       {},
                       {},
                       {},
                       {}};
  };
  return {{QString(),
           CellKind::state,
           [](const group_view& row) { return texts::word(row.shown); },
           [](const group_view& row) { return severity(row.shown); },
           {},
           {},
           QStringLiteral("State")},
          plain("Group", CellKind::strong, &group_view::name),
          plain("Kind", CellKind::quiet, &group_view::kind),
          plain("Pattern", CellKind::quiet, &group_view::pattern),
          {QStringLiteral("State"),
           CellKind::quiet,
           [](const group_view& row) { return row.why.empty() ? texts::word(row.shown) : texts::of(row.why); },
           {},
           tone,
           {},
           {}},
          {QStringLiteral("Members"),
           CellKind::number,
           [](const group_view& row) { return texts::count(row.members); },
           [](const group_view& row) { return row.members; },
           {},
           {},
           {}},
          {QStringLiteral("Logs"),
           CellKind::number,
           [](const group_view& row) { return texts::count(row.logs.size()); },
           [](const group_view& row) { return qulonglong(row.logs.size()); },
           {},
           {},
           {}},
          {QStringLiteral("Lag"),
           CellKind::number,
           [](const group_view& row) { return texts::count(row.lag_events); },
           [](const group_view& row) { return qulonglong(row.lag_events); },
           tone,
           {},
           QStringLiteral("Events that are not processed, in all logs")},
          {QStringLiteral("Behind"),
           CellKind::number,
           [](const group_view& row) { return texts::seconds(behind(row)); },
           [](const group_view& row) { return behind(row).value_or(-1); },
           tone,
           {},
           QStringLiteral("The worst of its logs")},
          {QStringLiteral("Repeated"),
           CellKind::number,
           [](const group_view& row) { return texts::count(row.repeated); },
           [](const group_view& row) { return qulonglong(row.repeated); },
           {},
           {},
           QStringLiteral("Events that were delivered again")},
          {QStringLiteral("Parked keys"),
           CellKind::number,
           [](const group_view& row) { return texts::count(row.parked_keys); },
           [](const group_view& row) { return row.parked_keys; },
           {},
           {},
           QStringLiteral("Keys that wait for a retry")}};
}

} // namespace

GroupsModel::GroupsModel(QObject* parent)
    : RowsModel(
          groupColumns(), [](const group_view& row) { return row.name; },
          [](const group_view& row) { return row.shown; }, parent,
          [](const group_view& a, const group_view& b) { return a.name <=> b.name; }) {}

void GroupsModel::apply(const snapshot_ptr& now) { RowsModel::apply(now, pointersTo(now->groups), now->sets.groups); }

} // namespace weft::monitor
