// gui/models/limits.hpp: every limit of what pages ask of the mesh and change in it, with its unit and its reason.
#pragma once
#include "gui/core/limits.hpp"

namespace weft::monitor::limits {

// --- operating -----------------------------------------------------------------------------------------------------
inline constexpr time_us operate_locks_after = 10 * minute;       // without use: as long as a screen stays unattended
inline constexpr std::size_t seek_events_read_max = 20'000;       // to find a place in time, some seconds of reading
inline constexpr std::int64_t seek_shift_max = 1'000'000'000'000; // places: farther than any log is long
inline constexpr int letters_per_s = 20;                          // replayed unless it is said: a consumer keeps up
inline constexpr int letters_per_s_max = 1000;                    // nobody reads outcomes faster
inline constexpr int letters_at_once = 50;                        // in one question: a node goes over its log for each

inline constexpr std::size_t replay_events_max = 10'000; // of a range, at once: each is a row, and is written down
inline constexpr std::size_t replay_topics_max = 50;     // of a range: each is asked for before
inline constexpr std::size_t replay_gaps_told = 5;       // in a plan: somebody reads them
inline constexpr std::size_t replay_names_told = 8;      // of groups and logs, in a sentence
inline constexpr int replayed_at_once = 50;              // in one question: a stop waits for its answer

// --- contracts -----------------------------------------------------------------------------------------------------
inline constexpr time_us contract_use_span = 10 * minute;    // of events that tell who writes by which version
inline constexpr std::size_t contract_use_events_max = 2000; // read for it: a second or so

} // namespace weft::monitor::limits
