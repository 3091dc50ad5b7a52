// gui/core/limits.hpp: every limit of the monitor's core, with its unit and its reason.
#pragma once
#include "gui/core/snapshot.hpp"

#include <cstddef>

namespace weft::monitor::limits {

inline constexpr time_us second = 1'000'000;
inline constexpr time_us minute = 60 * second;
inline constexpr time_us hour = 60 * minute;

// --- what is taken from nodes --------------------------------------------------------------------------------------
inline constexpr std::size_t name_bytes_max = 512;            // of a text in a row: longer ones are no names
inline constexpr std::size_t speakers_max = 5000;             // nodes that are remembered
inline constexpr std::size_t speaker_rows_max = 131'072;      // of one kind of one node: 100,000 groups and some
inline constexpr std::size_t path_nodes_max = 16;             // of a flow; longer ones do not occur
inline constexpr double number_max = 1e15;                    // larger rates, ages and sizes are nonsense
inline constexpr time_us time_max = 253'402'300'799 * second; // the last second of the year 9999
inline constexpr time_us speaker_forgotten_after = hour;      // not heard for so long: its rows go, its memory too

// --- what is made of it --------------------------------------------------------------------------------------------
inline constexpr std::size_t snapshot_rows_max = 262'144;     // of one list: more than anybody reads
inline constexpr time_us silent_after_least = 5 * second / 2; // one that speaks each second has missed two: seen in 3 s
inline constexpr time_us silent_after_first = 6 * second; // until its interval is known: nodes speak each 5 s at least
inline constexpr time_us silent_after_most = 30 * second; // however seldom it speaks
inline constexpr double silent_after_frames = 2.5;        // of a node's usual interval, between these two
inline constexpr std::size_t in_view_max = 50;            // nodes that are heard each 100 ms: more no window shows
inline constexpr time_us rate_window = second;            // a rate is over the last one or two of them
inline constexpr time_us trend_window = 30 * second;      // long enough for commits that come in bursts
inline constexpr time_us trend_step = trend_window / 10;  // between two samples of a lag
inline constexpr double trend_part = 0.05;                // a lag that changes less, of itself, is steady
inline constexpr double trend_seconds_least = 1;          // and less than this is noise
inline constexpr time_us latency_window = minute;         // percentiles are of the last minute
inline constexpr time_us latency_step = 20 * second;      // between the sketches kept for it
inline constexpr double lag_warn_s = 10;                  // behind
inline constexpr double lag_fail_s = 60;                  // behind, and it does not shrink
inline constexpr double round_trip_warn_s = 0.5;          // within one country it is below 50 ms

// --- what is kept --------------------------------------------------------------------------------------------------
inline constexpr time_us snapshot_every = second / 10;              // as often as people see a change
inline constexpr time_us frames_kept_for = hour;                    // to look back at
inline constexpr std::size_t frames_bytes_max = 256U << 20U;        // of these frames, as they were encoded
inline constexpr time_us seek_warms_up = trend_window + 5 * second; // frames before a moment that its trends need
inline constexpr time_us archive_slice_least = minute; // is read and sorted at once: logs come one after the other
inline constexpr time_us archive_slice_most = hour;    // of a small mesh: each slice asks all logs again
inline constexpr std::size_t archive_slice_bytes = 32U << 20U; // about, of its frames: a slice has less, or is a minute
inline constexpr std::size_t seek_threads_max = 4;             // more gain little: the picture itself is made by one
inline constexpr time_us whole_within = 12 * second;           // nodes say all they know each 10 s, if they can
inline constexpr time_us change_compares = 5 * minute;         // figures with their mean of so long
inline constexpr std::size_t series_max = 8192;                // of 43 KB each when they are full (series_store.hpp)
inline constexpr time_us series_idle_after = hour;             // one that has nothing new makes room for another
inline constexpr std::size_t marks_max = 10'000;               // on the time bar: the oldest go first

inline constexpr std::size_t compared_points = 1440;   // of a span: the minutes of a day
inline constexpr std::size_t compared_groups_max = 50; // somebody reads the list

// --- topology ------------------------------------------------------------------------------------------------------
inline constexpr std::size_t layout_boxes_max = 150; // shown at once: above it each zone becomes one box

// --- events --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t events_page = 1000;                 // are read, then somebody says whether to read on
inline constexpr std::size_t events_kept_max = 200'000;          // in a list: nobody reads more, a filter finds better
inline constexpr std::size_t events_bytes_max = 512U << 20;      // of them, before: values may be 1 MiB each
inline constexpr std::size_t tail_kept_max = 20'000;             // the latest of a live tail
inline constexpr std::size_t tail_bytes_max = 128U << 20;        // of them: values may be 1 MiB each
inline constexpr std::size_t tail_waiting_max = 2000;            // for the window, which takes them ten times a second
inline constexpr std::size_t tail_waiting_bytes_max = 32U << 20; // of them: a second of a fast link
inline constexpr std::size_t filter_depth_max = 32;              // parentheses and nots inside one another
inline constexpr std::size_t completions_max = 50;               // offered at once: typing on is quicker
inline constexpr std::size_t completed_types_max = 500;   // types and fields of what was read that are remembered
inline constexpr std::size_t json_items_max = 20'000;     // of a value shown as a tree
inline constexpr std::size_t json_depth_max = 64;         // deeper ones are told as text
inline constexpr std::size_t text_shown_max = 256U << 10; // characters of a value shown as text at once
inline constexpr std::size_t trace_events_max = 10'000;   // of one lineage: as `weft trace` has it
inline constexpr time_us trace_within = hour;             // after the first cause
inline constexpr std::size_t trace_depth_max = 200;       // rows further in stand there, too

// --- alerts --------------------------------------------------------------------------------------------------------
inline constexpr double alert_margin = 0.1;              // of the limit: what is nearer to it is not calm
inline constexpr std::size_t alert_rules_max = 200;      // somebody reads the list
inline constexpr std::size_t alert_states_max = 100'000; // rows that are bad at once, over all rules

} // namespace weft::monitor::limits
