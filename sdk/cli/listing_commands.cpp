#include "sdk/cli/commands.hpp"
#include "sdk/cli/listing.hpp"

#include <memory>

namespace weft::cli {
namespace {

void add_listing(command_line& weft, const std::string& singular, const std::string& about, listing what) {
  auto options = std::make_shared<listing_options>();
  auto at = weft.add(what.command, about);
  if (!singular.empty()) at.alias(singular);
  declare(at, *options);
  at.example("weft " + what.command + " --data data/a --watch");
  at.runs([options, what = std::move(what)] { return show(what, *options); });
}

} // namespace

void add_nodes(command_line& weft) {
  add_listing(weft, "", "Lists the nodes of the mesh",
              {.command = "nodes",
               .question = "nodes",
               .list = "nodes",
               .fields = {{"NAME", "name"},
                          {"NUMBER", "number", shown_as::number},
                          {"STATE", "state"},
                          {"FOR", "state_s", shown_as::span},
                          {"ZONE", "zone"},
                          {"HEALTH", "health"},
                          {"EPOCH", "epoch"},
                          {"HEAD", "head", shown_as::number},
                          {"ADDRESS", "address"},
                          {"ID", "id"}},
               .when_empty = "no nodes"});
}

void add_flows(command_line& weft) {
  add_listing(weft, "flow", "Lists the running transfers of events from logs to consumers",
              {.command = "flows",
               .question = "flows",
               .list = "flows",
               .fields = {{"FROM", "from"},
                          {"TO", "to"},
                          {"PATTERN", "pattern"},
                          {"PATH", "path"},
                          {"EVENTS", "events_per_s", shown_as::rate},
                          {"BYTES", "bytes_per_s", shown_as::byte_rate},
                          {"CREDIT", "credit", shown_as::bytes},
                          {"LAG", "lag_events", shown_as::number}},
               .when_empty = "no flows: nobody subscribes to this node's log or through this node"});
}

void add_lag(command_line& weft) {
  add_listing(weft, "", "Lists how far named subscriptions are behind, per log and topic",
              {.command = "lag",
               .question = "lag",
               .list = "lag",
               .fields = {{"NAME", "name"},
                          {"LOG", "log"},
                          {"TOPIC", "topic"},
                          {"EVENTS", "events", shown_as::number},
                          {"BYTES", "bytes", shown_as::bytes},
                          {"OLDEST", "seconds", shown_as::span}},
               .when_empty = "no named subscriptions"});
}

} // namespace weft::cli
