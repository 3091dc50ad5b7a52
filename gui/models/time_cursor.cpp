#include "gui/models/time_cursor.hpp"

#include <algorithm>

namespace weft::monitor {

void TimeCursor::setBounds(time_us oldest, time_us newest) {
  oldest_ = oldest;
  newest_ = std::max(oldest, newest);
  if (value_.at && *value_.at < oldest_) set({oldest_});
}

void TimeCursor::goLive() { set({}); }

void TimeCursor::goTo(time_us at) {
  if (at >= newest_) return goLive();
  set({std::max(at, oldest_)});
}

void TimeCursor::step(time_us by) { goTo(moment() + by); }

void TimeCursor::togglePause() {
  if (isLive())
    set({newest_});
  else
    goLive();
}

void TimeCursor::changeSpeed(int direction) {
  const auto* const at = std::ranges::find(speeds, speed_);
  const auto next = at - speeds.begin() + direction;
  if (next < 0 || next >= static_cast<std::ptrdiff_t>(speeds.size())) return;
  speed_ = speeds.at(static_cast<std::size_t>(next));
  Q_EMIT playChanged();
}

void TimeCursor::togglePlay() {
  if (isLive()) return;
  playing_ = !playing_;
  Q_EMIT playChanged();
}

void TimeCursor::pass(time_us time) {
  if (isPlaying()) goTo(moment() + static_cast<time_us>(static_cast<double>(time) * speed_));
}

void TimeCursor::set(time_cursor value) {
  if (value == value_) return;
  value_ = value;
  if (isLive() && playing_) {
    playing_ = false;
    Q_EMIT playChanged();
  }
  Q_EMIT changed();
}

} // namespace weft::monitor
