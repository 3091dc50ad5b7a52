// mesh/delivery/cut_making.hpp: finds a time that is a cut through all logs that answer. Pure.
#pragma once
#include "mesh/base/time.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::delivery {

/// Makes one cut out of what logs answer. An answer is an entry of the log, so its append time is above that of
/// everything that the log had taken before, and below that of everything after.
///
///     asked ── all answered, or given up ─▶ placed: bound() lies above all answers
///                                             │  each log goes above it and answers again
///     done ◀── all answered, or given up ─────┘
///
/// So what was acknowledged before the cut was asked for is below the bound, and what is published when this is done is
/// not, at every log that isn't absent().
class cut_making {
public:
  enum class phase : std::uint8_t { asked, placed, done };

  /// @param expected  names of the nodes that should answer
  /// @param away      names of those that can't be reached: absent from the beginning
  cut_making(const std::vector<std::string>& expected, const std::vector<std::string>& away)
      : awaited_(expected.begin(), expected.end()), reached_(awaited_), absent_(away.begin(), away.end()) {}

  /// A log answered: it knows the cut with this bound, or, with none, that it is asked for.
  /// @param logged_at  the answer's append time, in milliseconds
  /// @param now        this node's clock: a log that is further ahead than the clock guard allows is absent
  void answered(const std::string& node, wall_time logged_at, std::optional<wall_time> bound, wall_time now);
  /// Nobody waits for those that have not answered: they are absent.
  void give_up();
  /// Where it is to lie in place of that: a time which has passed.
  /// @pre at() == phase::asked
  void place_at(wall_time bound);

  [[nodiscard]] phase at() const noexcept { return phase_; }
  /// Who is waited for.
  [[nodiscard]] const std::set<std::string>& awaited() const noexcept { return awaited_; }
  /// The first millisecond that is not in the cut. @pre at() != phase::asked, and somebody has answered
  [[nodiscard]] wall_time bound() const;
  [[nodiscard]] bool has_answers() const noexcept { return newest_.has_value() || fixed_.has_value(); }
  /// Names of the nodes of whose logs the cut says nothing, ascending.
  [[nodiscard]] const std::set<std::string>& absent() const noexcept { return absent_; }

private:
  void go_on();

  phase phase_ = phase::asked;
  std::set<std::string> awaited_, reached_, absent_;
  std::optional<wall_time> newest_; // of all answers to the first question
  std::optional<wall_time> fixed_;  // where it was said to lie
};

} // namespace weft::delivery
