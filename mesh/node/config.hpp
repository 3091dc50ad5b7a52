// mesh/node/config.hpp: what an operator can set of a node, and the TOML file that sets it.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/topic_settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::node {

enum class diagnostics_level : std::uint8_t { debug = 0, info = 1, warning = 2, error = 3 };

/// One member a key; the names are those of the file, its tables are the structs. A fresh one has the defaults.
/// config_keys.hpp has the table of all keys: type, range and meaning of each.
struct config {
  std::string name;
  std::string data;
  std::string listen;
  std::vector<std::string> advertise;
  std::string zone;
  std::string join;
  std::vector<std::string> seeds;

  /// Of topics that a publish makes.
  wire::topic_settings topics;

  struct log_part {
    std::uint64_t segment_bytes = limits::segment_bytes;
    std::uint64_t tail_cache_bytes = limits::tail_cache_bytes;
    microseconds written_sync_within = limits::written_sync_within;
    std::uint64_t commit_queue_bytes = limits::commit_queue_bytes_max;
    friend bool operator==(const log_part&, const log_part&) = default;
  } log;

  struct links_part {
    microseconds heartbeat_interval = limits::heartbeat_interval;
    microseconds heartbeat_timeout = limits::heartbeat_timeout;
    microseconds handshake_within = limits::handshake_within;
    std::uint64_t run_bytes = limits::link_credit_bytes_max;
    friend bool operator==(const links_part&, const links_part&) = default;
  } links;

  struct routing_part {
    std::uint64_t demands = limits::demands_max;
    std::uint64_t demands_per_link = limits::flows_per_link_max;
    std::uint64_t relay_bytes = limits::relayed_bytes_max;
    friend bool operator==(const routing_part&, const routing_part&) = default;
  } routing;

  struct cursors_part {
    microseconds publish_interval = limits::cursor_publish_interval;
    microseconds lease_time = limits::lease_unused_max;
    std::uint64_t lease_bytes = limits::lease_bytes_max;
    friend bool operator==(const cursors_part&, const cursors_part&) = default;
  } cursors;

  struct replication_part {
    std::uint64_t catch_up_rate = limits::catch_up_bytes_per_s;
    microseconds replace_after = limits::replace_after;
    friend bool operator==(const replication_part&, const replication_part&) = default;
  } replication;

  struct telemetry_part {
    microseconds every = limits::telemetry_every;
    microseconds retention_time = limits::telemetry_keep_time;
    std::uint64_t retention_bytes = limits::telemetry_keep_bytes;
    std::uint64_t replicas = limits::telemetry_replicas;
    microseconds rollup_every = limits::rollup_every;
    microseconds rollup_retention_time = limits::rollup_keep_time;
    std::uint64_t rollup_retention_bytes = limits::rollup_keep_bytes;
    friend bool operator==(const telemetry_part&, const telemetry_part&) = default;
  } telemetry;

  struct diagnostics_part {
    diagnostics_level level = diagnostics_level::info;
    friend bool operator==(const diagnostics_part&, const diagnostics_part&) = default;
  } diagnostics;

  friend bool operator==(const config&, const config&) = default;
};

/// Reads a TOML text. What it does not set stays as it is in `base`.
/// @param source  how messages name the text: the file's path
/// @error errc::invalid_argument  one line a problem, each with source:line:column, the key and what to write instead
[[nodiscard]] result<config> parse_config(std::string_view toml, const std::string& source, config base = {});

/// Rules that need more than one key, for after the command line has added its part.
/// @error errc::invalid_argument  as above, without the place
[[nodiscard]] result<void> check_config(const config& item);

} // namespace weft::node
