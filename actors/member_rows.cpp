#include "actors/member_rows.hpp"

#include "mesh/security/roles.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace weft::actors {
namespace {

using nlohmann::json;

/// A node that is away answers for nothing it said of itself.
std::string_view health_of(const membership::member& who) {
  using enum membership::member_state;
  if (who.state == dead || who.state == left) return "unknown";
  return who.record.frozen_since ? "frozen" : "serving";
}

json row_of(const membership::member& who, instant now) {
  const auto& record = who.record;
  const auto since = now.wall - (now.mono - who.since);
  return {{"name", record.name},
          {"id", to_string(record.id)},
          {"number", record.number.value()},
          {"state", to_string(who.state)},
          {"since_us", since.us},
          {"state_s", static_cast<double>((now.mono - who.since).count()) / 1e6},
          {"address", record.addresses.empty() ? "" : record.addresses.front()},
          {"addresses", record.addresses},
          {"zone", record.zone},
          {"roles", to_string(security::role_set{record.roles})},
          {"epoch", to_string(record.epoch)},
          {"head", nullptr},
          {"health", health_of(who)},
          {"health_why", record.frozen_why},
          {"incarnation", record.incarnation.value()},
          {"self", false}};
}

/// Itself, before it has announced anything.
membership::member own_member(const node_services& services, instant now) {
  membership::member self;
  self.state = membership::member_state::alive;
  self.since = now.mono;
  auto& record = self.record;
  record.id = services.facts.id;
  record.number = services.facts.number;
  record.addresses = services.addresses;
  record.zone = services.zone;
  record.roles = services.roles.bits;
  record.epoch = services.log.state().epoch;
  return self;
}

/// What this node knows of itself, whatever it has announced and another certificate of its key says.
void add_own(json& row, const node_services& services) {
  const auto state = services.log.state();
  row["name"] = services.facts.name;
  row["head"] = state.synced_end.value();
  row["health"] = state.health.frozen ? "frozen" : "serving";
  row["health_why"] = state.health.why;
}

} // namespace

json member_rows(const node_services& services, const membership::directory& members,
                 const std::map<node_id, membership::peer_link>& linked, const std::vector<node_id>& neighbors,
                 instant now) {
  std::vector<const membership::member*> all;
  for (const auto& [id, who] : members.members())
    all.push_back(&who);
  const auto& self = services.facts.id;
  std::optional<membership::member> own;
  if (members.find(self) == nullptr) all.push_back(&own.emplace(own_member(services, now)));
  std::ranges::sort(
      all, {}, [&](const auto* who) { return std::tuple(who->record.id != self, who->record.number, who->record.id); });
  auto rows = json::array();
  for (const auto* who : all) {
    auto row = row_of(*who, now);
    row["self"] = who->record.id == self;
    row["linked"] = linked.contains(who->record.id);
    row["neighbor"] = std::ranges::find(neighbors, who->record.id) != neighbors.end();
    if (who->record.id == self) add_own(row, services);
    rows.push_back(std::move(row));
  }
  return json{{"nodes", std::move(rows)}};
}

} // namespace weft::actors
