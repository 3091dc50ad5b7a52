#include "gui/feed/archive_reading.hpp"

#include "gui/feed/limits.hpp"

#include <algorithm>

namespace weft::monitor {

archive_reading::archive_reading(time_us until, archive_part what, moment now)
    : until_(until), what_(what), began_(now), quiet_since_(now) {}

void archive_reading::take(const std::string& node, time_us time, time_us logged_at, bool wanted, moment now) {
  if (!passed_.contains(node)) quiet_since_ = now;
  if (time >= until_ || logged_at >= until_ + clocks_differ) passed_.insert(node);
  if (wanted) ++taken_;
}

bool archive_reading::is_read(const log_progress& log) const {
  if (passed_.contains(log.node)) return true;
  if (log.log_time <= wall_time{}) return false;
  return log.log_time.us >= until_ || log.handled.seq >= log.head;
}

archive_reading::step archive_reading::look(const std::vector<log_progress>& logs, moment now) {
  missing_.clear();
  bool any = false, flows = false; // some log is read; some log is not, and gives something
  for (const auto& log : logs) {
    if (is_read(log)) {
      any = true;
      continue;
    }
    flows = flows || log.flowing;
    missing_.push_back(log.node);
  }
  std::ranges::sort(missing_);
  missing_.erase(std::ranges::unique(missing_).begin(), missing_.end());
  const auto quiet = now - quiet_since_, took = now - began_;
  // Far logs need a moment until they flow.
  const bool all = any && !flows && (missing_.empty() || took >= archive_gives_up);
  if (quiet >= archive_quiet && all) return step::over;
  const bool is_waited_for = what_ == archive_part::moment;
  if (is_waited_for && quiet >= archive_gives_up && taken_ > 0) return step::over;
  if ((is_waited_for ? took : quiet) < archive_within) return step::goes_on;
  return taken_ > 0 || any ? step::over : step::timed_out; // who was read may have said nothing then
}

} // namespace weft::monitor
