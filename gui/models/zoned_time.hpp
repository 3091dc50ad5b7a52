// gui/models/zoned_time.hpp: moments as people type and read them, in a zone that is named.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QString>
#include <QTimeZone>

namespace weft::monitor {

struct ZonedTime {
  std::optional<time_us> at; ///< nothing: `problem` says why
  QString problem;
};

/// ISO 8601: 2026-11-28T15:00:00.000, or with a space, or without seconds. A text that ends in Z or +01:00 says its
/// zone itself; others are in `zone`. Of an hour that a zone has twice the first one counts; one that it leaves out is
/// a problem.
[[nodiscard]] ZonedTime parseTime(const QString& text, const QTimeZone& zone);
/// With milliseconds and the distance from UTC: 2026-11-28T16:00:00.000+01:00; of UTC with a Z.
[[nodiscard]] QString timeText(time_us at, const QTimeZone& zone);
/// UTC, the machine's own, then all others by name. The texts are what QTimeZone is made from.
[[nodiscard]] QStringList zoneNames();

} // namespace weft::monitor
