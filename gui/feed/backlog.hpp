// gui/feed/backlog.hpp: puts what nodes said before the monitor came into the order of time. Pure.
#pragma once
#include "gui/core/heard_frame.hpp"
#include "mesh/telemetry/frame.hpp"

#include <deque>
#include <functional>
#include <stop_token>

namespace weft::monitor {

/// Logs come one beside the other: an hour of one node, then the hour of another. What is told of the past has to go
/// forward in time, so it is gathered first.
class backlog {
public:
  /// @param frames_max  beyond it the first that came go
  explicit backlog(std::size_t frames_max) : frames_max_(frames_max) {}

  void add(telemetry::FrameT frame, frame_origin origin = {}) {
    if (frames_.size() == frames_max_) frames_.pop_front();
    frames_.push_back({std::move(frame), std::move(origin)});
  }
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size(); }

  /// Hands out all, by the time at which they were looked at, and forgets them; those from beyond `until`, whose
  /// clocks are ahead, count as of then.
  /// @param take   a frame and its time
  /// @param close  a time, not earlier than what was taken before: once for each `step` that has frames
  /// @param stop   ends it early
  void replay(time_us until, time_us step,
              const std::function<void(telemetry::FrameT, const frame_origin&, time_us)>& take,
              const std::function<void(time_us)>& close, const std::stop_token& stop = {});

private:
  struct one {
    telemetry::FrameT frame;
    frame_origin origin;
  };
  const std::size_t frames_max_;
  std::deque<one> frames_;
};

} // namespace weft::monitor
