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

// --- what is read from logs again, or from a file
inline constexpr time_us kept_in_logs = 24 * limits::hour;          // of telemetry, unless somebody chose otherwise
inline constexpr auto archive_poll_within = 5ms;                    // so that a seek does not wait for a poll to end
inline constexpr auto archive_quiet = 15ms;                         // then logs are asked how far they are
inline constexpr auto archive_gives_up = 300ms;                     // on logs that give nothing
inline constexpr auto archive_within = 5s;                          // whatever comes: somebody waits
inline constexpr auto recording_step = 1s;                          // between two writes of what was heard
inline constexpr auto recording_ends_within = 2s;                   // when the window closes: then it is left as it is
inline constexpr int unfinished_files_max = 100;                    // of one name beside one another
inline constexpr std::size_t recorded_snapshots_max = 7200;         // made of a recording as it is opened: some seconds
inline constexpr std::size_t recorded_bytes_in_memory = 64U << 20U; // of its frames; the others are read again

} // namespace weft::monitor
