// gui/models/roles.hpp: what models say of a cell besides its text.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QVariant>

namespace weft::monitor {

enum Role : int {
  SortRole = Qt::UserRole, ///< what a column is sorted by: a number or a text
  KeyRole,                 ///< QString: names the row, the same in all its columns
  KindRole,                ///< int, a CellKind
  HealthRole,              ///< int, a health: the state of the row
  ToneRole,                ///< int, a health: the cell's text has its colour; absent: plain
  TrendRole,               ///< int, a trend: an arrow after the text
  SeriesRole,              ///< QList<double>, oldest first: a sparkline
  PayloadRole              ///< bool, of a header: the column has what is in events (Preferences::payloadExport)
};

/// How a column is drawn; a time is sorted by its microseconds since 1970.
enum class CellKind : int { text, strong, quiet, number, state, sparkline, time };

/// What needs somebody first is the greatest.
[[nodiscard]] constexpr int severity(health shown) noexcept {
  switch (shown) {
  case health::ok: return 0;
  case health::unknown: return 1;
  case health::warn: return 2;
  case health::fail: break;
  }
  return 3;
}

} // namespace weft::monitor
