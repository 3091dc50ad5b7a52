// mesh/membership/round_trip.hpp: how long a heartbeat and its reply take. Pure.
#pragma once
#include "mesh/base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace weft::membership {

/// Knows when the last few heartbeats were sent. A reply to another one, or a second reply, measures nothing.
/// @source Jacobson, "Congestion avoidance and control" (1988): a new sample counts for an eighth
class round_trip {
public:
  /// @returns the heartbeat's number
  std::uint64_t sent(mono_time now) noexcept {
    sent_[next_ % sent_.size()] = now;
    return next_++;
  }
  void replied(std::uint64_t number, mono_time now) noexcept {
    if (number >= next_ || next_ - number > sent_.size()) return;
    auto& at = sent_[number % sent_.size()];
    if (!at) return;
    const auto sample = now - *at;
    at.reset();
    smoothed_ = smoothed_ ? *smoothed_ + (sample - *smoothed_) / 8 : sample;
  }
  /// What is under way would measure something else.
  void forget_sent() noexcept { sent_.fill(std::nullopt); }
  [[nodiscard]] const std::optional<microseconds>& smoothed() const noexcept { return smoothed_; }

private:
  std::array<std::optional<mono_time>, 4> sent_;
  std::uint64_t next_ = 1;
  std::optional<microseconds> smoothed_;
};

} // namespace weft::membership
