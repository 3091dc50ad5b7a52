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

void TimeCursor::set(time_cursor value) {
  if (value == value_) return;
  value_ = value;
  Q_EMIT changed();
}

} // namespace weft::monitor
