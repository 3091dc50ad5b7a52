// sdk/cli/time_text.hpp: times as the command line prints them.
#pragma once
#include "mesh/base/time.hpp"

#include <string>

namespace weft::cli {

/// Appends RFC 3339 in UTC, always with microseconds, so that lines sort as text: 2011-11-01T08:16:00.000000Z.
/// Years 0 to 9999; others are clamped.
void append_time(std::string& out, wall_time at);
/// A short span for people: 350 us, 12.3 ms, 4.1 s, 3 min 20 s, 5 h 12 min, 3 d 4 h.
[[nodiscard]] std::string short_span(double seconds);

} // namespace weft::cli
