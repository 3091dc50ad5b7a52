// gui/core/demo_story.hpp: what goes wrong in a made-up mesh, and when. Pure.
#pragma once
#include "gui/core/limits.hpp"

namespace weft::monitor {

/// Goes round in ten minutes, in seconds from where the mesh's clock starts:
///
///     0        60       120       180       240       300       ...       510       540       600
///     one log is frozen |                                                  |=================
///     =========         a node: silent from 20, suspect from 24, dead from 32, back at 180
///       ..sdddddddddddddddddd
///     one group stalls, its lag grows       then it catches up                      =========
///     =======================================
///     one topic has fewer copies than are asked for, always
struct demo_story {
  bool told = true;
  time_us start = 0;
  std::size_t stalled_group = 0, dead_node = 0, frozen_node = 0, short_topic = 0; ///< their indices

  [[nodiscard]] double second_of(time_us at) const noexcept {
    constexpr auto round = 10 * limits::minute;
    const auto since = ((at - start) % round + round) % round;
    return static_cast<double>(since) / limits::second;
  }
  [[nodiscard]] bool stalls(time_us at) const noexcept { return told && (second_of(at) < 240 || second_of(at) >= 540); }
  [[nodiscard]] bool is_frozen(time_us at) const noexcept {
    return told && (second_of(at) < 60 || second_of(at) >= 510);
  }
  [[nodiscard]] bool is_silent(time_us at) const noexcept { return told && second_of(at) >= 20 && second_of(at) < 180; }
  [[nodiscard]] bool is_suspect(time_us at) const noexcept {
    return told && second_of(at) >= 24 && second_of(at) < 180;
  }
  [[nodiscard]] bool is_dead(time_us at) const noexcept { return told && second_of(at) >= 32 && second_of(at) < 180; }
};

} // namespace weft::monitor
