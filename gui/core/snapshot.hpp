// gui/core/snapshot.hpp: what is known of the mesh at one moment, ready to be shown. Values only.
#pragma once
#include "mesh/telemetry/sketch.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::monitor {

/// How something is doing. Each has a colour, a shape and a word.
enum class health : std::uint8_t {
  ok,     ///< disc
  warn,   ///< triangle: it works, and somebody should look
  fail,   ///< square
  unknown ///< ring: nothing was heard of it lately
};

/// Microseconds since 1970. One clock for all: that of the node that said it.
using time_us = std::int64_t;

/// A node, by its own word and by that of the others.
struct node_view {
  std::string name, id, zone, roles, address, epoch, version;
  std::uint32_t number = 0;
  std::string state; ///< alive, suspect, dead, left; empty: it never said
  time_us since = 0; ///< of the state
  health shown = health::unknown;
  std::string why;                      ///< it is not well; empty: it is
  time_us heard_at = 0;                 ///< its last frame; 0: never
  std::optional<double> clock_offset_s; ///< of its clock to the monitor's, where that is known
  std::uint64_t head = 0, log_bytes = 0, disk_bytes = 0, disk_free_bytes = 0, memory_bytes = 0;
  double cpu_percent = 0; ///< of one core
  double published_per_s = 0, published_bytes_per_s = 0;
  double delivered_per_s = 0; ///< events of flows that end here
  bool whole = true;          ///< false: a frame of it was lost, rows may be old until its next whole one
};

/// A connection of two nodes; both speak of it, it is shown once. `a` < `b`.
struct link_view {
  std::string a, b, kind;
  std::optional<double> round_trip_s;
  double a_to_b_bytes_per_s = 0, b_to_a_bytes_per_s = 0;
  health shown = health::ok;
};

/// A flow as the place where it ends sees it.
struct flow_view {
  std::string from;              ///< the log's node
  std::string to;                ///< a node or a program of the last node of the path
  std::string pattern, name;     ///< `name` of a group or named subscription
  std::vector<std::string> path; ///< nodes, first the log's; with one node it stays there
  std::uint64_t events = 0, bytes = 0, lag_events = 0, credit = 0;
  double events_per_s = 0, bytes_per_s = 0;
  std::string node; ///< where it ends: `to` itself, or the node whose program that is
};

/// What goes from one node to the next, for all flows that pass there. Equal demands are merged: it may be less than
/// their sum.
struct hop_view {
  std::string from, to;
  std::uint32_t flows = 0; ///< that pass it
  double events_per_s = 0, bytes_per_s = 0;
  std::uint32_t streams = 0; ///< that its sender tells of; fewer than flows: equal demands share one; 0: not known
};

/// A topic's part in one log.
struct topic_log_view {
  std::string node;
  std::uint64_t start = 0, end = 0, events = 0, bytes = 0;
  std::uint32_t replicas = 0, copies = 0; ///< fewer copies than replicas: under-replicated
  double published_per_s = 0;
};

struct topic_view {
  std::string name, contract;
  std::vector<topic_log_view> logs; ///< by node
  std::uint64_t events = 0, bytes = 0;
  double published_per_s = 0;
  health shown = health::ok;
  std::string why;
};

/// Which way a lag goes, over the last half minute.
enum class trend : std::uint8_t { steady, growing, shrinking };

/// A group's or named subscription's lag in one topic of one log.
struct lag_view {
  std::string group, log, topic; ///< `log`: the node's name
  std::uint64_t events = 0, bytes = 0, held_bytes = 0;
  bool at_most = false;
  double seconds = 0;                   ///< behind: age of the oldest event that is not processed
  std::uint64_t end = 0, processed = 0; ///< topic offsets; processed = end - events
  std::optional<double> processed_per_s, arrived_per_s, drain_s;
  trend goes = trend::steady;
  bool never_drains = false;            ///< it grows at these rates
  std::optional<time_us> unknown_since; ///< the log's node was not heard since
  std::string position, consumer, lease, problem;
  health shown = health::ok;
};

struct group_view {
  std::string name, kind, pattern; ///< kind: group or subscription
  std::vector<std::string> logs;
  std::uint32_t members = 0, parked_keys = 0;
  std::uint64_t repeated = 0, lag_events = 0;
  double worst_seconds = 0;                    ///< of the rows that are known
  std::uint32_t lag_unknown = 0, lag_rows = 0; ///< rows of its lag whose log is not heard, and all
  health shown = health::ok;
  std::string why;
};

struct service_view {
  std::string node, name, state, why;
  std::uint32_t in_flight = 0, restarts = 0;
  std::uint64_t handled = 0, failed = 0;
  double handled_per_s = 0;
  health shown = health::ok;
};

/// How long something took in the last minute.
struct latency_view {
  std::string what;       ///< publish, delivery, handler
  std::string name;       ///< topic, group or service
  telemetry::sketch took; ///< of all nodes
};

/// The six figures of the overview.
struct totals {
  double published_per_s = 0, delivered_per_s = 0, repeated_per_min = 0;
  std::optional<double> published_change, delivered_change; ///< against the mean of the last 5 minutes; 0.03: 3 % more
  std::optional<double> delivery_p99_s, publish_p99_s;
  std::size_t nodes_well = 0, nodes = 0, nodes_silent = 0;
  std::string worst_lag_group; ///< empty: none
  double worst_lag_s = 0;
  std::size_t groups_unknown = 0; ///< whose lag is known of none of their logs
  trend worst_lag_goes = trend::steady;
  std::string most_repeated_group;
};

/// Which rows the lists of a snapshot have: lists of one number have rows of the same names, in any two snapshots of
/// this process. 0: nobody compared them.
struct row_sets {
  std::uint64_t nodes = 0, links = 0, flows = 0, topics = 0, groups = 0, lag = 0;
};

/// All lists are sorted by what names their rows, so that two snapshots are compared in one pass.
/// @thread any: immutable once it is shared
struct snapshot {
  time_us at = 0;
  std::uint64_t sequence = 0;          ///< rises with each that is made
  std::string mesh;                    ///< its name or id, for titles and exports
  std::vector<node_view> nodes;        ///< by name
  std::vector<link_view> links;        ///< by (a, b)
  std::vector<flow_view> flows;        ///< by (from, to, pattern, name, path)
  std::vector<hop_view> hops;          ///< by (from, to)
  std::vector<topic_view> topics;      ///< by name
  std::vector<group_view> groups;      ///< by name
  std::vector<lag_view> lag;           ///< by (group, log, topic)
  std::vector<service_view> services;  ///< by (node, name)
  std::vector<latency_view> latencies; ///< by (what, name)
  totals sums;
  row_sets sets;
  std::uint64_t frames_taken = 0;   ///< since the start
  std::uint64_t frames_dropped = 0; ///< that a full queue lost, since the start
  std::uint64_t frames_refused = 0; ///< that are no frames, or too large
  std::uint64_t rows_refused = 0;   ///< of frames that were taken: more than limits.hpp has room for
  std::vector<std::string> missing; ///< of the past: nodes whose logs could not be read for it now
  std::string problem;              ///< of the past: why it can't be shown, or only in part; empty: it can
};
using snapshot_ptr = std::shared_ptr<const snapshot>;

} // namespace weft::monitor
