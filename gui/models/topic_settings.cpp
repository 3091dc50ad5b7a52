#include "gui/models/topic_settings.hpp"

#include "gui/models/asking.hpp"
#include "gui/models/texts.hpp"
#include "mesh/base/text_units.hpp"

#include <array>
#include <cmath>

namespace weft::monitor {
namespace {

using As = SettingKind::As;

/// The largest unit that leaves a whole number: 7d, 90m, 1.5s.
QString spanText(double seconds) {
  constexpr std::array<std::pair<double, const char*>, 4> units{{{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  for (const auto& [length, unit] : units)
    if (seconds >= length && std::fmod(seconds, length) == 0)
      return QString::number(seconds / length, 'f', 0) + QLatin1String(unit);
  return QString::number(seconds) + QLatin1Char('s');
}

QString sizeText(double bytes) {
  constexpr std::array<std::pair<double, const char*>, 3> units{
      {{1024.0 * 1024 * 1024, "GiB"}, {1024.0 * 1024, "MiB"}, {1024.0, "KiB"}}};
  for (const auto& [size, unit] : units)
    if (bytes >= size && std::fmod(bytes, size) == 0)
      return QString::number(bytes / size, 'f', 0) + QLatin1String(unit);
  return QString::number(bytes, 'f', 0) + QLatin1Char('B');
}

} // namespace

const std::vector<SettingKind>& settingKinds() {
  static const std::vector<SettingKind> all{
      {"retention_time", "Keep events for", "a span as 7d; none: for ever", As::span, ""},
      {"retention_bytes", "Keep in each log", "a size as 10GiB; none: no bound", As::bytes, ""},
      {"retention_until", "Keep until", "consumed: what all groups have behind them goes", As::choice, "none|consumed"},
      {"replicas", "Copies at other nodes", "0 to 7", As::whole, ""},
      {"ack", "A publish counts when", "synced, written or replicas=N", As::text, ""},
      {"codec", "Values are packed by", "where publishers say nothing", As::choice, "none|lz4"},
      {"compaction", "Only the last of each key", "events without a key all stay", As::onOff, "off|on"},
      {"compaction_after", "All events stay for", "with compaction; a span as 1h", As::span, ""},
      {"tombstones", "Deleted keys are told for", "with compaction; a span as 24h", As::span, ""},
      {"description", "Description", "what the topic is", As::text, ""}};
  return all;
}

QString settingText(const SettingKind& kind, const QJsonValue& value) {
  if (value.isNull() || value.isUndefined()) return kind.as == As::text ? QString() : QStringLiteral("none");
  switch (kind.as) {
  case As::span: return spanText(value.toDouble());
  case As::bytes: return sizeText(value.toDouble());
  case As::whole: return QString::number(value.toInteger());
  case As::onOff: return value.toBool() ? QStringLiteral("on") : QStringLiteral("off");
  case As::choice:
  case As::text: break;
  }
  return value.toString();
}

std::optional<QJsonValue> settingValue(const SettingKind& kind, const QString& typed, QString& why) {
  const auto text = typed.trimmed();
  const auto bad = [&](const QString& problem) {
    why = QStringLiteral("%1: %2").arg(QLatin1String(kind.title), problem);
    return std::optional<QJsonValue>();
  };
  const bool none = text == QStringLiteral("none");
  switch (kind.as) {
  case As::span: {
    if (none && std::string_view(kind.name) == "retention_time") return QJsonValue(QJsonValue::Null);
    const auto span = parse_duration(text.toStdString());
    return span ? std::optional(QJsonValue(static_cast<double>(span->count()) / 1e6))
                : bad(texts::of(span.error().message()));
  }
  case As::bytes: {
    if (none) return QJsonValue(QJsonValue::Null);
    const auto size = parse_size(text.toStdString());
    return size ? std::optional(QJsonValue(static_cast<qint64>(*size))) : bad(texts::of(size.error().message()));
  }
  case As::whole: {
    bool whole = false;
    const int n = text.toInt(&whole);
    return whole && n >= 0 && n <= 7 ? std::optional(QJsonValue(n)) : bad(QStringLiteral("a number from 0 to 7"));
  }
  case As::onOff: return QJsonValue(text == QStringLiteral("on"));
  case As::choice:
    return none && std::string_view(kind.name) == "retention_until" ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
  case As::text: break;
  }
  return QJsonValue(text);
}

TopicSettings readTopic(mesh_access& mesh, const std::string& topic) {
  TopicSettings made;
  made.name = texts::of(topic);
  std::string problem;
  const auto document = askFor(mesh, "topics.describe", {{QStringLiteral("name"), made.name}}, &problem);
  made.problem = texts::of(problem);
  made.settings = document[QStringLiteral("settings")].toObject();
  made.exists = made.problem.isEmpty();
  return made;
}

Operation changeTopic(const TopicSettings& now, const QJsonObject& wanted) {
  Operation plan;
  plan.of = now.name;
  plan.kind = now.exists ? QStringLiteral("topics.alter") : QStringLiteral("topics.create");
  plan.action = now.exists ? QStringLiteral("Change") : QStringLiteral("Create");
  plan.title =
      now.exists ? QStringLiteral("Change the topic ") + now.name : QStringLiteral("Create the topic ") + now.name;
  plan.columns = {{QStringLiteral("Setting"), false, -200},
                  {QStringLiteral("Now"), false, -120},
                  {QStringLiteral("New"), false, -120}};
  QJsonObject changed;
  for (const auto& kind : settingKinds()) {
    const auto name = QLatin1String(kind.name);
    if (!wanted.contains(name) || (now.exists && wanted[name] == now.settings[name])) continue;
    changed[name] = wanted[name];
    plan.rows << PlanRow{name,
                         {},
                         {QLatin1String(kind.title),
                          now.exists ? settingText(kind, now.settings[name]) : QString(texts::dash),
                          settingText(kind, wanted[name])},
                         health::ok,
                         Outcome::waiting,
                         {}};
  }
  if (!now.exists)
    plan.rows.prepend({QStringLiteral("topic"),
                       {},
                       {QStringLiteral("Topic"), texts::dash, now.name},
                       health::ok,
                       Outcome::waiting,
                       {}});
  plan.sentences << QStringLiteral("It holds in the whole mesh, at nodes that are away once they are back. What is not "
                                   "named stays as it is.");
  if (changed.contains(QStringLiteral("retention_time")) || changed.contains(QStringLiteral("retention_bytes")))
    plan.sentences << QStringLiteral("What is beyond the retention goes for good, in files, within seconds.");
  plan.steps = {{QStringLiteral("topics.") + (now.exists ? QStringLiteral("alter") : QStringLiteral("create")),
                 {{QStringLiteral("name"), now.name}, {QStringLiteral("settings"), changed}},
                 {},
                 {}}};
  if (now.name.isEmpty()) plan.refused = QStringLiteral("Give the topic a name.");
  if (now.exists && changed.isEmpty()) plan.refused = QStringLiteral("No setting differs from what the topic has.");
  return plan;
}

} // namespace weft::monitor
