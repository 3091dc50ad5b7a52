// sdk/src/service/state_topic.hpp: the topic of a service's state: made, or checked.
#pragma once
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string>

namespace weft::detail {

class participant_core;

/// Asks the node for the topic, and makes it if it is not there: with compaction, for ever, and acknowledged when so
/// many other nodes have a copy.
struct state_topic {
  bool was_there = false;
  std::uint64_t own_events = 0; ///< that the node's own log has ever had of it
};
/// @error errc::invalid_argument  it is there, and does not keep the last event of each key for ever, or counts as
///                                acknowledged what a copy does not have yet: what to do
/// @error that of the node, when it can't be asked
[[nodiscard]] result<state_topic> need_state_topic(participant_core& in, const std::string& service,
                                                   const std::string& topic, int copies);

} // namespace weft::detail
