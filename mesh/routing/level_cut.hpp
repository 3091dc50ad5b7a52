// mesh/routing/level_cut.hpp: keeps back what has not reached its topic's level. Pure.
#pragma once
#include "mesh/log/log.hpp"

#include <functional>
#include <optional>

namespace weft::routing {

/// An entry that must not be read before everything of its topic below `end` has reached the topic's level.
struct unreached_entry {
  topic_id topic;
  log_position end;
};

/// Ends a read before the first such entry, and before the atomic group that it is part of.
/// @param passes  whether everything of a topic below a position has reached its level
/// @returns the entry that reading has to wait for; nothing: the read is as it was
[[nodiscard]] std::optional<unreached_entry>
cut_unreached(log::read_result& read, const std::function<bool(topic_id, const log_position&)>& passes);

} // namespace weft::routing
