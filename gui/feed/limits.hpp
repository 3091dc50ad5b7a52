// gui/feed/limits.hpp: how long a monitor waits for a mesh.
#pragma once
#include "gui/core/limits.hpp"

#include <chrono>

namespace weft::monitor {

using namespace std::chrono_literals;

inline constexpr auto connect_within = 2s;  // a node answers in milliseconds
inline constexpr auto reconnect_after = 1s; // where there is none
inline constexpr auto poll_within = 50ms;   // so that a snapshot is made each limits::snapshot_every
inline constexpr std::size_t events_at_once = 1024;
inline constexpr auto past_least = 500ms;                    // for routes to far logs to be there
inline constexpr auto past_quiet = 2s;                       // and still nothing comes: there is no more
inline constexpr std::size_t past_frames_max = 20'000;       // of some KiB: an hour of five nodes; of more, less
inline constexpr time_us clocks_differ = 5 * limits::second; // of two nodes, or it shows
inline constexpr auto past_within = 10s;                     // of reading it; what comes later counts as of then
inline constexpr time_us past_step = limits::second;         // between snapshots of it

} // namespace weft::monitor
