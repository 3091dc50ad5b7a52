#include "actors/running_node.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/node/config_keys.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/interrupt.hpp"
#include "sdk/cli/output.hpp"

#include <csignal>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

namespace weft::cli {
namespace {

constexpr std::uint64_t config_bytes_max = 1U << 20U;
constexpr auto look_every = std::chrono::hours(1); // an interruption wakes the wait at once

struct node_words {
  std::optional<std::string> name, listen, zone, join, config;
  std::vector<std::string> advertise;
  std::string data;
};

/// The file's configuration with the words of the command line over it.
result<node::config> configured(const node_words& words) {
  node::config all;
  if (words.config) {
    const auto text = read_file(os_disk(), *words.config, config_bytes_max);
    if (!text) return fail(text.error());
    auto parsed = node::parse_config(as_text(*text), *words.config);
    if (!parsed) return parsed;
    all = *std::move(parsed);
  }
  if (!words.data.empty()) all.data = words.data;
  if (words.name) all.name = *words.name;
  if (words.listen) all.listen = *words.listen;
  if (!words.advertise.empty()) all.advertise = words.advertise;
  if (words.zone) all.zone = *words.zone;
  if (words.join) all.join = *words.join;
  if (const auto checked = node::check_config(all); !checked) return fail(checked.error());
  return all;
}

result<actors::node_options> options_of(const node::config& all) {
  actors::node_options options;
  options.name = all.name;
  options.data_dir = all.data;
  if (!all.listen.empty()) options.listen = all.listen;
  options.advertise = all.advertise;
  options.zone = all.zone;
  if (!all.join.empty()) {
    const auto text = read_file(os_disk(), all.join, config_bytes_max);
    if (!text) return fail(text.error().within("cannot read the invitation"));
    options.invitation = std::string(as_text(*text));
  }
  options.seeds = all.seeds;
  options.settings = {.new_topics = all.topics,
                      .cursor_publish_interval = all.cursors.publish_interval,
                      .lease_time = all.cursors.lease_time,
                      .lease_bytes = all.cursors.lease_bytes,
                      .catch_up_bytes_per_s = all.replication.catch_up_rate,
                      .replace_after = all.replication.replace_after,
                      .demands_max = all.routing.demands,
                      .demands_per_link_max = all.routing.demands_per_link,
                      .relay_bytes_max = all.routing.relay_bytes,
                      .link_bytes_max = all.links.run_bytes,
                      .telemetry_every = all.telemetry.every,
                      .telemetry_keep_time = all.telemetry.retention_time,
                      .telemetry_keep_bytes = all.telemetry.retention_bytes,
                      .telemetry_replicas = static_cast<std::uint32_t>(all.telemetry.replicas),
                      .rollup_every = all.telemetry.rollup_every,
                      .rollup_keep_time = all.telemetry.rollup_retention_time,
                      .rollup_keep_bytes = all.telemetry.rollup_retention_bytes};
  options.segment_bytes = all.log.segment_bytes;
  options.tail_cache_bytes = all.log.tail_cache_bytes;
  options.commit_queue_bytes = all.log.commit_queue_bytes;
  options.written_sync_within = all.log.written_sync_within;
  options.heartbeat_interval = all.links.heartbeat_interval;
  options.heartbeat_timeout = all.links.heartbeat_timeout;
  options.handshake_within = all.links.handshake_within;
  return options;
}

actors::severity severity_of(node::diagnostics_level level) {
  switch (level) {
  case node::diagnostics_level::debug: return actors::severity::debug;
  case node::diagnostics_level::info: return actors::severity::info;
  case node::diagnostics_level::warning: return actors::severity::warning;
  case node::diagnostics_level::error: break;
  }
  return actors::severity::error;
}

int serve(const node_words& words) {
  const auto all = configured(words);
  if (!all) return report("node", all.error());
  if (all->data.empty()) throw usage_error{"--data is required: say where the node keeps its log, or set WEFT_DATA"};
  auto options = options_of(*all);
  if (!options) return report("node", options.error());

  const interrupt stop; // before anything that a signal should stop cleanly
  options->on_left = [] { ::kill(::getpid(), SIGTERM); };
  actors::diagnostics diagnostics{all->name, severity_of(all->diagnostics.level)};
  auto node = actors::running_node::start(*options, diagnostics);
  if (!node) return report("node", node.error());
  const auto& address = (*node)->address();
  print(fmt::format("ready {}\n", address.empty() ? "local" : address));
  while (!stop.wait_for(look_every)) {}
  (*node)->stop();
  return exit_success;
}

} // namespace

void add_node(command_line& weft) {
  auto words = std::make_shared<node_words>();
  weft.add("node", "Runs a node: its log, its links to others and a socket for local programs")
      .option("--name", "NAME", words->name, "The node's name ([a-z0-9-]), the same at each start")
      .option("--data", "DIR", words->data, "Its data directory, made when missing; by default $WEFT_DATA")
      .option("--listen", "ADDRESS", words->listen,
              "tcp://ADDRESS:PORT for other nodes, in numbers; port 0 is chosen once and kept")
      .option("--advertise", "ADDRESS", words->advertise,
              "What others dial, when it differs; may be given more than once")
      .option("--zone", "NAME", words->zone, "Where it is: events pass once from zone to zone")
      .option("--join", "FILE", words->join, "An invitation (see weft invite); without one it founds a mesh of its own")
      .option("--config", "FILE", words->config, "A TOML file with the keys below; options go before it")
      .notes(
          "\nPrints `ready ADDRESS` when it serves. SIGTERM and Ctrl-C stop it.\n\nConfiguration (key = default):\n" +
          node::describe_keys())
      .example("weft node --name a --data data/a --listen tcp://127.0.0.1:7601")
      .runs([words] {
        if (const char* const data = std::getenv("WEFT_DATA"); words->data.empty() && !words->config && data != nullptr)
          words->data = data;
        return serve(*words);
      });
}

} // namespace weft::cli
