// gui/core/latency_window.hpp: how long something took in the last minute. Pure.
#pragma once
#include "gui/core/limits.hpp"
#include "mesh/telemetry/telemetry_generated.h"

#include <utility>
#include <vector>

namespace weft::monitor {

/// What came to a sketch that counts since its process began, told now and then. Keeps a few earlier sketches, as
/// sparse as they were told: some hundred bytes each.
class latency_window {
public:
  using buckets = std::vector<telemetry::Bucket>; ///< by index

  /// @param started  when the sketch's process began: younger than the window, all of it is news
  void note(time_us at, const buckets& now, time_us started);
  /// What came in the window before the last note; of an older one than a window, nothing.
  [[nodiscard]] const buckets& recent(time_us now) const noexcept;

private:
  std::vector<std::pair<time_us, buckets>> earlier_; // oldest first, a step apart
  buckets recent_;
  time_us noted_ = 0;
};

} // namespace weft::monitor
