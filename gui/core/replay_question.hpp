// gui/core/replay_question.hpp: how pages ask a mesh_access to publish events of logs once more.
#pragma once
#include <cstddef>
#include <string_view>

namespace weft::monitor {

/// Arguments: {"pattern": of the events' topics, "positions": [NODE/EPOCH/SEQ...], "topic": where to, empty: each to
/// its own, "name": of the replay, or empty}.
/// Answer: {"results": [{"of": a position that was asked for, "log": its log, "done": true, "position": of the new
/// event} or {..., "done": false, "code": errc, "why": a text}]}, a row for each position, in that order.
inline constexpr std::string_view replay_question = "events.replay";

inline constexpr std::string_view replay_of_header = "weft-replay-of"; ///< the position of the event that it repeats
inline constexpr std::string_view replay_name_header = "replay";       ///< how somebody named it
inline constexpr std::size_t replay_positions_max = 1000;              ///< in one question: they are held at once

} // namespace weft::monitor
