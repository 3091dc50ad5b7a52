// gui/models/audit_log.hpp: what was changed from here, by whom, and what became of it: a JSON object a line.
#pragma once
#include <QJsonObject>
#include <QString>

namespace weft::monitor {

/// Lines are appended and flushed one by one; several windows may write one file.
class AuditLog {
public:
  /// @param path its folder is made when it is missing
  explicit AuditLog(QString path) : path_(std::move(path)) {}

  [[nodiscard]] const QString& path() const noexcept { return path_; }
  /// @returns why it can't be written, or nothing
  [[nodiscard]] QString whyNot() const;
  /// @returns why it was not written, or nothing
  [[nodiscard]] QString append(const QJsonObject& line) const;

private:
  QString path_;
};

} // namespace weft::monitor
