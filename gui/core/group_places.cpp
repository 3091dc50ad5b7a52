#include "gui/core/group_places.hpp"

namespace weft::monitor {

std::vector<group_place> groups_at(const event_row& at, const snapshot& now) {
  std::vector<group_place> places;
  for (const auto& row : now.lag) {
    if (row.log != at.node || row.topic != at.topic || at.is_gap()) continue;
    group_place made{row.group, {}, row.at_most, row.seconds};
    if (!row.unknown_since) made.before = at.topic_offset < row.processed ? 0 : at.topic_offset - row.processed + 1;
    places.push_back(std::move(made));
  }
  return places;
}

} // namespace weft::monitor
