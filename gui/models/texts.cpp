#include "gui/models/texts.hpp"

#include "gui/core/figures.hpp"
#include "gui/models/zone.hpp"

#include <array>
#include <cmath>

namespace weft::monitor::texts {
namespace {

/// `n` over the largest unit that leaves at least 1, with three digits or so.
QString scaled(double n, double step, const std::array<const char*, 5>& units) {
  std::size_t unit = 0;
  while (std::abs(n) >= step * 0.9995 && unit + 1 < units.size()) {
    n /= step;
    ++unit;
  }
  const bool isSmall = unit == 0 && std::abs(n) < 9.95 && n != std::trunc(n); // 2.5 is not 3
  const int digits = isSmall || (unit > 0 && std::abs(n) < 99.95) ? 1 : 0;
  return QString::number(n, 'f', digits) + QLatin1String(units[unit]);
}

} // namespace

QString of(const std::string& text) { return QString::fromStdString(text); }

QString count(std::uint64_t n) { return of(figures::count(n)); }

QString compact(double n) { return scaled(n, 1000, {"", "k", "M", "G", "T"}); }

QString perSecond(double events) { return of(figures::per_s(events)); }

QString bytes(double n) { return of(figures::bytes(n)); }

QString bytesPerSecond(double n) { return of(figures::bytes_per_s(n)); }

QString seconds(double s) { return of(figures::duration(s)); }

QString seconds(std::optional<double> s) { return of(figures::duration(s)); }

QString change(std::optional<double> part) {
  return part ? of(figures::change(part)) + QStringLiteral(" vs 5 min") : QStringLiteral("no earlier rate yet");
}

QString clock(time_us at, bool millis) {
  if (at <= 0) return millis ? QStringLiteral("--:--:--.---") : QStringLiteral("--:--:--");
  return Zone::instance().dateTime(at).toString(millis ? QStringLiteral("HH:mm:ss.zzz") : QStringLiteral("HH:mm:ss"));
}

QString day(time_us at) { return Zone::instance().dateTime(at).toString(QStringLiteral("yyyy-MM-dd")); }

QString moment(time_us at) {
  if (at <= 0) return dash;
  const auto time = Zone::instance().dateTime(at);
  return time.toOffsetFromUtc(time.offsetFromUtc()).toString(Qt::ISODateWithMs);
}

QString ago(time_us then, time_us now) {
  if (then == 0) return QStringLiteral("never");
  return seconds(static_cast<double>(std::max<time_us>(0, now - then)) / 1e6) + QStringLiteral(" ago");
}

QString word(health shown) {
  switch (shown) {
  case health::ok: return QStringLiteral("healthy");
  case health::warn: return QStringLiteral("degraded");
  case health::fail: return QStringLiteral("failing");
  case health::unknown: break;
  }
  return QStringLiteral("no telemetry");
}

QString word(trend goes) { return QString::fromUtf8(figures::word(goes)); }

QString without(const std::vector<std::string>& nodes) {
  constexpr qsizetype named = 3;
  if (nodes.empty()) return {};
  QStringList names;
  for (const auto& node : nodes)
    names << of(node);
  const auto more = names.size() - named;
  auto said = names.mid(0, named).join(QStringLiteral(", "));
  if (more > 0) said += QStringLiteral(" and %1 more").arg(more);
  return QStringLiteral("; without the %1 of %2, which can't be read now")
      .arg(names.size() == 1 ? QStringLiteral("log") : QStringLiteral("logs"), said);
}

QString drain(const lag_view& row) { return of(figures::drain(row)); }

} // namespace weft::monitor::texts
