// mesh/log/backlog.hpp: how much of a log a reader still has before it, as the indexes know it.
#pragma once
#include "mesh/log/log.hpp"
#include "mesh/log/segment_store.hpp"

#include <functional>
#include <vector>

namespace weft::log {

/// What counting stands on; all of it outlives the call.
struct backlog_sources {
  const segment_store& segments;
  const std::vector<topic_facts>& topics; ///< of the log now
  /// The topic's first entry that ends behind a position; nothing when there is none.
  std::function<result<std::optional<wire::entry_header>>(log_position from, topic_id topic)> first_entry;
};

/// As node_log::backlog.
[[nodiscard]] result<std::vector<topic_backlog>> count_backlog(const backlog_sources& of, log_position from,
                                                               const std::function<bool(topic_id)>& wants);

} // namespace weft::log
