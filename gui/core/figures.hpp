// gui/core/figures.hpp: figures as people read them. Pure; one locale, so that columns and screenshots are the same
// everywhere.
#pragma once
#include "gui/core/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weft::monitor::figures {

/// What stands for a figure that is not known.
inline constexpr const char* unknown = "\xE2\x80\x93"; // en dash

/// 0, 48,213, 1,000,000,000,000; a negative one with a minus sign of a digit's width.
[[nodiscard]] std::string count(std::int64_t of);
[[nodiscard]] std::string count(std::uint64_t of);
/// 950, 12.3 k, 4.81 M, 1.00 G: three digits, for axes and labels.
[[nodiscard]] std::string short_count(double of);
/// 48,213 /s; below ten with a tenth: 0.4 /s
[[nodiscard]] std::string per_s(double of);
/// 812 B, 3.2 KiB, 1.4 GiB
[[nodiscard]] std::string bytes(double of);
[[nodiscard]] std::string bytes_per_s(double of);
/// 85 us, 131 ms, 41.2 s, 3 min 20 s, 2 h 05 min, 4 d 3 h; 0 s
[[nodiscard]] std::string duration(double seconds);
[[nodiscard]] std::string duration(std::optional<double> seconds);
/// 12.5 %
[[nodiscard]] std::string percent(double part);
/// +3 %, -12 %, 0 %; of nothing, a dash
[[nodiscard]] std::string change(std::optional<double> part);
/// Until a lag is over: never, now, 2 min 5 s; a dash where it is not known.
[[nodiscard]] std::string drain(const lag_view& of);
/// growing, shrinking, steady
[[nodiscard]] const char* word(trend of);
/// ok, warning, failed, unknown
[[nodiscard]] const char* word(health of);
/// 2027-01-15T08:00:00.000Z: ISO 8601, UTC, for exports.
[[nodiscard]] std::string utc(time_us at);

} // namespace weft::monitor::figures
