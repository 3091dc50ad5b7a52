// gui/core/event_diff.hpp: what differs between two events, field by field. Pure.
#pragma once
#include "gui/core/events.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::monitor {

struct event_difference {
  std::size_t place = 0;            ///< in the order of the events' facts, then their headers, then their values
  std::string name;                 ///< topic, header.region, items[2].quantity
  std::optional<std::string> first; ///< absent: the first event has none
  std::optional<std::string> second;
  friend bool operator==(const event_difference&, const event_difference&) = default;
};

/// Topic, type, key, contract, headers and values; not when and where they were logged, for that is never the same.
/// Values that are no JSON are one difference, which says from which byte on.
/// @returns at most limits::json_items_max of them
[[nodiscard]] std::vector<event_difference> compare_events(const event_row& first, const event_row& second);

} // namespace weft::monitor
