// mesh/base/text_time.hpp: points of civil time as people and programs write them.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"

#include <string>
#include <string_view>

namespace weft {

/// "2011-11-01T08:26:00Z", with a fraction of a second of any length, "Z" or an offset such as "+01:00"; a space may
/// stand for the "T". A leap second is the first of the next minute; digits below a microsecond are dropped.
/// @error errc::invalid_argument
/// @source RFC 3339
[[nodiscard]] result<wall_time> parse_rfc3339(std::string_view text);
/// In UTC, with six digits of a second unless it is whole. @pre within the years 0 to 9999
[[nodiscard]] std::string rfc3339_text(wall_time time);

/// TIME on the command line: RFC 3339, or an age such as "15m": that long before `now`.
/// @error errc::invalid_argument
[[nodiscard]] result<wall_time> parse_time(std::string_view text, wall_time now);

} // namespace weft
