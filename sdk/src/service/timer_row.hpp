// sdk/src/service/timer_row.hpp: a timer that was set, as a service's state has it.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "weft/event.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::detail {

struct timer_id {
  std::string name, key;
  friend auto operator<=>(const timer_id&, const timer_id&) = default;
};

struct timer_row {
  wall_time due;           ///< when its handler is called: after a failure later than the event's time
  std::uint32_t tries = 0; ///< that failed
  std::string cause;       ///< the position of the event that led to it; empty: a service's own clock did
  std::string origin;      ///< tells it from other timers of that cause
  shared_bytes event;      ///< a batch with what its handler gets; behind it the reply that a request has got, or what
                           ///< is kept for the end of an errand
};
/// As a successor reads it, see state_events.hpp.
/// Little-endian: due (8 bytes), tries (4), cause and origin, each behind its size (4), then the event.
[[nodiscard]] std::string value_of(const timer_row& timer);
[[nodiscard]] std::size_t bytes_of(const timer_row& timer); ///< that this has
/// @error errc::corrupt
[[nodiscard]] result<timer_row> timer_from(std::string_view value);
/// Nothing: it is gone.
using timer_changes = std::map<timer_id, std::optional<timer_row>>;

/// The names of the rows of errands begin so: no timer of a program's own has a space in its name.
inline constexpr std::string_view errand_row_name = "errand ";
[[nodiscard]] inline bool is_errand(const timer_id& of) noexcept { return of.name.starts_with(errand_row_name); }

/// The one event of a timer's row.
[[nodiscard]] shared_bytes sealed_timer(std::string_view name, const wire::new_event& what);
/// The same with another one behind it. @pre one of them has at most limits::kept_bytes_max
[[nodiscard]] shared_bytes sealed_timer(std::string_view name, const wire::new_event& what,
                                        const wire::new_event& behind);
/// An event as a batch takes it; the views live as long as the event and the scratch.
[[nodiscard]] wire::new_event as_new_event(const event& from, std::vector<wire::header_view::header>& scratch);

/// Makes the events that a timer's handler gets.
class timer_reader {
public:
  struct events {
    event what;
    std::optional<event> behind{};
  };
  /// @error errc::corrupt  the row has no such batch, or no such cause
  [[nodiscard]] static result<events> read(const timer_row& from);
};

} // namespace weft::detail
