// gui/models/alert_rules.hpp: rules of alerts as sentences, as a form that somebody fills in, and as settings keep
// them.
#pragma once
#include "gui/core/alert.hpp"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>
#include <span>
#include <vector>

namespace weft::monitor::rules {

/// What people read of a metric.
struct Metric {
  alert_metric what;
  const char* id;   ///< in settings: never changes
  const char* text; ///< "Lag"
  const char* unit; ///< of its limit; empty: none
  const char* page; ///< whose rows it is of
  bool sized;       ///< whether a least size means something
};
[[nodiscard]] std::span<const Metric> metrics();
[[nodiscard]] const Metric& metricOf(alert_metric what);

/// "Lag above 30 s for 10 s, of at least 10 events, only payments".
[[nodiscard]] QString sentence(const alert_rule& rule);

[[nodiscard]] QByteArray toJson(const std::vector<alert_rule>& rules);
/// Nothing of a text that is not rules; what one of them lacks is as in a new one.
[[nodiscard]] std::optional<std::vector<alert_rule>> fromJson(const QByteArray& text);

/// What somebody typed.
struct Form {
  QString name, limit, hold = QStringLiteral("10"), calm = QStringLiteral("60"), size = QStringLiteral("0"), only;
  alert_metric what = alert_metric::lag_seconds;
  alert_condition condition = alert_condition::above;
  health shown = health::warn;
};
[[nodiscard]] Form formOf(const alert_rule& rule);

/// What is wrong with a form, and where.
struct Problem {
  enum class Field { name, limit, hold, calm, size, only } field = Field::name;
  QString text; ///< a sentence
};
/// @param others names that are taken
/// @returns the rule, or nothing and what is wrong
[[nodiscard]] std::optional<alert_rule> ruleOf(const Form& form, const QStringList& others, Problem& wrong);

} // namespace weft::monitor::rules
