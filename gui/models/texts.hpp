// gui/models/texts.hpp: the texts of gui/core/figures.hpp for Qt, and those that only the window needs.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QString>

#include <optional>

namespace weft::monitor::texts {

[[nodiscard]] QString of(const std::string& text);
[[nodiscard]] QString count(std::uint64_t n);             ///< 1,823,592
[[nodiscard]] QString compact(double n);                  ///< 950, 12.1k, 3.4M: for axes and edges, where room is short
[[nodiscard]] QString perSecond(double events);           ///< 48,213 /s
[[nodiscard]] QString bytes(double n);                    ///< 1.4 GB
[[nodiscard]] QString bytesPerSecond(double n);           ///< 1.4 MB/s
[[nodiscard]] QString seconds(double s);                  ///< 131 ms, 41.2 s, 3 min 20 s
[[nodiscard]] QString seconds(std::optional<double> s);   ///< a dash when there is none
[[nodiscard]] QString change(std::optional<double> part); ///< +3.1 % vs 5 min
[[nodiscard]] QString clock(time_us at, bool millis);     ///< 15:00:00 or 15:00:00.000, in the chosen Zone
[[nodiscard]] QString day(time_us at);                    ///< 2026-11-28, there
[[nodiscard]] QString moment(time_us at);                 ///< 2026-11-28T15:00:00.000+01:00, there
[[nodiscard]] QString ago(time_us then, time_us now);     ///< 12 s ago; never
[[nodiscard]] QString word(health shown);                 ///< healthy, degraded, failing, no telemetry
[[nodiscard]] QString word(trend goes);                   ///< steady, growing, shrinking
/// A lag row's time to drain: "never" when it grows.
[[nodiscard]] QString drain(const lag_view& row);
/// "; without the log of a, b, which can't be read now"; empty when none is missing.
[[nodiscard]] QString without(const std::vector<std::string>& nodes);

inline constexpr QChar dash = QChar(0x2013);

} // namespace weft::monitor::texts
