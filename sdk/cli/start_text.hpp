// sdk/cli/start_text.hpp: where a subscription starts, as people write it.
#pragma once
#include "weft/subscription.hpp"

#include <string_view>

namespace weft::cli {

/// beginning, end, a TIME or a POSITION (NODE/EPOCH/SEQ).
/// @error errc::invalid_argument  none of these
[[nodiscard]] result<start::point> parse_start(std::string_view text, wall_time now);

} // namespace weft::cli
