#include "gui/models/zone.hpp"

#include <QTimeZone>

namespace weft::monitor {
namespace {

const QString utc = QStringLiteral("utc"), local = QStringLiteral("local");

} // namespace

Zone::Zone() = default;

Zone& Zone::instance() {
  static Zone zone;
  return zone;
}

bool Zone::choose(const QString& name) {
  if (name != utc && name != local && !QTimeZone::isTimeZoneIdAvailable(name.toUtf8())) return false;
  if (name == choice_) return true;
  choice_ = name;
  Q_EMIT changed();
  return true;
}

QDateTime Zone::dateTime(time_us at) const {
  const qint64 ms = at / 1000;
  if (choice_ == utc) return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC);
  if (choice_ == local) return QDateTime::fromMSecsSinceEpoch(ms, Qt::LocalTime);
  return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone(choice_.toUtf8()));
}

QString Zone::name(time_us at) const {
  if (choice_ == utc) return QStringLiteral("UTC");
  return dateTime(at).timeZoneAbbreviation();
}

time_us Zone::offset(time_us at) const { return dateTime(at).offsetFromUtc() * time_us{1'000'000}; }

std::optional<time_us> Zone::parse(const QString& text) const {
  QString plain = text.trimmed();
  if (plain.size() > 10 && plain[10] == QLatin1Char(' ')) plain[10] = QLatin1Char('T');
  auto read = QDateTime::fromString(plain, Qt::ISODateWithMs);
  if (!read.isValid()) return std::nullopt;
  const bool saysItsOffset = read.timeSpec() != Qt::LocalTime;
  if (!saysItsOffset && choice_ == utc) read = QDateTime(read.date(), read.time(), Qt::UTC);
  if (!saysItsOffset && choice_ != utc && choice_ != local)
    read = QDateTime(read.date(), read.time(), QTimeZone(choice_.toUtf8()));
  return read.toMSecsSinceEpoch() * 1000;
}

QStringList Zone::choices() {
  QStringList names{utc, local};
  for (const auto& id : QTimeZone::availableTimeZoneIds())
    names << QString::fromUtf8(id);
  return names;
}

} // namespace weft::monitor
