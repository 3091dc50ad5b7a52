// gui/core/group_places.hpp: whether groups that read an event's topic are past it. Pure.
#pragma once
#include "gui/core/events.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::monitor {

struct group_place {
  std::string group;
  std::optional<std::uint64_t>
      before;           ///< events that it has to process up to this one; 0: it is past it; absent: unknown
  bool at_most = false; ///< of these some are not there any more, or were processed already
  double behind_s = 0;
};

/// By what the event's log last said of its groups. By name.
[[nodiscard]] std::vector<group_place> groups_at(const event_row& at, const snapshot& now);

} // namespace weft::monitor
