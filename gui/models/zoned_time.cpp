#include "gui/models/zoned_time.hpp"

#include <QDateTime>
#include <QRegularExpression>

namespace weft::monitor {

ZonedTime parseTime(const QString& text, const QTimeZone& zone) {
  static const QRegularExpression shape(
      QStringLiteral(R"(^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?$)"));
  const auto found = shape.match(text.trimmed());
  const auto bad = [](const QString& why) { return ZonedTime{{}, why}; };
  if (!found.hasMatch())
    return bad(QStringLiteral("“%1” is no time: write it as 2026-11-28T15:00:00.000").arg(text.trimmed()));
  const auto date = QDate::fromString(found.captured(1), Qt::ISODate);
  auto clock = found.captured(2) + (found.captured(3).isEmpty() ? QStringLiteral(":00") : found.captured(3));
  if (!clock.contains(QLatin1Char('.'))) clock += QStringLiteral(".0");
  const auto fraction = clock.section(QLatin1Char('.'), 1).leftJustified(6, QLatin1Char('0'));
  const auto time = QTime::fromString(clock.section(QLatin1Char('.'), 0, 0), QStringLiteral("HH:mm:ss"));
  if (!date.isValid() || !time.isValid())
    return bad(QStringLiteral("There is no such day or hour: %1").arg(text.trimmed()));
  const auto said = found.captured(4);
  QDateTime moment;
  if (said == QStringLiteral("Z"))
    moment = QDateTime(date, time, Qt::UTC);
  else if (!said.isEmpty())
    moment = QDateTime(date, time, Qt::OffsetFromUTC,
                       (said.mid(1, 2).toInt() * 60 + said.mid(4, 2).toInt()) *
                           (said.startsWith(QLatin1Char('-')) ? -60 : 60));
  else
    moment = QDateTime(date, time, zone);
  // A zone that leaves an hour out makes another one of it.
  if (!moment.isValid() || moment.time() != time || moment.date() != date)
    return bad(QStringLiteral("%1 has no %2 %3: its clocks were put forward then")
                   .arg(QString::fromUtf8(zone.id()), found.captured(1), clock.left(5)));
  return {moment.toMSecsSinceEpoch() * 1000 + fraction.toLongLong(), {}};
}

QString timeText(time_us at, const QTimeZone& zone) {
  const auto moment = QDateTime::fromMSecsSinceEpoch(at / 1000, zone);
  const auto text = moment.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzz"));
  const int away = moment.offsetFromUtc() / 60;
  if (zone == QTimeZone::utc()) return text + QLatin1Char('Z');
  return text + QStringLiteral("%1%2:%3")
                    .arg(away < 0 ? QLatin1Char('-') : QLatin1Char('+'))
                    .arg(std::abs(away) / 60, 2, 10, QLatin1Char('0'))
                    .arg(std::abs(away) % 60, 2, 10, QLatin1Char('0'));
}

QStringList zoneNames() {
  QStringList names{QStringLiteral("UTC")};
  const auto own = QString::fromUtf8(QTimeZone::systemTimeZoneId());
  if (own != names.first()) names << own;
  for (const auto& id : QTimeZone::availableTimeZoneIds())
    if (const auto name = QString::fromUtf8(id); !names.contains(name) && name.contains(QLatin1Char('/')))
      names << name;
  return names;
}

} // namespace weft::monitor
