#include "mesh/node/config_keys.hpp"

#include "mesh/base/names.hpp"
#include "mesh/base/text_units.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>

namespace weft::node {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1U << 10U, mib = 1U << 20U, gib = 1U << 30U;

constexpr std::array<std::string_view, 4> levels = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2 + limits::replicas_max> acks = {
    "synced",     "written",    "replicas=1", "replicas=2", "replicas=3",
    "replicas=4", "replicas=5", "replicas=6", "replicas=7"}; // in the order of ack_level's codes
constexpr std::array<std::string_view, 2> codecs = {"none", "lz4"};
constexpr std::array<std::string_view, 2> off_or_on = {"off", "on"};
constexpr std::array<std::string_view, 2> ends_of_keeping = {"none", "consumed"};

/// tcp://HOST:PORT, an IPv6 address in brackets.
result<void> check_address(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  const auto colon = text.rfind(':');
  const auto host = text.starts_with(scheme) && colon != std::string_view::npos && colon > scheme.size()
                        ? text.substr(scheme.size(), colon - scheme.size())
                        : std::string_view();
  const auto port = host.empty() ? std::string_view() : text.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
  const bool colons = host.find(':') != std::string_view::npos;
  if (!digits || std::stoul(std::string(port)) > 65'535 || (colons && !(host.starts_with('[') && host.ends_with(']'))))
    return fail(errc::invalid_argument, "write an address as tcp://HOST:PORT");
  return {};
}

/// As check_address, without names: a socket is bound to numbers.
result<void> check_listen(std::string_view text) {
  if (auto known = check_address(text); !known) return known;
  constexpr std::string_view scheme = "tcp://";
  const auto host = text.substr(scheme.size(), text.rfind(':') - scheme.size());
  if (host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos) return {};
  return fail(errc::invalid_argument,
              "write where it listens as tcp://ADDRESS:PORT, in numbers such as 127.0.0.1 or [::1]: "
              "names are for advertise and seeds");
}

constexpr std::array table = {
    config_key{"name", text_key{[](config& c) -> std::string& { return c.name; }, check_node_name},
               "Name of the node in its mesh."},
    config_key{"data", text_key{[](config& c) -> std::string& { return c.data; }, nullptr},
               "Directory of the log, the catalog and the keys; one node each."},
    config_key{"listen", text_key{[](config& c) -> std::string& { return c.listen; }, check_listen},
               "Where other nodes can dial this one, `tcp://ADDRESS:PORT` in numbers; port 0 is chosen once and kept; "
               "unset: nowhere."},
    config_key{"advertise", list_key{[](config& c) -> std::vector<std::string>& { return c.advertise; }, check_address},
               "What other nodes dial when it differs from `listen`, best first; port 0: the one it listens at. Needed "
               "when `listen` is 0.0.0.0 or [::]."},
    config_key{
        "zone", text_key{[](config& c) -> std::string& { return c.zone; }, check_node_name},
        "Nodes with one zone are near each other; each event passes once from zone to zone. Named as nodes are."},
    config_key{"join", text_key{[](config& c) -> std::string& { return c.join; }, nullptr},
               "File with the invitation to a mesh, used at the first start; unset: found a mesh."},
    config_key{"seeds", list_key{[](config& c) -> std::vector<std::string>& { return c.seeds; }, check_address},
               "More addresses of the node that invited this one, dialled again and again: for when it has moved."},
    config_key{"topics.retention_time",
               optional_duration_key{[](config& c) -> std::optional<microseconds>& { return c.topics.keep_time; }, 1s},
               "How long a new topic keeps its events; unset: for ever."},
    config_key{
        "topics.retention_bytes",
        optional_size_key{[](config& c) -> std::optional<std::uint64_t>& { return c.topics.keep_bytes; }, 64 * kib},
        "How many stored bytes a new topic keeps in this node's log; unset: all."},
    config_key{"topics.retention_until",
               choice_key{[](const config& c) -> std::size_t { return c.topics.until_consumed ? 1 : 0; },
                          [](config& c, std::size_t choice) { c.topics.until_consumed = choice == 1; },
                          ends_of_keeping},
               "`consumed`: events of a new topic go when all groups and named subscriptions that read it have them "
               "behind their cursors."},
    config_key{"topics.compaction",
               choice_key{[](const config& c) { return static_cast<std::size_t>(c.topics.compaction ? 1 : 0); },
                          [](config& c, std::size_t choice) { c.topics.compaction = choice == 1; }, off_or_on},
               "Whether a new topic keeps only the last event of each key for ever; events without a key all stay."},
    config_key{"topics.compaction_after",
               duration_key{[](config& c) -> microseconds& { return c.topics.compaction_after; }, 0s, 24h * 36'500},
               "How long every event of a new topic with compaction stays, since it was published."},
    config_key{"topics.tombstones",
               duration_key{[](config& c) -> microseconds& { return c.topics.tombstones_kept; }, 0s, 24h * 36'500},
               "How long an event with a key and no value, which says that the key is gone, stays in a new topic with "
               "compaction."},
    config_key{"topics.codec",
               choice_key{[](const config& c) { return static_cast<std::size_t>(c.topics.codec); },
                          [](config& c, std::size_t choice) { c.topics.codec = static_cast<wire::codec>(choice); },
                          codecs},
               "How the values of a new topic are compressed by publishers that do not say it themselves."},
    config_key{"topics.ack",
               choice_key{[](const config& c) -> std::size_t { return c.topics.ack.code(); },
                          [](config& c, std::size_t choice) {
                            c.topics.ack = ack_level::from_code(static_cast<std::uint8_t>(choice));
                          },
                          acks},
               "When a publish to a new topic that does not say it itself is acknowledged: on disk, (unsafe) when the "
               "operating system has it, or when so many other nodes have it on disk too."},
    config_key{"topics.replicas",
               count_key{[](const config& c) -> std::uint64_t { return c.topics.replicas; },
                         [](config& c, std::uint64_t count) { c.topics.replicas = static_cast<std::uint8_t>(count); },
                         0, limits::replicas_max},
               "How many other nodes keep a copy of a new topic. All nodes are told of a topic with replicas; what one "
               "knows of a topic already goes over its configuration."},
    config_key{"log.segment_bytes",
               size_key{[](config& c) -> std::uint64_t& { return c.log.segment_bytes; }, 4 * mib, 1 * gib},
               "Size of a file of the log."},
    config_key{"log.tail_cache_bytes",
               size_key{[](config& c) -> std::uint64_t& { return c.log.tail_cache_bytes; }, 1 * mib, 4 * gib},
               "Memory for the newest entries, from which live consumers read."},
    config_key{"log.written_sync_within",
               duration_key{[](config& c) -> microseconds& { return c.log.written_sync_within; }, 1ms, 1s},
               "What is acknowledged as `written` is on disk after this time at the latest."},
    config_key{"log.commit_queue_bytes",
               size_key{[](config& c) -> std::uint64_t& { return c.log.commit_queue_bytes; }, 2 * mib, 1 * gib},
               "Batches that may wait for the disk; then publishers have to wait."},
    config_key{"links.heartbeat_interval",
               duration_key{[](config& c) -> microseconds& { return c.links.heartbeat_interval; }, 50ms, 60s},
               "How often a node tells its peers that it is there."},
    config_key{"links.heartbeat_timeout",
               duration_key{[](config& c) -> microseconds& { return c.links.heartbeat_timeout; }, 200ms, 600s},
               "A peer that was silent for this long is disconnected; at least twice `links.heartbeat_interval`."},
    config_key{"links.handshake_within",
               duration_key{[](config& c) -> microseconds& { return c.links.handshake_within; }, 100ms, 60s},
               "Who has not proven its identity by then is disconnected."},
    config_key{
        "links.run_bytes",
        size_key{[](config& c) -> std::uint64_t& { return c.links.run_bytes; }, 4 * mib, limits::leg_silent_bytes},
        "Memory for events on their way to one peer or program, from the disk until the network has taken them; "
        "its flows share it."},
    config_key{"routing.demands",
               count_key{[](const config& c) { return c.routing.demands; },
                         [](config& c, std::uint64_t count) { c.routing.demands = count; }, 1, 1'000'000},
               "How many demands of other nodes this one serves; past it they are told `busy` and ask elsewhere."},
    config_key{"routing.demands_per_link",
               count_key{[](const config& c) { return c.routing.demands_per_link; },
                         [](config& c, std::uint64_t count) { c.routing.demands_per_link = count; }, 1,
                         limits::flows_per_link_max},
               "How many of them one peer may have, and how many subscriptions one program."},
    config_key{"routing.relay_bytes",
               size_key{[](config& c) -> std::uint64_t& { return c.routing.relay_bytes; }, 16 * mib, 1024 * gib},
               "Memory for other nodes' events that pass through this one; past it new demands for them are told "
               "`busy`, and who is slower than others reads on its own."},
    config_key{"cursors.publish_interval",
               duration_key{[](config& c) -> microseconds& { return c.cursors.publish_interval; }, 1ms, 60s},
               "How often cursors that move are written: after a crash, this much is delivered again."},
    config_key{"cursors.lease_time",
               duration_key{[](config& c) -> microseconds& { return c.cursors.lease_time; }, 1s, 365 * 24h},
               "How long a named subscription or a group that nobody uses holds retention back; used ones hold it."},
    config_key{
        "cursors.lease_bytes",
        size_key{[](config& c) -> std::uint64_t& { return c.cursors.lease_bytes; }, 0, 1024ULL * 1024 * gib},
        "Stored bytes of each topic that are kept beyond its retention because a cursor still needs them; past it "
        "the oldest go, and who needed them is told of a gap. 0: cursors hold nothing."},
    config_key{"replication.catch_up_rate",
               size_key{[](config& c) -> std::uint64_t& { return c.replication.catch_up_rate; }, 1 * mib, 64 * gib},
               "Bytes a second that this node's copies of other logs take in while they are behind: live flows come "
               "first."},
    config_key{
        "replication.replace_after",
        duration_key{[](config& c) -> microseconds& { return c.replication.replace_after; }, 1s, 30 * 24h},
        "A storage node that is dead for this long is replaced: another one takes the copies that it had. The same "
        "on all nodes."},
    config_key{"telemetry.every", duration_key{[](config& c) -> microseconds& { return c.telemetry.every; }, 0s, 10s},
               "How often a node publishes what has changed of its figures, at least 100ms; a monitor shows no less "
               "late. 0s: never, and a monitor knows of it by others' word only."},
    config_key{"telemetry.retention_time",
               duration_key{[](config& c) -> microseconds& { return c.telemetry.retention_time; }, 1min, 365 * 24h},
               "How far back a monitor can look at this node."},
    config_key{"telemetry.retention_bytes",
               size_key{[](config& c) -> std::uint64_t& { return c.telemetry.retention_bytes; }, 1 * mib, 64 * gib},
               "How many stored bytes of this node's log its figures may take."},
    config_key{"telemetry.replicas",
               count_key{[](const config& c) { return c.telemetry.replicas; },
                         [](config& c, std::uint64_t count) { c.telemetry.replicas = count; }, 0, limits::replicas_max},
               "How many storage nodes keep a copy of each node's figures, so that a monitor can ask what a dead one "
               "said. The same on all nodes. 0: what it said goes with it."},
    config_key{"telemetry.rollup_every",
               duration_key{[](config& c) -> microseconds& { return c.telemetry.rollup_every; }, 0s, 1h},
               "What a roll-up of this node's figures sums up: long spans are drawn from these. At least 10s; 0s: none "
               "are made."},
    config_key{
        "telemetry.rollup_retention_time",
        duration_key{[](config& c) -> microseconds& { return c.telemetry.rollup_retention_time; }, 1min, 5 * 365 * 24h},
        "How far back long spans can be drawn."},
    config_key{
        "telemetry.rollup_retention_bytes",
        size_key{[](config& c) -> std::uint64_t& { return c.telemetry.rollup_retention_bytes; }, 1 * mib, 64 * gib},
        "How many stored bytes of this node's log its roll-ups may take."},
    config_key{
        "diagnostics.level",
        choice_key{[](const config& c) { return static_cast<std::size_t>(c.diagnostics.level); },
                   [](config& c, std::size_t choice) { c.diagnostics.level = static_cast<diagnostics_level>(choice); },
                   levels},
        "The least severe diagnostics that are written to stderr."},
};

/// Levenshtein's distance.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const auto swapped = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({swapped, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

std::span<const config_key> config_keys() noexcept { return table; }

const config_key* find_config_key(std::string_view name) noexcept {
  const auto found = std::ranges::find(table, name, &config_key::name);
  return found == table.end() ? nullptr : &*found;
}

const config_key* nearest_config_key(std::string_view name) {
  // The last part counts too: a key that stands in the wrong table is near.
  const auto distance = [&](const config_key& key) {
    const auto last = key.name.substr(key.name.rfind('.') + 1);
    return std::min(edits(name, key.name), edits(name.substr(name.rfind('.') + 1), last) + 1);
  };
  const auto nearest = std::ranges::min_element(table, {}, distance);
  return distance(*nearest) <= std::max<std::size_t>(2, name.size() / 3) ? &*nearest : nullptr;
}

} // namespace weft::node
