#include "gui/models/letters.hpp"

#include "gui/models/asking.hpp"
#include "gui/models/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "mesh/base/position.hpp"

#include <QJsonArray>

namespace weft::monitor {
namespace {

LetterRow rowOf(const QJsonObject& row, bool parked) {
  LetterRow made;
  made.log = textIn(row, "log"), made.of = textIn(row, "of"), made.topic = textIn(row, "topic");
  made.type = textIn(row, "type"), made.key = textIn(row, "key"), made.cause = textIn(row, "cause");
  made.deliveries = textIn(row, "deliveries"), made.first = textIn(row, "first"), made.last = textIn(row, "last");
  made.place = parked ? made.key + "\x1f" + made.log : textIn(row, "position");
  made.bytes = static_cast<std::uint64_t>(row[QStringLiteral("bytes")].toInteger());
  if (parked) made.events = static_cast<std::uint64_t>(row[QStringLiteral("events")].toInteger());
  made.rejected = row[QStringLiteral("rejected")].toBool();
  made.unknown_since = timeIn(row, "unknown_since_us");
  return made;
}

LetterList read(mesh_access& mesh, const std::string& group, const char* question, const char* list) {
  LetterList made;
  const auto document =
      askFor(mesh, question, {{QStringLiteral("group"), QString::fromStdString(group)}}, &made.problem);
  for (const auto& row : document[QLatin1String(list)].toArray())
    made.rows.push_back(rowOf(row.toObject(), std::string_view(list) == "parked"));
  made.total = static_cast<std::uint64_t>(document[QStringLiteral("total")].toInteger());
  made.silent = silentIn(document);
  return made;
}

Column<LetterRow> column(const char* title, CellKind kind, std::function<QString(const LetterRow&)> text,
                         std::function<QVariant(const LetterRow&)> sort = {}) {
  return {QString::fromUtf8(title), kind, std::move(text), std::move(sort), {}, {}, {}};
}

Column<LetterRow> plain(const char* title, CellKind kind, std::string LetterRow::*member) {
  return column(title, kind, [member](const LetterRow& row) { return texts::of(row.*member); });
}

/// As the window says times; as it came, where it is none.
QString zoned(const std::string& time) {
  const auto at = Zone::instance().parse(texts::of(time));
  return at ? texts::day(*at) + QLatin1Char(' ') + texts::clock(*at, false) : texts::of(time);
}

health shapeOf(const LetterRow& row) {
  if (row.unknown_since) return health::unknown;
  return row.rejected ? health::fail : health::warn;
}

QString stateOf(const LetterRow& row) {
  if (row.unknown_since) return QStringLiteral("its log is not heard");
  return row.rejected ? QStringLiteral("rejected") : QStringLiteral("failed");
}

} // namespace

LetterList readLetters(mesh_access& mesh, const std::string& group) {
  return read(mesh, group, "mesh.letters.list", "letters");
}
LetterList readParked(mesh_access& mesh, const std::string& group) {
  return read(mesh, group, "mesh.letters.parked", "parked");
}

result<event_row> readLetter(mesh_access& mesh, const std::string& group, const std::string& place,
                             const std::stop_token& stop) {
  event_query query;
  query.pattern = "_weft.dead-letters." + group;
  query.position = place;
  query.most = 1;
  std::optional<event_row> found;
  const auto take = [&](std::vector<event_row> came, const read_progress&) {
    if (!found && !came.empty()) found = std::move(came.front());
  };
  if (const auto done = mesh.read(query, take, stop); !done) return fail(done.error());
  if (found && found->position == place) return *std::move(found);
  return fail(errc::not_found, "there is no letter at " + place + " any more: read the list again");
}

LettersModel::LettersModel(QObject* parent)
    : RowsModel(
          {{QString(),
            CellKind::state,
            stateOf,
            [](const LetterRow& row) { return severity(shapeOf(row)); },
            {},
            {},
            QStringLiteral("Whether it failed, or was rejected")},
           plain("Topic", CellKind::text, &LetterRow::topic),
           plain("Key", CellKind::strong, &LetterRow::key),
           plain("Cause", CellKind::text, &LetterRow::cause),
           column(
               "Deliveries", CellKind::number, [](const LetterRow& row) { return texts::of(row.deliveries); },
               [](const LetterRow& row) { return texts::of(row.deliveries).toInt(); }),
           column(
               "Last", CellKind::quiet, [](const LetterRow& row) { return zoned(row.last); },
               [](const LetterRow& row) { return texts::of(row.last); }),
           plain("Log", CellKind::quiet, &LetterRow::log),
           plain("Position", CellKind::quiet, &LetterRow::place)},
          [](const LetterRow& row) { return row.place; }, shapeOf, parent) {}

ParkedModel::ParkedModel(QObject* parent)
    : RowsModel(
          {plain("Key", CellKind::strong, &LetterRow::key),
           column(
               "Events", CellKind::number, [](const LetterRow& row) { return texts::count(row.events); },
               [](const LetterRow& row) { return qulonglong(row.events); }),
           plain("Topic", CellKind::text, &LetterRow::topic), plain("Cause", CellKind::text, &LetterRow::cause),
           plain("Log", CellKind::quiet, &LetterRow::log), plain("First event", CellKind::quiet, &LetterRow::of)},
          [](const LetterRow& row) { return row.place; }, shapeOf, parent) {}

// --- what can be done with them

namespace {

QList<PlanRow> planRows(const std::vector<LetterRow>& chosen, bool parked) {
  QList<PlanRow> rows;
  for (const auto& one : chosen) {
    const auto last = parked ? texts::count(one.events) : texts::of(one.deliveries);
    rows << PlanRow{
        texts::of(one.place),
        texts::of(one.log),
        {parked ? texts::of(one.log) : texts::of(one.place), texts::of(one.key), last, texts::of(one.cause)},
        one.unknown_since ? health::warn : health::ok,
        Outcome::waiting,
        {}};
  }
  return rows;
}

QList<PlanColumn> planColumns(bool parked) {
  return {{parked ? QStringLiteral("Log") : QStringLiteral("Position"), false, parked ? -100 : -130},
          {QStringLiteral("Key"), false, 64},
          {parked ? QStringLiteral("Events") : QStringLiteral("Deliveries"), true, 80},
          {QStringLiteral("Cause"), false, -140}};
}

QString counted(std::size_t n, const char* one, const char* many) {
  return QStringLiteral("%1 %2").arg(texts::count(n), QLatin1String(n == 1 ? one : many));
}

} // namespace

Operation settleLetters(const std::string& group, const std::vector<LetterRow>& chosen, LetterFate fate,
                        int perSecond) {
  const bool again = fate == LetterFate::replay;
  Operation plan;
  plan.of = texts::of(group);
  plan.kind = again ? QStringLiteral("letters.replay") : QStringLiteral("letters.drop");
  plan.action = again ? QStringLiteral("Replay") : QStringLiteral("Drop");
  const auto letters = counted(chosen.size(), "dead letter", "dead letters");
  plan.title = QStringLiteral("%1 %2 of %3").arg(plan.action, letters, plan.of);
  plan.sentences << (again
                         ? QStringLiteral("Each is handed to the group %1 once more, behind what waits of its key, and "
                                          "is no dead letter then.")
                         : QStringLiteral("Each is settled without being handed out again: the group %1 never "
                                          "processes it, and it leaves this list."))
                        .arg(plan.of);
  plan.columns = planColumns(false);
  plan.rows = planRows(chosen, false);
  const auto atOnce = std::clamp(perSecond, 1, limits::letters_at_once);
  for (std::size_t from = 0; from < chosen.size(); from += static_cast<std::size_t>(atOnce)) {
    QStringList places;
    for (auto i = from; i < std::min(chosen.size(), from + static_cast<std::size_t>(atOnce)); ++i)
      places << texts::of(chosen[i].place);
    plan.steps << OperationStep{
        QStringLiteral("mesh.") + plan.kind,
        {{QStringLiteral("group"), plan.of}, {QStringLiteral("positions"), QJsonArray::fromStringList(places)}},
        places,
        QStringLiteral("positions")};
  }
  if (chosen.empty()) plan.refused = QStringLiteral("Choose letters first: with the mouse, or all with Ctrl+A.");
  return plan;
}

Operation unparkKeys(const std::string& group, const std::vector<LetterRow>& chosen) {
  Operation plan;
  plan.of = texts::of(group);
  plan.kind = QStringLiteral("groups.unpark");
  plan.action = QStringLiteral("Unpark");
  plan.title = QStringLiteral("Unpark %1 of %2").arg(counted(chosen.size(), "key", "keys"), plan.of);
  plan.sentences << QStringLiteral(
                        "What waits of each key is handed to the group %1 in order, before anything newer of "
                        "it, in the logs that are named here and in no other. It takes members that are at work.")
                        .arg(plan.of);
  plan.columns = planColumns(true);
  plan.rows = planRows(chosen, true);
  for (const auto& one : chosen) { // a key may be parked in several logs: a position has one of them asked alone
    const QJsonObject there{{QStringLiteral("kind"), QStringLiteral("position")},
                            {QStringLiteral("position"), texts::of(one.log + "/0-0/0")}};
    plan.steps << OperationStep{
        QStringLiteral("mesh.groups.unpark"),
        {{QStringLiteral("name"), plan.of}, {QStringLiteral("key"), texts::of(one.key)}, {QStringLiteral("to"), there}},
        {texts::of(one.place)},
        {}};
  }
  if (chosen.empty()) plan.refused = QStringLiteral("Choose keys first: with the mouse, or all with Ctrl+A.");
  return plan;
}

} // namespace weft::monitor
