#include "gui/models/contract_versions.hpp"

#include "gui/models/asking.hpp"
#include "gui/models/limits.hpp"
#include "gui/models/texts.hpp"

#include <QJsonArray>

#include <fmt/format.h>

namespace weft::monitor {
namespace {

constexpr int digitsShown = 12; // of an id, as `weft contracts` says them

QJsonObject shown(mesh_access& mesh, const std::string& id, std::string& problem) {
  return askFor(mesh, "contracts.show", {{QStringLiteral("id"), QString::fromStdString(id)}}, &problem);
}

template <class Row>
Column<Row> column(const char* title, CellKind kind, std::function<QString(const Row&)> text,
                   std::function<QVariant(const Row&)> sort = {}) {
  return {QString::fromUtf8(title), kind, std::move(text), std::move(sort), {}, {}, {}};
}

QString promise(const ContractRow& row) {
  if (!row.holds) return QStringLiteral("held before");
  return row.compatibility == "none" ? QStringLiteral("none promised") : texts::of(row.compatibility);
}

health shapeOf(const ChangeRow& row) {
  if (row.breaks_backward && row.breaks_forward) return health::fail;
  return row.breaks_backward || row.breaks_forward ? health::warn : health::ok;
}

QString breaks(const ChangeRow& row) {
  if (row.breaks_backward && row.breaks_forward) return QStringLiteral("both");
  if (row.breaks_backward) return QStringLiteral("old events");
  return row.breaks_forward ? QStringLiteral("old readers") : QStringLiteral("nobody");
}

} // namespace

ContractList readContracts(mesh_access& mesh) {
  ContractList made;
  std::map<std::string, std::size_t> counted;
  for (const auto& value : askFor(mesh, "contracts.list", {}, &made.problem)[QStringLiteral("contracts")].toArray()) {
    const auto row = value.toObject();
    ContractRow one{textIn(row, "topic"),
                    textIn(row, "id"),
                    textIn(row, "root"),
                    textIn(row, "compatibility"),
                    textIn(row, "on_broken"),
                    row[QStringLiteral("added_us")].toInteger(),
                    row[QStringLiteral("holds")].toBool(),
                    1,
                    1,
                    {}};
    one.number = ++counted[one.topic];
    made.rows.push_back(std::move(one));
  }
  for (auto& row : made.rows) {
    row.of = counted[row.topic];
    row.key = fmt::format("{}\x1f{:06}", row.topic, row.number);
  }
  return made;
}

ContractText readContract(mesh_access& mesh, const std::string& id, const std::string& before) {
  ContractText made;
  const auto now = shown(mesh, id, made.problem);
  if (!made.problem.empty()) return made;
  made.schema = textIn(now, "schema");
  made.rules = textIn(now, "rules");
  if (auto fields = contract_fields(made.schema))
    made.fields = *std::move(fields);
  else
    made.problem = fields.error().message();
  if (before.empty() || !made.problem.empty()) return made;
  const auto old_one = shown(mesh, before, made.problem);
  if (!made.problem.empty()) return made;
  made.rules_before = textIn(old_one, "rules");
  if (auto diff = compare_contracts(textIn(old_one, "schema"), made.schema))
    made.diff = *std::move(diff);
  else
    made.problem = diff.error().message();
  return made;
}

ContractUse readUse(mesh_access& mesh, const std::string& topic, time_us from, const std::stop_token& stop) {
  ContractUse made;
  event_query query;
  query.pattern = topic;
  query.from = from;
  query.most = limits::contract_use_events_max;
  const auto take = [&](const std::vector<event_row>& came, const read_progress&) {
    for (const auto& one : came) {
      if (one.is_gap()) continue;
      ++made.events[one.contract][one.node];
      ++made.read;
    }
  };
  if (const auto done = mesh.read(query, take, stop); !done) made.problem = done.error().message();
  return made;
}

ContractsModel::ContractsModel(QObject* parent)
    : RowsModel(
          {{QString(),
            CellKind::state,
            [](const ContractRow& row) { return row.holds ? QStringLiteral("holds") : QStringLiteral("held before"); },
            [](const ContractRow& row) { return row.holds; },
            {},
            {},
            QStringLiteral("Whether the topic has it now")},
           column<ContractRow>(
               "Topic", CellKind::strong, [](const ContractRow& row) { return texts::of(row.topic); },
               [](const ContractRow& row) { return texts::of(row.key); }),
           column<ContractRow>(
               "Version", CellKind::number,
               [](const ContractRow& row) { return QStringLiteral("%1 of %2").arg(row.number).arg(row.of); },
               [](const ContractRow& row) { return qulonglong(row.number); }),
           column<ContractRow>("Event", CellKind::text, [](const ContractRow& row) { return texts::of(row.root); }),
           column<ContractRow>("Contract", CellKind::quiet,
                               [](const ContractRow& row) { return texts::of(row.id).left(digitsShown); }),
           column<ContractRow>("Keeps to", CellKind::text, promise),
           column<ContractRow>("Bad events", CellKind::quiet,
                               [](const ContractRow& row) {
                                 if (row.on_broken.empty()) return QString(texts::dash);
                                 return row.on_broken == "refuse" ? QStringLiteral("are refused")
                                                                  : QStringLiteral("are kept aside");
                               }),
           column<ContractRow>(
               "Added", CellKind::quiet,
               [](const ContractRow& row) {
                 return texts::day(row.added) + QLatin1Char(' ') + texts::clock(row.added, false);
               },
               [](const ContractRow& row) { return qlonglong(row.added); })},
          [](const ContractRow& row) { return row.key; },
          [](const ContractRow& row) { return row.holds ? health::ok : health::unknown; }, parent) {}

ContractChangesModel::ContractChangesModel(QObject* parent)
    : RowsModel(
          {{QString(),
            CellKind::state,
            breaks,
            [](const ChangeRow& row) { return severity(shapeOf(row)); },
            {},
            {},
            QStringLiteral("Whom it breaks")},
           column<ChangeRow>("Field", CellKind::strong, [](const ChangeRow& row) { return texts::of(row.name); }),
           column<ChangeRow>("Change", CellKind::text, [](const ChangeRow& row) { return texts::of(row.what); }),
           column<ChangeRow>(
               "Before", CellKind::quiet,
               [](const ChangeRow& row) { return row.before.empty() ? QString(texts::dash) : texts::of(row.before); }),
           column<ChangeRow>(
               "Now", CellKind::text,
               [](const ChangeRow& row) { return row.after.empty() ? QString(texts::dash) : texts::of(row.after); }),
           {QStringLiteral("Breaks"),
            CellKind::quiet,
            breaks,
            {},
            [](const ChangeRow& row) {
              return shapeOf(row) == health::ok ? std::nullopt : std::optional(shapeOf(row));
            },
            {},
            {}}},
          [](const ChangeRow& row) { return row.key; }, shapeOf, parent) {}

void ContractChangesModel::apply(const std::vector<contract_change>& changes) {
  std::vector<ChangeRow> rows;
  for (std::size_t i = 0; i < changes.size(); ++i)
    rows.push_back({changes[i], fmt::format("{:06}", i)});
  RowsModel::apply(std::move(rows));
}

} // namespace weft::monitor
