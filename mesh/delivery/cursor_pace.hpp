// mesh/delivery/cursor_pace.hpp: how fast a cursor moves, and when it will have caught up. Pure.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace weft::delivery {

/// Where a cursor and its log were at some time.
struct pace_mark {
  mono_time at;
  log_position cursor, log_end;
};

/// Remembers where a cursor was during limits::pace_window.
class cursor_pace {
public:
  /// @param generation  another one after a seek: what was before says nothing then
  void moved(const pace_mark& to, std::uint64_t generation);
  /// From where on its pace is measured; nothing: it is not known for long enough.
  [[nodiscard]] std::optional<pace_mark> since(mono_time now) const;

private:
  std::deque<pace_mark> marks_; // ascending
  std::uint64_t generation_ = 0;
};

/// Events of one topic in a time.
struct pace {
  microseconds over;
  std::uint64_t processed = 0, arrived = 0;
};

struct drain_estimate {
  double processed_per_s = 0, arrived_per_s = 0;
  std::optional<double> seconds; ///< until nothing is left, if both go on so; nothing: never
};

/// @param left  events before the cursor  @pre `of.over` is above zero
[[nodiscard]] drain_estimate estimate_drain(std::uint64_t left, const pace& of);

} // namespace weft::delivery
