// mesh/log/backlog.hpp: how much of a log a reader still has before it.
#pragma once
#include "mesh/log/log.hpp"

namespace weft::log {

/// What one topic has from a position on.
struct topic_backlog {
  topic_id topic;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0; ///< stored
  hlc oldest;              ///< append time of the first entry that counts
};

/// Counts the wanted topics' events in [from, synced end). Reads what it counts: cost grows with the backlog.
/// @thread one that may block
[[nodiscard]] result<std::vector<topic_backlog>> count_backlog(node_log& log, log_position from,
                                                               const std::function<bool(topic_id)>& wants);

} // namespace weft::log
