#include "gui/models/asking.hpp"

#include <QJsonArray>
#include <QJsonDocument>

namespace weft::monitor {

QJsonObject askFor(mesh_access& mesh, std::string_view question, const QJsonObject& arguments, std::string* problem) {
  const auto answer = mesh.ask(question, QJsonDocument(arguments).toJson(QJsonDocument::Compact).toStdString());
  if (answer) return QJsonDocument::fromJson(QByteArray::fromStdString(*answer)).object();
  if (problem != nullptr) *problem = answer.error().message();
  return {};
}

std::string textIn(const QJsonObject& row, const char* field) {
  return row[QLatin1String(field)].toString().toStdString();
}

std::optional<time_us> timeIn(const QJsonObject& row, const char* field) {
  const auto value = row[QLatin1String(field)];
  return value.isDouble() ? std::optional<time_us>(value.toInteger()) : std::nullopt;
}

std::vector<std::string> silentIn(const QJsonObject& answer, const std::string& only) {
  std::vector<std::string> silent;
  for (const auto& value : answer[QStringLiteral("nodes")].toArray()) {
    const auto row = value.toObject();
    const auto node = textIn(row, "node");
    if (textIn(row, "state") == "unknown" && (only.empty() || only == node))
      silent.push_back(node + " (" + textIn(row, "why") + ")");
  }
  return silent;
}

} // namespace weft::monitor
