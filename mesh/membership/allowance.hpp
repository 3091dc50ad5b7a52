// mesh/membership/allowance.hpp: how much of something others may cause: a burst, then a rate. Pure.
#pragma once
#include "mesh/base/time.hpp"

#include <algorithm>

namespace weft::membership {

/// A token bucket, kept as the time until which what was spent is paid for.
/// @source the generic cell rate algorithm, ITU-T I.371
class allowance {
public:
  /// @param burst  spent at once when nothing was spent for long; @param per_second  and then
  constexpr allowance(std::int64_t burst, std::int64_t per_second) noexcept : burst_(burst), per_second_(per_second) {}

  /// Takes the amount when it is there, else nothing.
  [[nodiscard]] constexpr bool spend(std::int64_t amount, mono_time now) noexcept {
    const auto paid = std::max(paid_until_, now) + takes(amount);
    if (paid > now + takes(burst_)) return false;
    paid_until_ = paid;
    return true;
  }
  /// Whether it is as good as a new one.
  [[nodiscard]] constexpr bool whole(mono_time now) const noexcept { return paid_until_ <= now; }

private:
  [[nodiscard]] constexpr microseconds takes(std::int64_t amount) const noexcept {
    return microseconds{amount * 1'000'000 / per_second_};
  }

  std::int64_t burst_, per_second_;
  mono_time paid_until_{};
};

} // namespace weft::membership
