#include "gui/core/demo_source.hpp"

namespace weft::monitor {
namespace {

constexpr time_us past_step = 2 * limits::second; // an hour of it is made in a second or two

} // namespace

demo_source::demo_source(const demo_settings& settings, std::size_t frames_bytes_max)
    : kept_source("demo", frames_bytes_max), settings_(settings), mesh_(settings), now_(settings.start) {
  kept_.set_state({true, "demo", {}});
}

void demo_source::make_past(time_us length) {
  const std::lock_guard lock(mutex_);
  mesh_.begin_earlier(length);
  now_ -= length;
  go_on(now_ + length, past_step, past_step);
}

void demo_source::advance_to(time_us until) {
  const std::lock_guard lock(mutex_);
  if (until - now_ > limits::minute) go_on(until - limits::minute, past_step, past_step);
  go_on(until, settings_.frame_every, limits::snapshot_every);
}

void demo_source::go_on(time_us until, time_us frame_every, time_us snapshot_every) {
  while (now_ + snapshot_every <= until) {
    now_ += snapshot_every;
    mesh_.advance_to(now_, frame_every,
                     [this](telemetry::FrameT frame, time_us at) { kept_.take(std::move(frame), at); });
    kept_.close(now_);
  }
}

time_us demo_source::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

} // namespace weft::monitor
