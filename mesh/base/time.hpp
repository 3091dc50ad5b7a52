// mesh/base/time.hpp: wall time and monotonic time, which never mix.
#pragma once
#include <chrono>
#include <compare>
#include <cstdint>

namespace weft {

using microseconds = std::chrono::microseconds;

/// A point of civil time in microseconds since 1970-01-01T00:00Z; may jump.
struct wall_time {
  std::int64_t us = 0;
  friend constexpr auto operator<=>(wall_time, wall_time) noexcept = default;
  friend constexpr wall_time operator+(wall_time t, microseconds d) noexcept { return {t.us + d.count()}; }
  friend constexpr wall_time operator-(wall_time t, microseconds d) noexcept { return {t.us - d.count()}; }
  friend constexpr microseconds operator-(wall_time a, wall_time b) noexcept { return microseconds{a.us - b.us}; }
};

/// A point of this process's own time in microseconds; never goes back.
struct mono_time {
  std::int64_t us = 0;
  friend constexpr auto operator<=>(mono_time, mono_time) noexcept = default;
  friend constexpr mono_time operator+(mono_time t, microseconds d) noexcept { return {t.us + d.count()}; }
  friend constexpr microseconds operator-(mono_time a, mono_time b) noexcept { return microseconds{a.us - b.us}; }
};

/// Where shells take the time from; machines are told it. Safe from every thread.
class clock {
public:
  virtual ~clock() = default;
  [[nodiscard]] virtual wall_time wall() const = 0;
  [[nodiscard]] virtual mono_time mono() const = 0;
};

/// The operating system's clocks.
[[nodiscard]] clock& system_clock() noexcept;

} // namespace weft
