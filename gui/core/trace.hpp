// gui/core/trace.hpp: what came of one event, row by row, as a waterfall. Pure.
#pragma once
#include "gui/core/events.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

enum class trace_fate : std::uint8_t {
  passed,
  parked,      ///< a group keeps it behind one that fails
  dead_letter, ///< a group gave it up
  missing      ///< a cause that is named, and not there any more
};

/// An event below the cause that was handled for it. Its bar is from that cause's append to its own: how long it waited
/// and was worked on together, as logs know no more than when they took what.
struct trace_row {
  caused_event what; ///< of a missing one only the position
  std::size_t depth = 0;
  std::optional<std::size_t> cause; ///< row
  std::vector<std::size_t> joins;   ///< rows of further causes
  std::size_t effects = 0;          ///< events that it is a cause of
  time_us begin = 0, end = 0;       ///< since the first append; begin > end: one of both clocks is wrong
  bool critical = false;            ///< on the way to the last append
  bool asked = false;
  bool corrected = false; ///< by what is known of its node's clock
  trace_fate fate = trace_fate::passed;
  std::string why; ///< of its fate; and what else is amiss

  [[nodiscard]] bool is_backwards() const noexcept { return begin > end; }
};

struct trace_picture {
  std::vector<trace_row> rows; ///< each behind its cause, effects by time
  time_us first = 0;           ///< when the first was appended
  time_us begin = 0, end = 0;  ///< of all bars, since then
  std::size_t services = 0, nodes = 0, backwards = 0;
  bool can_correct = false; ///< the clock of some node is known to differ
  bool whole = true;
};

/// By node: seconds that its clock is ahead of the monitor's.
using clock_offsets = std::map<std::string, double, std::less<>>;

/// @param asked   a position: its row is marked
/// @param correct takes what is known of clocks from the times
[[nodiscard]] trace_picture trace_of(const event_lineage& of, std::string_view asked, const clock_offsets& clocks,
                                     bool correct);

} // namespace weft::monitor
