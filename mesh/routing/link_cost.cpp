#include "mesh/routing/link_cost.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <bit>

namespace weft::routing {
namespace {

constexpr std::int64_t unit_us = 64;
constexpr std::int64_t slowest_us = unit_us << limits::link_cost_max;

/// The cost whose range [unit * 2^cost, unit * 2^(cost + 1)) holds the round trip; what is faster costs 0.
std::uint8_t cost_of(std::int64_t us) noexcept {
  const auto units = static_cast<std::uint64_t>(std::max(us / unit_us, std::int64_t{1}));
  return static_cast<std::uint8_t>(std::bit_width(units) - 1);
}

bool a_quarter_outside(std::int64_t us, std::uint8_t cost) noexcept {
  const auto low = unit_us << cost;
  return us > low * 2 + low / 2 || (cost > 0 && us < low - low / 4);
}

} // namespace

void link_cost::take(std::int64_t us) noexcept {
  if (!announced_)
    smooth_us_ = us;
  else if (!settled_)
    smooth_us_ = std::min(smooth_us_, us);
  else // One that is far off counts as half or twice: it may be the scheduler's, not the link's.
    smooth_us_ += (std::clamp(us, smooth_us_ / 2, smooth_us_ * 2) - smooth_us_) / 8;
}

std::optional<std::uint8_t> link_cost::measured(microseconds round_trip, mono_time now) noexcept {
  take(std::clamp<std::int64_t>(round_trip.count(), 1, slowest_us));
  if (announced_) {
    if (now - announced_at_ < (settled_ ? limits::link_cost_interval : limits::link_cost_settling)) return std::nullopt;
    settled_ = true;
    if (!a_quarter_outside(smooth_us_, *announced_)) return std::nullopt;
  }
  announced_ = cost_of(smooth_us_);
  announced_at_ = now;
  return announced_;
}

} // namespace weft::routing
