#include "tests/sim/host_clock.hpp"

#include "tests/sim/seeds.hpp"

#include <algorithm>

namespace weft::sim {

host_clock::host_clock(const event_queue& queue, const clock_options& options, random_source& random)
    : queue_(&queue),
      start_(options.start),
      offset_(between(random, -options.offset_max.count(), options.offset_max.count())),
      drift_(between(random, -options.drift_per_million_max, options.drift_per_million_max)) {
  boot(random);
}

void host_clock::boot(random_source& random) {
  constexpr std::int64_t uptime_max_us = 30LL * 24 * 3600 * 1'000'000;
  origin_ = mono_time{between(random, 1, uptime_max_us) - elapsed(queue_->now().us)};
}

wall_time host_clock::wall() const { return start_ + (offset_ + microseconds{elapsed(queue_->now().us)}); }

mono_time host_clock::mono_at(virtual_time t) const noexcept { return origin_ + microseconds{elapsed(t.us)}; }

virtual_time host_clock::when(mono_time t) const noexcept {
  constexpr std::int64_t never_us = 100LL * 365 * 24 * 3600 * 1'000'000;
  t = std::min(t, origin_ + microseconds{never_us});
  virtual_time guess{(t - origin_).count()};
  for (int i = 0; i < 3; ++i)
    guess = guess + (t - mono_at(guess));
  while (mono_at(guess) >= t)
    guess.us -= 1;
  while (mono_at(guess) < t)
    guess.us += 1;
  return guess;
}

} // namespace weft::sim
