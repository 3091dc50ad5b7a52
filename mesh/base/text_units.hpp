// mesh/base/text_units.hpp: sizes and durations as people write them.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

/// "512", "64KiB", "1GB": a whole number and a unit: B (or none), KiB, MiB, GiB, TiB in steps of 1024; kB, MB, GB, TB
/// in steps of 1000. @error errc::invalid_argument
[[nodiscard]] result<std::uint64_t> parse_size(std::string_view text);
/// In the largest unit of 1024 that leaves a whole number: "64MiB", "1000B".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// "15m", "1h30m", "200ms": whole numbers, each with a unit, larger ones first: d, h, m, s, ms, us.
/// @error errc::invalid_argument
[[nodiscard]] result<microseconds> parse_duration(std::string_view text);
/// As parse_duration() reads it, the shortest way: "1h30m"; "0s". @pre not negative
[[nodiscard]] std::string duration_text(microseconds duration);

} // namespace weft
