// sdk/cli/until_cut.hpp: whether a subscription has read all logs up to a cut. Pure.
#pragma once
#include "sdk/cli/cut_place.hpp"
#include "weft/subscription.hpp"

#include <chrono>
#include <map>
#include <vector>

namespace weft::cli {

/// A log is read when it is known that nothing below the cut follows what was handled. One that the cut lacks never
/// promised that: it is read to where it ends.
///
/// More logs may show while it reads, so the end comes a moment after the last one was read.
class until_cut {
public:
  enum class verdict : std::uint8_t {
    reading,
    whole,  ///< all logs were read up to the cut
    lacking ///< some can't be read now: unread()
  };
  /// @param expected  names of nodes that have such topics, as the asked node knows
  until_cut(known_cut cut, std::set<std::string> expected) : cut_(std::move(cut)), expected_(std::move(expected)) {}

  [[nodiscard]] wall_time bound() const noexcept { return cut_.bound; }
  /// Looks at how far each log has been read.
  [[nodiscard]] verdict look(const std::vector<log_progress>& logs, std::chrono::steady_clock::time_point now);
  /// Names of nodes whose logs were not read that far, at the last look.
  [[nodiscard]] const std::set<std::string>& unread() const noexcept { return unread_; }

private:
  [[nodiscard]] bool is_read(const log_progress& log);

  const known_cut cut_;
  const std::set<std::string> expected_;
  std::map<log_id, seq> ends_; // of logs that are known to be at the cut or behind it: what has to be handled
  std::map<log_id, log_position> handled_;
  std::set<std::string> unread_;
  std::optional<std::chrono::steady_clock::time_point> progress_at_;
};

} // namespace weft::cli
