// gui/models/replay_plan.hpp: publishing a range of events once more: what is in it, and that as an operation.
#pragma once
#include "gui/core/mesh_access.hpp"
#include "gui/models/operation.hpp"
#include "gui/models/replay_range.hpp"

#include <vector>

namespace weft::monitor {

/// What logs hold of the range, and who would get it again.
struct ReplayFacts {
  struct Event {
    named_position at;
    std::string topic, key, type;
    time_us logged_at = 0;
    std::size_t bytes = 0; ///< of the value
  };
  std::vector<Event> events;        ///< in the order of their logs' times, of one log in its own
  bool more = false;                ///< than are replayed at once
  std::vector<std::string> gaps;    ///< sentences on what can't be read
  std::vector<std::string> away;    ///< nodes whose logs could not be read to their end
  std::vector<std::string> readers; ///< groups and named subscriptions that have the targets in their patterns
  std::string node;                 ///< that is asked: new events go to its log; empty: not known
  std::string problem;              ///< why it can't be planned; empty: it can
};

/// @thread any; waits. @param now whose groups and topics these are
[[nodiscard]] ReplayFacts gatherReplay(mesh_access& mesh, const snapshot& now, const ReplayWish& wish,
                                       const std::stop_token& stop);
/// Steps of a quarter of a second each, so that a pause or a stop comes soon.
[[nodiscard]] Operation planReplay(const ReplayFacts& facts, const ReplayWish& wish);

} // namespace weft::monitor
