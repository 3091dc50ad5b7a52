// gui/feed/archive_reading.hpp: how far a reading of the past has come, when it is over, and what it misses. Pure.
#pragma once
#include "gui/core/heard_frame.hpp"
#include "weft/subscription.hpp"

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace weft::monitor {

/// Logs are read up to a time while more is appended to them all the time: what follows that time counts for nothing,
/// so that it is over however much that is. Logs that can't be reached get a moment, and are named then.
class archive_reading {
public:
  using moment = std::chrono::steady_clock::time_point;
  enum class step { goes_on, over, timed_out };

  /// Of what is before `until`. A moment is over within archive_within whatever comes, and after archive_gives_up of
  /// silence once it has something; a span as soon as nothing came for archive_within.
  archive_reading(time_us until, archive_part what, moment now);

  /// An event came. @param wanted  it is of the time that is read
  void take(const std::string& node, time_us time, time_us logged_at, bool wanted, moment now);
  /// Between two polls. @param logs as the subscription has them
  [[nodiscard]] step look(const std::vector<log_progress>& logs, moment now);
  /// When it is over: nodes whose logs were not read up to the time, by name.
  [[nodiscard]] const std::vector<std::string>& missing() const noexcept { return missing_; }

private:
  [[nodiscard]] bool is_read(const log_progress& log) const;

  const time_us until_;
  const archive_part what_;
  const moment began_;
  moment quiet_since_;                        // since something came of a log that is not read yet
  std::set<std::string, std::less<>> passed_; // nodes whose logs gave something later
  std::uint64_t taken_ = 0;
  std::vector<std::string> missing_;
};

} // namespace weft::monitor
