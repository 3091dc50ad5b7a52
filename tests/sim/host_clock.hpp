// tests/sim/host_clock.hpp: the clocks of a simulated machine, which are wrong in their own ways.
#pragma once
#include "mesh/base/random.hpp"
#include "tests/sim/event_queue.hpp"

namespace weft::sim {

/// How far clocks are from the true time.
struct clock_options {
  wall_time start{1'767'225'600'000'000};  ///< true wall time when the run begins: 2026-01-01
  microseconds offset_max{50'000};         ///< of a wall clock, either way
  std::int64_t drift_per_million_max = 50; ///< of both clocks, either way
};

/// Both clocks of one machine: they run a little too fast or too slow; the wall clock is off and may be set.
class host_clock final : public clock {
public:
  host_clock(const event_queue& queue, const clock_options& options, random_source& random);

  [[nodiscard]] wall_time wall() const override;
  [[nodiscard]] mono_time mono() const override { return mono_at(queue_->now()); }

  [[nodiscard]] mono_time mono_at(virtual_time t) const noexcept;
  /// The first moment at which `mono` is `t` or later.
  [[nodiscard]] virtual_time when(mono_time t) const noexcept;

  /// Somebody sets the wall clock forward, or back by a negative step.
  void jump(microseconds step) noexcept { offset_ += step; }
  /// The machine starts anew: its monotonic clock begins somewhere else.
  void boot(random_source& random);

private:
  [[nodiscard]] std::int64_t elapsed(std::int64_t us) const noexcept { return us + us / 1'000 * drift_ / 1'000; }

  const event_queue* queue_;
  wall_time start_;
  microseconds offset_;
  std::int64_t drift_; // microseconds gained a second
  mono_time origin_;
};

} // namespace weft::sim
