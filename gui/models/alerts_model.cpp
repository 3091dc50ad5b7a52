#include "gui/models/alerts_model.hpp"

#include "gui/models/alert_rules.hpp"
#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

std::string alertKey(const alert& row) { return row.rule + '\x1f' + row.of + '\x1f' + std::to_string(row.since); }

health stateOf(const alert& row) { return row.until ? health::ok : row.shown; }

std::optional<health> tone(const alert& row) {
  return row.until || row.muted ? std::nullopt : std::optional(row.shown);
}

} // namespace

AlertsModel::AlertsModel(QObject* parent)
    : RowsModel({{QString(),
                  CellKind::state,
                  [](const alert& row) { return texts::word(stateOf(row)); },
                  [](const alert& row) { return severity(stateOf(row)); },
                  {},
                  {},
                  QStringLiteral("State")},
                 {QStringLiteral("What"),
                  CellKind::strong,
                  [](const alert& row) { return texts::of(row.text); },
                  {},
                  {},
                  {},
                  {}},
                 {QStringLiteral("Now"),
                  CellKind::text,
                  [](const alert& row) {
                    return row.until   ? QStringLiteral("over")
                           : row.muted ? QStringLiteral("fires, muted")
                                       : QStringLiteral("fires");
                  },
                  {},
                  tone,
                  {},
                  QStringLiteral("At the moment that is shown")},
                 {QStringLiteral("Since"),
                  CellKind::time,
                  [](const alert& row) { return texts::clock(row.since, false); },
                  [](const alert& row) { return qlonglong(row.since); },
                  {},
                  {},
                  {}},
                 {QStringLiteral("Lasted"),
                  CellKind::number,
                  [](const alert& row) {
                    return row.until ? texts::seconds(double(*row.until - row.since) / 1e6) : QString();
                  },
                  [](const alert& row) { return row.until ? double(*row.until - row.since) : 1e18; },
                  {},
                  {},
                  {}},
                 {QStringLiteral("Rule"),
                  CellKind::quiet,
                  [](const alert& row) { return texts::of(row.rule); },
                  {},
                  {},
                  {},
                  {}}},
                alertKey, stateOf, parent) {}

void AlertsModel::apply(std::vector<alert> found, time_us at) {
  std::erase_if(found, [at](const alert& row) { return row.since > at; });
  for (auto& row : found)
    if (row.until && *row.until > at) row.until.reset();
  RowsModel::apply(std::move(found));
}

std::vector<alert> AlertsModel::all() const {
  const auto shown = rows();
  return {shown.begin(), shown.end()};
}

const alert* AlertsModel::find(const QString& key) const {
  const auto wanted = key.toStdString();
  for (const auto& row : rows())
    if (alertKey(row) == wanted) return &row;
  return nullptr;
}

RulesModel::RulesModel(QObject* parent)
    : RowsModel(
          {{QString(),
            CellKind::state,
            [](const alert_rule& row) { return texts::word(row.shown); },
            [](const alert_rule& row) { return severity(row.shown); },
            {},
            {},
            QStringLiteral("What it says when it fires")},
           {QStringLiteral("Rule"),
            CellKind::strong,
            [](const alert_rule& row) { return texts::of(row.name); },
            {},
            {},
            {},
            {}},
           {QStringLiteral("Fires when"),
            CellKind::text,
            [](const alert_rule& row) { return rules::sentence(row); },
            {},
            {},
            {},
            {}},
           {QStringLiteral("Firing"),
            CellKind::number,
            [this](const alert_rule& row) {
              const auto found = std::ranges::find(firing_, row.name, &std::pair<std::string, int>::first);
              return QString::number(found == firing_.end() ? 0 : found->second);
            },
            [this](const alert_rule& row) {
              const auto found = std::ranges::find(firing_, row.name, &std::pair<std::string, int>::first);
              return found == firing_.end() ? 0 : found->second;
            },
            {},
            {},
            QStringLiteral("Rows for which it fires")},
           {QStringLiteral("Muted until"),
            CellKind::text,
            [this](const alert_rule& row) {
              return row.muted_until > at_ ? texts::clock(row.muted_until, false) : QString();
            },
            {},
            {},
            {},
            QStringLiteral("It is watched, but nobody is told")}},
          [](const alert_rule& row) { return row.name; }, [](const alert_rule& row) { return row.shown; }, parent) {}

void RulesModel::apply(std::vector<alert_rule> rules, const std::vector<alert>& firing, time_us at) {
  firing_.clear();
  for (const auto& one : firing) {
    if (one.until) continue;
    const auto found = std::ranges::find(firing_, one.rule, &std::pair<std::string, int>::first);
    if (found == firing_.end())
      firing_.emplace_back(one.rule, 1);
    else
      ++found->second;
  }
  at_ = at;
  RowsModel::apply(std::move(rules));
}

} // namespace weft::monitor
