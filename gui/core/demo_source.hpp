// gui/core/demo_source.hpp: a made-up mesh behind the same seam as a live one.
#pragma once
#include "gui/core/demo_mesh.hpp"
#include "gui/core/kept_source.hpp"

#include <mutex>

namespace weft::monitor {

/// Its frames take the path of a live mesh's. Without threads and without a wall clock: who holds it says what time it
/// is. The story of demo_story begins at settings.start.
///
///     demo_source mesh({.nodes = 12, .start = now});
///     mesh.make_past(limits::hour);
///     mesh.advance_to(now + passed); // each 100 ms
///
/// @thread make_past() and advance_to(): one at a time; the rest: any
class demo_source final : public kept_source {
public:
  explicit demo_source(const demo_settings& settings = {}, std::size_t frames_bytes_max = limits::frames_bytes_max);

  /// Makes what came before the start, with a frame of each node each two seconds. @pre before advance_to()
  void make_past(time_us length);
  /// Goes on to `until` and publishes a snapshot each 100 ms on the way, fewer when it is far behind.
  void advance_to(time_us until);
  [[nodiscard]] time_us now() const;

private:
  void go_on(time_us until, time_us frame_every, time_us snapshot_every);

  const demo_settings settings_;
  mutable std::mutex mutex_;
  demo_mesh mesh_;
  time_us now_;
};

} // namespace weft::monitor
