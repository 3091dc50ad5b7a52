#include "gui/models/alert_rules.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cmath>

namespace weft::monitor::rules {
namespace {

constexpr std::array<Metric, 9> all{
    {{alert_metric::lag_seconds, "lag-seconds", "Lag", "s", "groups", true},
     {alert_metric::lag_events, "lag-events", "Lag in events", "events", "groups", true},
     {alert_metric::parked_keys, "parked-keys", "Parked keys", "keys", "groups", false},
     {alert_metric::node_failed, "node-failed", "Node has failed", "", "node", false},
     {alert_metric::silent_seconds, "silent-seconds", "Node is silent", "s", "node", false},
     {alert_metric::missing_copies, "missing-copies", "Missing copies", "copies", "topics", false},
     {alert_metric::topic_per_s, "topic-per-s", "Published", "events/s", "topics", false},
     {alert_metric::delivery_p99_ms, "delivery-p99-ms", "Delivery p99", "ms", "topics", true},
     {alert_metric::publish_p99_ms, "publish-p99-ms", "Publish p99", "ms", "topics", true}}};

constexpr double holdMost = 24 * 3600; // seconds: all that is kept of the past
constexpr int nameMost = 80;

QString number(double value) { return QString::number(value, 'g', 12); }

/// A number in [0, most], or nothing and why.
std::optional<double> read(const QString& text, const char* what, double most, Problem::Field field, Problem& wrong) {
  bool is_number = false;
  const double value = text.trimmed().toDouble(&is_number);
  if (is_number && std::isfinite(value) && value >= 0 && value <= most) return value;
  wrong.field = field;
  wrong.text = QStringLiteral("%1 is a number from 0 to %2, not \u201c%3\u201d")
                   .arg(QLatin1String(what), texts::compact(most), text.trimmed());
  return std::nullopt;
}

const char* idOf(health shown) { return shown == health::fail ? "fail" : "warn"; }

alert_rule ruleFrom(const QJsonObject& object) {
  const alert_rule usual;
  alert_rule made;
  made.name = object[QStringLiteral("name")].toString().toStdString();
  const auto id = object[QStringLiteral("what")].toString();
  for (const auto& metric : all)
    if (id == QLatin1String(metric.id)) made.what = metric.what;
  const bool below = object[QStringLiteral("condition")].toString() == QStringLiteral("below");
  made.condition = below ? alert_condition::below : alert_condition::above;
  made.limit = object[QStringLiteral("limit")].toDouble();
  const auto time = [&](const char* key, time_us otherwise) {
    const double s = object[QLatin1String(key)].toDouble(double(otherwise) / limits::second);
    return static_cast<time_us>(std::clamp(s, 0.0, holdMost) * limits::second);
  };
  made.hold = time("hold-s", usual.hold);
  made.calm = time("calm-s", usual.calm);
  made.size_least = object[QStringLiteral("size-least")].toDouble();
  made.only = object[QStringLiteral("only")].toString().toStdString();
  made.muted_until = static_cast<time_us>(object[QStringLiteral("muted-until-s")].toDouble() * limits::second);
  made.shown = object[QStringLiteral("shown")].toString() == QStringLiteral("fail") ? health::fail : health::warn;
  return made;
}

} // namespace

std::span<const Metric> metrics() { return all; }

const Metric& metricOf(alert_metric what) {
  const auto* const found = std::ranges::find(all, what, &Metric::what);
  return found == all.end() ? all.front() : *found;
}

QString sentence(const alert_rule& rule) {
  const auto& metric = metricOf(rule.what);
  QString said = QString::fromUtf8(metric.text);
  if (rule.what != alert_metric::node_failed) {
    said += rule.condition == alert_condition::above ? QStringLiteral(" above ") : QStringLiteral(" below ");
    said += number(rule.limit);
    if (*metric.unit != '\0') said += QLatin1Char(' ') + QString::fromUtf8(metric.unit);
  }
  if (rule.hold >= limits::minute)
    said += QStringLiteral(" for ") + texts::seconds(double(rule.hold) / limits::second);
  else if (rule.hold > 0)
    said += QStringLiteral(" for %1 s").arg(number(double(rule.hold) / limits::second));
  if (metric.sized && rule.size_least > 0)
    said += QStringLiteral(", of at least %1 events").arg(texts::compact(rule.size_least));
  if (!rule.only.empty()) said += QStringLiteral(", only ") + texts::of(rule.only);
  return said;
}

QByteArray toJson(const std::vector<alert_rule>& rules) {
  QJsonArray list;
  for (const auto& rule : rules)
    list.append(
        QJsonObject{{QStringLiteral("name"), texts::of(rule.name)},
                    {QStringLiteral("what"), QLatin1String(metricOf(rule.what).id)},
                    {QStringLiteral("condition"),
                     rule.condition == alert_condition::above ? QStringLiteral("above") : QStringLiteral("below")},
                    {QStringLiteral("limit"), rule.limit},
                    {QStringLiteral("hold-s"), double(rule.hold) / limits::second},
                    {QStringLiteral("calm-s"), double(rule.calm) / limits::second},
                    {QStringLiteral("size-least"), rule.size_least},
                    {QStringLiteral("only"), texts::of(rule.only)},
                    {QStringLiteral("muted-until-s"), double(rule.muted_until) / limits::second},
                    {QStringLiteral("shown"), QLatin1String(idOf(rule.shown))}});
  return QJsonDocument(list).toJson(QJsonDocument::Compact);
}

std::optional<std::vector<alert_rule>> fromJson(const QByteArray& text) {
  const auto document = QJsonDocument::fromJson(text);
  if (!document.isArray()) return std::nullopt;
  std::vector<alert_rule> made;
  QStringList names;
  for (const auto& item : document.array()) {
    auto rule = ruleFrom(item.toObject());
    const auto name = texts::of(rule.name);
    if (name.isEmpty() || names.contains(name) || made.size() >= limits::alert_rules_max) continue;
    names << name;
    made.push_back(std::move(rule));
  }
  return made;
}

Form formOf(const alert_rule& rule) {
  return {texts::of(rule.name),
          number(rule.limit),
          number(double(rule.hold) / limits::second),
          number(double(rule.calm) / limits::second),
          number(rule.size_least),
          texts::of(rule.only),
          rule.what,
          rule.condition,
          rule.shown};
}

std::optional<alert_rule> ruleOf(const Form& form, const QStringList& others, Problem& wrong) {
  using Field = Problem::Field;
  const auto name = form.name.trimmed();
  const auto refuse = [&](Field field, const QString& text) {
    wrong = {field, text};
    return std::optional<alert_rule>();
  };
  if (name.isEmpty()) return refuse(Field::name, QStringLiteral("A rule needs a name, by which the list shows it"));
  if (name.size() > nameMost)
    return refuse(Field::name, QStringLiteral("A name has at most %1 characters").arg(nameMost));
  if (others.contains(name))
    return refuse(Field::name, QStringLiteral("There is a rule \u201c%1\u201d already: choose another name").arg(name));
  const bool isYesOrNo = form.what == alert_metric::node_failed;
  const auto limit =
      isYesOrNo ? std::optional(0.5) : read(form.limit, "The limit", limits::number_max, Field::limit, wrong);
  if (!limit) return std::nullopt;
  const auto hold = read(form.hold, "How long it holds", holdMost, Field::hold, wrong);
  if (!hold) return std::nullopt;
  const auto calm = read(form.calm, "How long it is calm", holdMost, Field::calm, wrong);
  if (!calm) return std::nullopt;
  const auto size = read(form.size, "The least size", limits::number_max, Field::size, wrong);
  if (!size) return std::nullopt;
  alert_rule made;
  made.name = name.toStdString();
  made.what = form.what;
  made.condition = isYesOrNo ? alert_condition::above : form.condition;
  made.limit = *limit;
  made.hold = static_cast<time_us>(*hold * limits::second);
  made.calm = static_cast<time_us>(*calm * limits::second);
  made.size_least = metricOf(form.what).sized ? *size : 0;
  made.only = form.only.trimmed().toStdString();
  made.shown = form.shown;
  return made;
}

} // namespace weft::monitor::rules
