#include "actors/router_documents.hpp"

#include "mesh/base/text_time.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

namespace weft::actors {
namespace {

using nlohmann::json;

const char* state_of(const router_memory& known, const routing::router_in::member& one) {
  if (known.peers.contains(one.links.id)) return "alive";
  if (known.guessed.contains(one.links.id)) return "suspect";
  return one.alive ? "alive" : "dead";
}

/// A round trip of 64 us has cost 0, each doubling one more.
json round_trip_s(std::optional<std::uint8_t> cost) {
  return cost ? json(64e-6 * static_cast<double>(1ULL << std::min(*cost, limits::link_cost_max))) : json();
}

json route_row(const router_memory& known, const std::string& name, const node_id& id, const char* state,
               const routing::router::way& way, const node_services& services) {
  const auto named = [&](const node_id& node) {
    return node == services.facts.id ? services.facts.name : known.name_of(node);
  };
  auto path = json::array(); // as of flows: from the log's node to here
  for (const auto& node : std::ranges::reverse_view(way.nodes))
    path.push_back(named(node));
  json row{{"node", name}, {"id", to_string(id)}, {"state", state}, {"path", std::move(path)}};
  row["boundaries"] = way.distance ? json(way.distance->boundaries) : json();
  row["rank"] = way.distance ? json(way.distance->rank) : json();
  row["cost"] = way.distance ? json(way.distance->cost) : json();
  row["next"] = way.hop ? json(named(*way.hop)) : json();
  row["why"] = way.why.empty() ? json() : json(way.why);
  return row;
}

} // namespace

std::string links_document(const router_memory& known, mono_time now) {
  auto links = json::array();
  for (const auto& [id, peer] : known.peers) {
    const auto flows_in = std::count_if(known.standing.begin(), known.standing.end(),
                                        [&id](const auto& item) { return item.first.first == id; });
    const auto flows_out = std::count_if(known.demands.begin(), known.demands.end(),
                                         [&id](const auto& item) { return item.first.peer == id; });
    const auto traffic = peer.who.traffic ? peer.who.traffic->at(now) : node::link_traffic::facts{};
    links.push_back({{"name", peer.who.name},
                     {"id", to_string(id)},
                     {"address", peer.who.address},
                     {"direction", peer.who.dialled ? "out" : "in"},
                     {"kind", known.wanted_links.contains(id) ? "route" : "overlay"},
                     {"cost", peer.cost ? json(*peer.cost) : json()},
                     {"round_trip_s", round_trip_s(peer.cost)},
                     {"flows_in", flows_in},
                     {"flows_out", flows_out},
                     {"bytes_received", traffic.received},
                     {"bytes_sent", traffic.sent},
                     {"bytes_received_per_s", traffic.received_per_s},
                     {"bytes_sent_per_s", traffic.sent_per_s},
                     {"since", rfc3339_text(peer.since)}});
  }
  return json{{"links", std::move(links)}}.dump();
}

std::string routes_document(const node_services& services, const router_memory& known, routing::router& machine,
                            const topic_pattern& topics) {
  auto routes = json::array();
  if (services.topics.any_of(topics))
    routes.push_back(
        route_row(known, services.facts.name, services.facts.id, "alive", machine.way_to(services.own_log), services));
  for (const auto& [id, one] : known.members) {
    if (id == services.facts.id || !routing::may_match(one.topics, topics)) continue;
    routes.push_back(route_row(known, one.name, id, state_of(known, one), machine.way_to({id, 0}), services));
  }
  return json{{"topic", topics.text()}, {"routes", std::move(routes)}}.dump();
}

} // namespace weft::actors
