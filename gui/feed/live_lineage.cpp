// gui/feed/live_lineage.cpp: what came of an event of a live mesh.
#include "gui/feed/live_access.hpp"
#include "sdk/inspect/lineage.hpp"
#include "weft/client.hpp"

#include <set>

namespace weft::monitor {
namespace {

caused_event shown(const inspect::traced_event& from) {
  caused_event made{to_string(from.at),
                    from.at.node,
                    from.topic,
                    from.type,
                    from.key,
                    from.origin.substr(0, from.origin.find(' ')),
                    {},
                    from.logged_at.us};
  for (const auto& cause : from.causes)
    made.causes.push_back(to_string(cause));
  return made;
}

/// Only what can be reached from the first event: others were published in the same time.
event_lineage tree_of(const inspect::lineage& found) {
  event_lineage made;
  made.whole = found.is_whole;
  std::vector<const inspect::traced_event*> left{&found.first};
  std::set<named_position> seen{found.first.at};
  for (std::size_t i = 0; i < left.size(); ++i) {
    made.events.push_back(shown(*left[i]));
    const auto effects = found.came_of.find(left[i]->at);
    if (effects == found.came_of.end()) continue;
    for (const auto& one : effects->second)
      if (seen.insert(one.at).second) left.push_back(&one);
  }
  for (const auto& one : found.aside)
    if (seen.contains(one.what)) made.aside.push_back({to_string(one.what), one.group, one.why, one.parked});
  return made;
}

} // namespace

result<event_lineage> live_access::lineage(std::string_view position, time_us within, std::size_t most,
                                           const std::stop_token& stop) {
  const auto of = parse_position(position);
  if (!of) return fail(of.error());
  const auto at = node();
  if (!at) return fail(at.error());
  const auto found = inspect::trace(**at, *of, microseconds(within), most, stop);
  if (!found) return fail(found.error());
  return tree_of(*found);
}

} // namespace weft::monitor
