#include "gui/feed/backlog.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace weft::monitor {

void backlog::replay(time_us until, time_us step,
                     const std::function<void(telemetry::FrameT, const frame_origin&, time_us)>& take,
                     const std::function<void(time_us)>& close, const std::stop_token& stop) {
  auto frames = std::exchange(frames_, {});
  std::ranges::stable_sort(frames, {}, [](const one& of) { return of.frame.time_us; });
  std::optional<time_us> open; // the end of the step that has frames
  for (auto& [frame, origin] : frames) {
    if (stop.stop_requested()) return;
    const auto at = std::min(frame.time_us, until);
    if (open && at >= *open) close(*std::exchange(open, std::nullopt));
    if (!open) open = at - at % step + step;
    take(std::move(frame), origin, at);
  }
  if (open) close(std::min(*open, until));
}

} // namespace weft::monitor
