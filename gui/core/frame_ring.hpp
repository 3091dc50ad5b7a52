// gui/core/frame_ring.hpp: the frames of the last hour, so that any moment of it can be shown again. Bounded.
#pragma once
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
  void add(const telemetry::FrameT& frame, time_us heard_at);
  /// The mesh as it was; the same frames give the same snapshot. Nothing when nothing is kept of that time.
  [[nodiscard]] std::optional<snapshot> seek(time_us at, const std::string& mesh) const;
  /// When the oldest frame that is kept was heard; of none, nothing.
  [[nodiscard]] std::optional<time_us> oldest() const;
  [[nodiscard]] std::size_t bytes() const;

private:
  struct kept {
    time_us heard_at = 0;
    std::string node;
    bool whole = false;
    std::shared_ptr<const std::vector<std::byte>> bytes;
  };
  void drop_oldest();
  [[nodiscard]] std::vector<kept> frames_for(time_us at) const;

  const std::size_t bytes_max_;
  const time_us kept_for_;
  mutable std::mutex mutex_;
  std::deque<kept> frames_;                                 // by heard_at
  std::uint64_t dropped_ = 0;                               // number of the first
  std::map<std::string, std::deque<std::uint64_t>> wholes_; // numbers of whole frames, by node
  std::size_t bytes_ = 0;
};

} // namespace weft::monitor
