// sdk/cli/lineage.hpp: which event came of which, by the headers that services give what they publish.
#pragma once
#include "weft/client.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::cli {

/// An event without its value.
struct traced_event {
  named_position at;
  std::string topic, type, key;
  std::string origin; ///< the service that published it and a number; empty: no service did
  wall_time logged_at;
  std::optional<named_position> cause; ///< the event that was handled
};

/// What came of one event, whatever nodes it went over.
struct lineage {
  traced_event first; ///< the one that nothing is known to have caused
  std::map<named_position, std::vector<traced_event>> came_of{};
  bool is_whole = true; ///< else there are more than the limit, or a log can't be read now
};

/// Goes back to the first cause of the event, then reads all logs from its time on, up to now or `window` later.
/// Filters run at the logs' nodes: only events with a cause are sent.
/// @error errc::not_found  there is no such event, or not any more
[[nodiscard]] result<lineage> trace(client& node, const named_position& of, microseconds window,
                                    std::size_t events_max);

} // namespace weft::cli
