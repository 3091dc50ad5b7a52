#include "gui/models/audit_log.hpp"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>

namespace weft::monitor {
namespace {

QString problem(const QString& path, const QString& why) {
  return QStringLiteral("Every change is written down in %1, and that can't be written: %2. Make room or give the file "
                        "to the user who runs the monitor, then try again.")
      .arg(path, why);
}

} // namespace

QString AuditLog::whyNot() const {
  if (!QDir().mkpath(QFileInfo(path_).path())) return problem(path_, QStringLiteral("there is no such folder"));
  QFile file(path_);
  return file.open(QIODevice::WriteOnly | QIODevice::Append) ? QString() : problem(path_, file.errorString());
}

QString AuditLog::append(const QJsonObject& line) const {
  QDir().mkpath(QFileInfo(path_).path());
  QFile file(path_);
  if (!file.open(QIODevice::WriteOnly | QIODevice::Append)) return problem(path_, file.errorString());
  const auto bytes = QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n';
  if (file.write(bytes) != bytes.size() || !file.flush()) return problem(path_, file.errorString());
  return {};
}

} // namespace weft::monitor
