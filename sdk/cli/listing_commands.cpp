#include "sdk/cli/commands.hpp"
#include "sdk/cli/listing.hpp"
#include "weft/json.hpp"

#include <memory>

namespace weft::cli {
namespace {

void add_listing(command_line& weft, const std::string& singular, const std::string& about, listing what) {
  auto options = std::make_shared<listing_options>();
  auto at = weft.add(what.command, about);
  if (!singular.empty()) at.alias(singular);
  if (what.of_mesh)
    declare_of_mesh(at, *options);
  else
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

void add_links(command_line& weft) {
  add_listing(weft, "link", "Lists the connections with other nodes",
              {.command = "links",
               .question = "links",
               .list = "links",
               .fields = {{"NODE", "name"},
                          {"DIRECTION", "direction"},
                          {"KIND", "kind"},
                          {"RTT", "round_trip_s", shown_as::span},
                          {"IN", "bytes_received", shown_as::bytes},
                          {"IN/S", "bytes_received_per_s", shown_as::byte_rate},
                          {"OUT", "bytes_sent", shown_as::bytes},
                          {"OUT/S", "bytes_sent_per_s", shown_as::byte_rate},
                          {"FLOWS IN", "flows_in", shown_as::number},
                          {"FLOWS OUT", "flows_out", shown_as::number},
                          {"SINCE", "since"},
                          {"ADDRESS", "address"},
                          {"ID", "id"}},
               .when_empty = "no links: no other node is connected"});
}

void add_route(command_line& weft) {
  struct route_options {
    listing_options shown;
    std::string topic;
  };
  const listing routes{.command = "route",
                       .question = "route",
                       .list = "routes",
                       .fields = {{"NODE", "node"},
                                  {"STATE", "state"},
                                  {"ZONES", "boundaries", shown_as::number},
                                  {"COST", "cost", shown_as::number},
                                  {"NEXT", "next"},
                                  {"PATH", "path"},
                                  {"WHY NOT", "why"}},
                       .when_empty = "no known node has such a topic"};
  auto options = std::make_shared<route_options>();
  auto at = weft.add("route", "Shows over which nodes a topic's events come, or why they do not");
  at.operand("TOPIC", options->topic, "A topic or a pattern, as subscribe takes it");
  declare(at, options->shown);
  at.example("weft route retail.orders --data data/a");
  at.runs([options, routes] {
    auto asked = routes;
    asked.arguments.clear();
    json_writer json{asked.arguments};
    json.begin_object();
    json.name("topic");
    json.text(options->topic);
    json.end_object();
    if (const auto done = json.finish(); !done) throw usage_error{done.error().message()};
    return show(asked, options->shown);
  });
}

void add_lag(command_line& weft) {
  add_listing(weft, "", "Lists how far named subscriptions and groups are behind in each log of the mesh, per topic",
              {.command = "lag",
               .question = "lag",
               .list = "lag",
               .fields = {{"NAME", "name"},
                          {"LOG", "log"},
                          {"TOPIC", "topic"},
                          {"EVENTS", "events", shown_as::number, {}, "at_most"},
                          {"BYTES", "bytes", shown_as::bytes},
                          {"OLDEST", "seconds", shown_as::span},
                          {"DRAIN", "drain_s", shown_as::span, "drain"},
                          {"LEASE", "lease"},
                          {"HELD", "held_bytes", shown_as::bytes},
                          unknown_since},
               .when_empty = "no named subscriptions and no groups",
               .of_mesh = true,
               .below = {at_copies}});
}

} // namespace weft::cli
