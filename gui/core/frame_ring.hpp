// gui/core/frame_ring.hpp: the frames of the last hour, so that any moment of it can be shown again. Bounded.
#pragma once
#include "gui/core/heard_frame.hpp"
#include "gui/core/limits.hpp"
#include "gui/core/snapshot.hpp"
#include "mesh/telemetry/frame.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weft::monitor {

/// Keeps frames as they were encoded, in the order they were heard. A moment is made again of each node's last whole
/// frame before it (and before what its trends need) and all that followed:
///
///     a   W . . . . W . . . . W . . .        W whole, . what changed
///     b     W . . . . W . . . . W . .
///             ^ from here     ^ at
///
/// @thread any
class frame_ring {
public:
  explicit frame_ring(std::size_t bytes_max = limits::frames_bytes_max, time_us kept_for = limits::frames_kept_for)
      : bytes_max_(bytes_max), kept_for_(kept_for) {}

  /// @param heard_at  one that is earlier than the last one's counts as that
  /// @param origin    its bytes are kept as they came, where it has them
  void add(const telemetry::FrameT& frame, time_us heard_at, const frame_origin& origin = {});
  /// The mesh as it was; the same frames give the same snapshot. Nothing when nothing is kept of that time.
  [[nodiscard]] std::optional<snapshot> seek(time_us at, const std::string& mesh) const;
  /// Frames heard in [from, until), oldest first.
  [[nodiscard]] std::vector<heard_frame> frames(time_us from, time_us until) const;
  /// When the oldest frame that is kept was heard; of none, nothing.
  [[nodiscard]] std::optional<time_us> oldest() const;
  [[nodiscard]] std::size_t bytes() const;

private:
  void drop_oldest();
  [[nodiscard]] std::vector<heard_frame> frames_for(time_us at) const;

  const std::size_t bytes_max_;
  const time_us kept_for_;
  mutable std::mutex mutex_;
  std::deque<heard_frame> frames_;                          // by heard_at
  std::uint64_t dropped_ = 0;                               // number of the first
  std::map<std::string, std::deque<std::uint64_t>> wholes_; // numbers of whole frames, by node
  std::size_t bytes_ = 0;
};

} // namespace weft::monitor
