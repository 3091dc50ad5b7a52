#include "gui/models/mesh_changes.hpp"

#include "gui/models/asking.hpp"
#include "gui/models/texts.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/text_units.hpp"

#include <QJsonArray>

namespace weft::monitor {
namespace {

Operation ofLogs(const group_view& group) {
  Operation plan;
  plan.of = texts::of(group.name);
  plan.columns = {{QStringLiteral("Log"), false, -160}, {QStringLiteral("What happens"), false, -300}};
  return plan;
}

void addLogs(Operation& plan, const group_view& group, const QString& what) {
  for (const auto& log : group.logs)
    plan.rows << PlanRow{texts::of(log), texts::of(log), {texts::of(log), what}, health::ok, Outcome::waiting, {}};
}

} // namespace

QList<QPair<QString, QString>> readCuts(mesh_access& mesh) {
  QList<QPair<QString, QString>> cuts;
  for (const auto& row : askFor(mesh, "cuts.list", {})[QStringLiteral("cuts")].toArray())
    cuts.append(
        {row.toObject()[QStringLiteral("name")].toString(), row.toObject()[QStringLiteral("state")].toString()});
  return cuts;
}

Operation deleteGroup(const group_view& group, bool force) {
  auto plan = ofLogs(group);
  const bool isGroup = group.kind != "subscription";
  plan.kind = QStringLiteral("groups.delete");
  plan.action = QStringLiteral("Delete");
  plan.title =
      (isGroup ? QStringLiteral("Delete the group ") : QStringLiteral("Delete the named subscription ")) + plan.of;
  addLogs(plan, group,
          QStringLiteral("forgets where it was; %1 events not processed").arg(texts::count(group.lag_events)));
  plan.sentences << QStringLiteral("All logs forget it, and hold nothing for it any more. Who takes the name again "
                                   "begins anew.");
  if (group.members > 0 && force)
    plan.sentences << QStringLiteral("Its %1 members end, and have to begin anew.").arg(group.members);
  QJsonObject arguments{{QStringLiteral("name"), plan.of}};
  if (force) arguments[QStringLiteral("force")] = true;
  plan.steps = {{QStringLiteral("mesh.groups.delete"), arguments, {}, {}}};
  if (group.members > 0 && !force)
    plan.refused = QStringLiteral("It is in use, by %1 %2: stop %3 first, or allow it above.")
                       .arg(group.members)
                       .arg(group.members == 1 ? QStringLiteral("member") : QStringLiteral("members"),
                            group.members == 1 ? QStringLiteral("it") : QStringLiteral("them"));
  return plan;
}

Operation moveHome(const group_view& group, const QString& node) {
  auto plan = ofLogs(group);
  plan.kind = QStringLiteral("groups.move");
  plan.action = QStringLiteral("Move");
  plan.title = QStringLiteral("Move the home of ") + plan.of;
  addLogs(plan, group, QStringLiteral("is told that %1 says who has the state").arg(node));
  plan.sentences << QStringLiteral(
                        "%1 says from now on who has the state of %2. Who has it finishes what it has begun, and "
                        "goes on some 10 s later; a node that is away does not hear of it.")
                        .arg(node, plan.of);
  plan.steps = {{QStringLiteral("mesh.groups.move"),
                 {{QStringLiteral("name"), plan.of}, {QStringLiteral("node"), node}},
                 {},
                 {}}};
  if (node.isEmpty()) plan.refused = QStringLiteral("Choose the node that is to be its home.");
  return plan;
}

Operation createCut(const QString& name, const QString& pattern, const QString& lease) {
  Operation plan;
  plan.of = name;
  plan.kind = QStringLiteral("cuts.create");
  plan.action = QStringLiteral("Create");
  plan.title = QStringLiteral("Create the cut ") + name;
  plan.columns = {{QStringLiteral("Cut"), false, -160}, {QStringLiteral("What happens"), false, -300}};
  plan.rows = {{name,
                {},
                {name, QStringLiteral("names this moment in all logs; holds %1 for %2").arg(pattern, lease)},
                health::ok,
                Outcome::waiting,
                {}}};
  plan.sentences << QStringLiteral(
      "What any node has acknowledged before is in the cut, what is published after it is not. "
      "A log that does not answer within 10 s is named in it, and the cut says nothing of it.");
  QString why;
  const auto span = parse_duration(lease.trimmed().toStdString());
  if (const auto named = check_node_name(name.toStdString()); !named) why = texts::of(named.error().message());
  if (!span) why = texts::of(span.error().message());
  plan.steps = {{QStringLiteral("cuts.create"),
                 {{QStringLiteral("name"), name},
                  {QStringLiteral("pattern"), pattern},
                  {QStringLiteral("lease"), span ? static_cast<double>(span->count()) / 1e6 : 0.0}},
                 {},
                 {}}};
  if (!why.isEmpty()) plan.refused = QStringLiteral("It can't be made so: %1.").arg(why);
  if (name.isEmpty()) plan.refused = QStringLiteral("Give the cut a name.");
  return plan;
}

Operation deleteCut(const QString& name, const QString& state) {
  Operation plan;
  plan.of = name;
  plan.kind = QStringLiteral("cuts.delete");
  plan.action = QStringLiteral("Delete");
  plan.title = QStringLiteral("Delete the cut ") + name;
  plan.columns = {{QStringLiteral("Cut"), false, -160}, {QStringLiteral("What happens"), false, -300}};
  plan.rows = {
      {name, {}, {name, QStringLiteral("is %1; holds nothing any more").arg(state)}, health::ok, Outcome::waiting, {}}};
  plan.sentences << QStringLiteral(
      "The whole mesh forgets it: nobody can begin at it or read up to it any more, and what "
      "it held may go.");
  plan.steps = {{QStringLiteral("cuts.delete"), {{QStringLiteral("name"), name}}, {}, {}}};
  if (name.isEmpty()) plan.refused = QStringLiteral("Choose a cut.");
  return plan;
}

} // namespace weft::monitor
