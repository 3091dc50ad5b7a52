// actors/cursor_topic.hpp: the topic of a log in which it keeps how far its consumers have got.
#pragma once
#include "mesh/base/own_topics.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/batch_view.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

struct node_services;

/// What is published there.
struct cursor_event {
  std::string_view type;
  std::string key;
  shared_bytes value;
  std::optional<wall_time> time{}; ///< its own; nothing: now
};

/// Calls back with each event of the topic at or after a position, in order.
[[nodiscard]] result<void> each_cursor_event(node_services& services, log_position since,
                                             const std::function<void(const wire::event_view&)>& call);

/// Appends the events, as one batch when they fit. @param done  called when all are on disk, or with why one can't be,
/// which is a warning, too, when it is not the last. @thread the log's
void append_cursor_events(node_services& services, const std::vector<cursor_event>& events,
                          const std::function<void(result<void>)>& done);

} // namespace weft::actors
