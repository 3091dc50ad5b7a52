// sdk/src/service/errand_row.hpp: an errand that has not ended, as a service's state has it. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "sdk/src/service/one_event.hpp"
#include "sdk/src/service/timer_book.hpp"
#include "sdk/src/service/timer_view.hpp"
#include "weft/errand.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::detail {

/// It is a timer named by the errand, whose event is the value; behind it is what is kept for the continuation, which
/// a header of that names. Those of one key stand in line, and only the first is ever due:
///
///     stands in line ──the one before ended──▶ due ──its call fails──▶ due later
///                                               └──it ends──▶ gone; with a continuation: an answered request, due at
///                                                             once (request_row.hpp)
///
/// The timers' key is `key`, XXH3-128 of the errand's key, and the number in that line, which begins anew when the line
/// is empty; or for an errand without a key `one` and its id.
inline constexpr std::string_view then_header = "weft-then";
[[nodiscard]] inline std::string errand_name(std::string_view name) {
  return std::string(errand_row_name).append(name);
}

/// The errand's idempotency key: XXH3-128, in hexadecimal, of the service's name, the position of the event that led to
/// it, and what tells it from all others of that event. The same when the event is handled anew on a state from before.
[[nodiscard]] std::string errand_id_of(std::string_view service, const timer_row& of);

/// The rows of what a handler gives out: at the ends of their lines. One that is there already is left out.
/// @error that of the disk
[[nodiscard]] result<timer_changes> rows_of(const std::vector<one_event::errand>& given, std::string_view service,
                                            wall_time now, const timer_view& known);

/// What its end changes: it is gone, the next in line is due, and so is its continuation.
/// @param end  what its function returned, or why it is not done
/// @error that of the disk, or errc::corrupt: the row of the next
[[nodiscard]] result<timer_changes> rows_of_end(const due_timer& of, const result<encoded_result>& end,
                                                std::string_view service, wall_time now, const timer_view& known);
/// Which continuation is told of its end.
[[nodiscard]] std::optional<std::string_view> continuation_of(const due_timer& of);

} // namespace weft::detail
