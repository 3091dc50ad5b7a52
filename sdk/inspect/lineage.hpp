// sdk/inspect/lineage.hpp: which event came of which, by the headers that services give what they publish.
#pragma once
#include "weft/client.hpp"

#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace weft::inspect {

/// An event without its value.
struct traced_event {
  named_position at;
  std::string topic, type, key;
  std::string origin; ///< the service that published it and a number; empty: no service did
  wall_time logged_at;
  std::vector<named_position> causes; ///< the event that was handled; more where a program named more
};

/// An event that a group gave up, or that waits there behind one that fails.
struct aside_event {
  named_position what;
  std::string group;
  bool parked = false; ///< else it is a dead letter
  std::string why;
  wall_time at; ///< when it was set aside
};

/// What came of one event, whatever nodes it went over.
struct lineage {
  traced_event first;                                            ///< the one that nothing is known to have caused
  std::map<named_position, std::vector<traced_event>> came_of{}; ///< by each of their causes
  std::vector<aside_event> aside{};                              ///< of any event since the first, in no order
  bool is_whole = true; ///< else there are more than the limit, or a log can't be read now
};

/// Goes back to the first cause of the event, then reads all logs from its time on, up to now or `window` later.
/// Filters run at the logs' nodes: only events with a cause are sent.
/// When `stop` is asked for, it gives what it has, not whole.
/// @error errc::not_found  there is no such event, or not any more
[[nodiscard]] result<lineage> trace(participant& node, const named_position& of, microseconds window,
                                    std::size_t events_max, const std::stop_token& stop = {});

} // namespace weft::inspect
