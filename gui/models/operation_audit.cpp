#include "gui/models/operation_audit.hpp"

#include "gui/models/plan_model.hpp"

#include <QDateTime>
#include <QJsonArray>

namespace weft::monitor {
namespace {

QJsonArray asJson(const QList<OperationStep>& steps) {
  QJsonArray list;
  for (const auto& step : steps)
    list.append(
        QJsonObject{{QStringLiteral("question"), step.question}, {QStringLiteral("arguments"), step.arguments}});
  return list;
}

QJsonObject line(const OperatingPlace& place, const Operation& what, const char* stage) {
  return {{QStringLiteral("time"), QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs)},
          {QStringLiteral("user"), Operating::user()},
          {QStringLiteral("mesh"), place.mesh},
          {QStringLiteral("asked"), place.where},
          {QStringLiteral("operation"), what.kind},
          {QStringLiteral("of"), what.of},
          {QStringLiteral("stage"), QLatin1String(stage)}};
}

} // namespace

QJsonObject beginLine(const OperatingPlace& place, const Operation& what, const QList<OperationStep>& steps) {
  auto begun = line(place, what, "begins");
  begun[QStringLiteral("steps")] = asJson(steps);
  return begun;
}

QJsonObject endLine(const OperatingPlace& place, const Operation& what, const QList<PlanRow>& rows,
                    const QList<OperationStep>& left, bool stopped) {
  auto ended = line(place, what, stopped ? "stopped" : "ended");
  QJsonArray outcomes;
  for (const auto& row : rows)
    outcomes.append(QJsonObject{{QStringLiteral("log"), row.log},
                                {QStringLiteral("row"), row.key},
                                {QStringLiteral("outcome"), word(row.outcome)},
                                {QStringLiteral("said"), row.said}});
  ended[QStringLiteral("outcomes")] = outcomes;
  if (!left.isEmpty()) ended[QStringLiteral("goes_on_with")] = asJson(left);
  return ended;
}

} // namespace weft::monitor
