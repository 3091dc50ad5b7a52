// mesh/recording/recorded_event.hpp: an event with its place, as a consumer gets it. A value.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft::recording {

/// Headers are not kept: those that the mesh itself publishes have none.
struct recorded_event {
  std::string node; ///< the name of the node whose log it is
  log_id log;
  log_position at;
  topic_offset offset;
  wall_time logged_at; ///< in milliseconds, as the log has it
  wall_time time;      ///< the event's own
  producer_id producer;
  std::uint64_t sequence = 0;
  std::string topic, type;
  contract_id contract; ///< nil: none
  std::string key;
  std::vector<std::byte> value;
  friend bool operator==(const recorded_event&, const recorded_event&) = default;
};

/// What somebody wrote down beside a moment.
struct note {
  wall_time at;
  std::string text; ///< empty: the one that was here is gone
  friend bool operator==(const note&, const note&) = default;
};

} // namespace weft::recording
