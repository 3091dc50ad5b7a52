// gui/models/topic_settings.hpp: what a topic is set to, as people read and write it, and its change as an operation.
#pragma once
#include "gui/core/mesh_access.hpp"
#include "gui/models/operation.hpp"

#include <optional>

namespace weft::monitor {

/// A topic's settings as `topics.describe` has them, by name.
struct TopicSettings {
  QString name;
  QJsonObject settings;
  bool exists = false;
  QString problem;
};

/// A setting that people change, and how it is written.
struct SettingKind {
  enum class As : std::uint8_t { span, bytes, whole, choice, onOff, text };
  const char* name;  ///< retention_time
  const char* title; ///< "Keep events for"
  const char* hint;  ///< "7d; none: for ever"
  As as;
  const char* choices; ///< of a choice, with | between
};
[[nodiscard]] const std::vector<SettingKind>& settingKinds();
/// As it is written in a field: 7d, 10GiB, none.
[[nodiscard]] QString settingText(const SettingKind& kind, const QJsonValue& value);
/// @returns nothing when it can't be so; `why` says what is wrong
[[nodiscard]] std::optional<QJsonValue> settingValue(const SettingKind& kind, const QString& text, QString& why);

/// @thread any; waits
[[nodiscard]] TopicSettings readTopic(mesh_access& mesh, const std::string& topic);
/// Only what differs is sent. @param wanted by setting; of a topic that is not there all that is named is new
[[nodiscard]] Operation changeTopic(const TopicSettings& now, const QJsonObject& wanted);

} // namespace weft::monitor
