// mesh/base/backoff.hpp: how long to wait before the next try. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"

#include <algorithm>

namespace weft {

/// Doubles up to a limit; each wait is between half of it and all of it, so that many do not come at once.
class backoff {
public:
  [[nodiscard]] microseconds next(random_source& random) {
    const auto half = static_cast<std::uint64_t>(wait_.count()) / 2;
    const microseconds jittered{static_cast<std::int64_t>(half + random.below(half + 1))};
    wait_ = std::min<microseconds>(wait_ * 2, limits::reconnect_most);
    return jittered;
  }
  void reset() noexcept { wait_ = limits::reconnect_first; }

private:
  microseconds wait_ = limits::reconnect_first;
};

} // namespace weft
