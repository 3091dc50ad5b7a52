// gui/models/replay_range.hpp: which events are to be published once more, and how, as people say it.
#pragma once
#include "gui/core/events.hpp"
#include "mesh/base/position.hpp"

#include <QString>

#include <optional>
#include <string>

namespace weft::monitor {

/// As it is typed.
struct ReplayRange {
  QString filter;      ///< a filter line of the page Events
  QString from, until; ///< positions or times, with these; empty: from the beginning, up to now

  /// As one text, for a page that asks the window for a replay.
  [[nodiscard]] QString packed() const;
  [[nodiscard]] static ReplayRange unpacked(const QString& text);
};

struct ReplayWish {
  event_query query;                   ///< its time `until` counts
  std::optional<named_position> until; ///< the last event, of that log alone
  std::string target;                  ///< a topic; empty: each event goes to its own
  std::string name;                    ///< for the header `replay`; empty: there is none
  int per_s = 1;                       ///< events
};

/// Reads what was typed. A time without a zone is one of the window's. @param problem  what is wrong, as a sentence
[[nodiscard]] ReplayWish wishOf(const ReplayRange& range, QString& problem);

} // namespace weft::monitor
