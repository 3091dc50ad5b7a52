// sdk/src/service/request_row.hpp: a request that waits for its reply, as a service's state has it. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "sdk/src/service/timer_book.hpp"
#include "sdk/src/service/timer_row.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::detail {

/// It is a timer for when its time is over, named by the requests' topic, with the request's number as its key. Its
/// event is what was kept, in a batch of the continuation's name; behind it comes the reply when that is there:
///
///     waits ──reply──▶ answered: due at once ──▶ the continuation, with the reply, until it does not throw
///       └──── time is over ─────────────────────▶ the continuation, without, until it does not throw
///
/// No timer of a program's own has a space in its name.
inline constexpr std::string_view request_row_name = "request ";
[[nodiscard]] inline bool is_request(const timer_id& of) noexcept { return of.name.starts_with(request_row_name); }
[[nodiscard]] timer_id request_id(std::string_view requests, std::uint64_t number);
/// The topic of the requests. @pre is_request(of)
[[nodiscard]] inline std::string_view requests_of(const timer_id& of) noexcept {
  return std::string_view(of.name).substr(request_row_name.size());
}

/// Numbers rise with the time at which they are made, so that the first row of a topic is the oldest.
/// @param count  of the numbers that this program has made: 4,096 of one microsecond differ
[[nodiscard]] std::uint64_t request_number(wall_time now, std::uint32_t count) noexcept;
/// When it was made. Nothing: no key of such a row.
[[nodiscard]] std::optional<wall_time> asked_at(std::string_view key) noexcept;

/// The row with the reply. Nothing: it has one, or its continuation has been told that there is none.
/// @error errc::corrupt  the row
[[nodiscard]] result<std::optional<timer_row>> answered(timer_row waiting, const event& reply, wall_time now);
/// What the continuation is told.
[[nodiscard]] result<event> outcome_of(const due_timer& request);

} // namespace weft::detail
