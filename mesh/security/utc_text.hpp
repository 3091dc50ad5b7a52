// mesh/security/utc_text.hpp: times in messages and invitations.
#pragma once
#include "mesh/base/time.hpp"

#include <string>

namespace weft::security {

/// The last time that certificates and invitations can hold: the end of the year 9999.
inline constexpr wall_time time_max{253'402'300'799'000'000};

/// RFC 3339 in UTC, cut to seconds: "2030-01-31T12:00:00Z". @pre 0 <= time <= time_max
[[nodiscard]] std::string utc_text(wall_time time);

} // namespace weft::security
