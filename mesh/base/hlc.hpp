// mesh/base/hlc.hpp: hybrid logical time of appends.
#pragma once
#include "mesh/base/strong.hpp"
#include "mesh/base/time.hpp"

#include <algorithm>
#include <cstdint>

namespace weft {

/// Hybrid logical time: 48 bits of milliseconds since 1970, then a 16-bit counter.
/// @source Kulkarni et al., "Logical Physical Clocks" (2014)
class hlc {
public:
  constexpr hlc() noexcept = default;
  explicit constexpr hlc(std::uint64_t value) noexcept : value_(value) {}
  /// The earliest hybrid time of the millisecond that `at` lies in; times before 1970 are 0.
  [[nodiscard]] static constexpr hlc at(wall_time at) noexcept {
    return hlc{static_cast<std::uint64_t>(std::max<std::int64_t>(at.us, 0) / 1000) << 16U};
  }

  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }
  [[nodiscard]] constexpr wall_time wall() const noexcept { return {static_cast<std::int64_t>(value_ >> 16U) * 1000}; }
  friend constexpr auto operator<=>(hlc, hlc) noexcept = default;

private:
  std::uint64_t value_ = 0;
};

/// The time of the next append: strictly above `last`, and the wall clock's when that is ahead.
/// A counter that overflows borrows the next millisecond.
[[nodiscard]] constexpr hlc next_after(hlc last, wall_time now) noexcept {
  return std::max(hlc{last.value() + 1}, hlc::at(now));
}

} // namespace weft
