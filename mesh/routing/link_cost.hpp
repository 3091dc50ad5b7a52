// mesh/routing/link_cost.hpp: what one link costs, from its round trips, without flapping. Pure.
#pragma once
#include "mesh/base/time.hpp"

#include <cstdint>
#include <optional>

namespace weft::routing {

/// Costs are powers of two of 64 us, so that a path changes only for a reason. The cost stays until the smoothed round
/// trip is a quarter outside its range, and is announced at most once in limits::link_cost_interval. The first is
/// announced at once and corrected once, limits::link_cost_settling later, by the shortest round trip until then: a
/// link is made while its ends are busy starting, and what that took is not the link's.
class link_cost {
public:
  /// @param round_trip  as just measured  @returns the cost to announce, when it is another one than before
  std::optional<std::uint8_t> measured(microseconds round_trip, mono_time now) noexcept;

  /// As last announced; nothing before the first measurement.
  [[nodiscard]] std::optional<std::uint8_t> announced() const noexcept { return announced_; }

private:
  void take(std::int64_t us) noexcept;

  std::int64_t smooth_us_ = 1;
  std::optional<std::uint8_t> announced_;
  mono_time announced_at_{};
  bool settled_ = false; // the first was corrected, or had no need of it
};

} // namespace weft::routing
