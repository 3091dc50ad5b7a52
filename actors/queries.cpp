#include "actors/queries.hpp"

#include "actors/group_desk.hpp"
#include "actors/lag_desk.hpp"
#include "actors/letter_desk.hpp"
#include "actors/mesh_desk.hpp"
#include "actors/observing.hpp"
#include "mesh/base/names.hpp"

#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

/// A list of roles, each a name or several with commas.
result<security::role_set> roles_of(const json& list) {
  std::string text;
  for (const auto& item : list.is_array() ? list : json::array({list})) {
    if (!item.is_string()) return fail(errc::invalid_argument, "the argument \"roles\" is no list of names");
    text += (text.empty() ? "" : ",") + item.get<std::string>();
  }
  return security::parse_roles(text);
}

/// Arguments: {"name": ..., "roles": ["storage", "relay"], "life": seconds, "used_up_to": number}; only the name must
/// be there.
result<std::string> invite(node_services& services, const std::string& arguments) {
  if (services.desk == nullptr)
    return fail(errc::denied, "this node is no issuer: invite at the node that founded the mesh");
  if (services.addresses.empty())
    return fail(errc::invalid_argument,
                "this node can't be dialled, so nobody can join through it: start it with --listen tcp://ADDRESS:PORT");
  const auto asked = json::parse(arguments, nullptr, false);
  if (!asked.is_object() || !asked.value("name", json()).is_string())
    return fail(errc::invalid_argument, "the argument \"name\" is missing: for which node is the invitation?");
  security::invitation_request request{asked["name"].get<std::string>(), security::default_roles, services.addresses,
                                       limits::invitation_life};
  if (const auto list = asked.value("roles", json()); !list.is_null()) {
    const auto roles = roles_of(list);
    if (!roles) return fail(roles.error());
    request.roles = *roles;
  }
  if (const auto number = asked.value("used_up_to", json()); number.is_number_unsigned()) {
    if (number > std::numeric_limits<std::uint32_t>::max())
      return fail(errc::out_of_range, "no node has such a number");
    if (auto told = services.desk->used_up_to(node_number(number.get<std::uint32_t>())); !told)
      return fail(std::move(told.error()));
  }
  if (const auto life = asked.value("life", json()); life.is_number() && life > 0)
    request.life = microseconds{static_cast<std::int64_t>(life.get<double>() * 1e6)};
  const auto text = services.desk->invite(request, services.clock.wall());
  if (!text) return fail(text.error());
  return json{{"name", request.name}, {"invitation", *text}}.dump();
}

/// On a reader's thread: the catalog's disk may take its time.
void answer_invite(node_services& services, const std::string& arguments, const reply<std::string>& to) {
  services.readers.run([&services, arguments, to](log::node_log&) { to(invite(services, arguments)); });
}

/// Says `left` to the mesh, answers, and ends the node.
void answer_leave(node_services& services, const reply<std::string>& to) {
  if (!services.stop_node)
    return to(fail(errc::unsupported,
                   "this node is inside of a program: end the program, and remove its data directory "
                   "when it is not to come back"));
  services.membership.leave(reply<void>([&services, to](const result<void>& said) {
    if (!said) return to(fail(said.error()));
    to(json{{"name", services.facts.name}, {"state", "left"}}.dump());
    services.stop_node();
  }));
}

/// Arguments: {"topic": pattern}.
void answer_routes(const router_ref& router, const std::string& arguments, reply<std::string> to) {
  const auto asked = json::parse(arguments, nullptr, false);
  if (!asked.is_object() || !asked.value("topic", json()).is_string())
    return to(fail(errc::invalid_argument, "the argument \"topic\" is missing: whose routes?"));
  auto topics = topic_pattern::parse(asked["topic"].get<std::string>());
  if (!topics) return to(fail(std::move(topics.error())));
  router.routes(std::move(*topics), std::move(to));
}

} // namespace

std::string status_document(node_services& services) {
  const auto state = services.log.state();
  return json{{"name", services.facts.name},
              {"id", to_string(services.facts.id)},
              {"mesh", to_string(services.facts.mesh)},
              {"number", services.facts.number.value()},
              {"address", services.addresses.empty() ? "" : services.addresses.front()},
              {"addresses", services.addresses},
              {"epoch", to_string(state.epoch)},
              {"begin", to_string(state.begin)},
              {"head", state.synced_end.value()},
              {"written", state.written_end.value()},
              {"bytes", state.bytes},
              {"frozen", state.health.frozen},
              {"why", state.health.why}}
      .dump();
}

void answer_query(node_services& services, const router_ref& router, const wire::query& question,
                  reply<std::string> to) {
  const std::string_view what = question.what;
  if (auto may = may_change(services, fmt::format("answer '{}'", what)); !may && !only_reads(what))
    return to(fail(std::move(may).error()));
  constexpr std::string_view of_all = "mesh.";
  if (what.starts_with(of_all))
    return answer_mesh_query(services, router, question.what.substr(of_all.size()), question.arguments, to);
  if (what == "nodes") return services.membership.nodes(std::move(to));
  if (what == "links") return router.links(std::move(to));
  if (what == "route") return answer_routes(router, question.arguments, std::move(to));
  if (what == "flows") return services.telemetry.flows(std::move(to));
  if (what == "copies") return services.copies.list(std::move(to));
  if (what == "lag") return answer_lag(services, to);
  if (what == "status") return to(status_document(services));
  if (what == "leave") return answer_leave(services, to);
  if (what == "invite") return answer_invite(services, question.arguments, to);
  if (what.starts_with("groups.")) return answer_group_query(services, question.what, question.arguments, to);
  if (what.starts_with("letters.")) return answer_letter_query(services, question.what, question.arguments, to);
  if (what.starts_with("topics.") || what.starts_with("contracts.") || what.starts_with("cuts."))
    return services.keeper.query(question.what, question.arguments, std::move(to));
  to(fail(errc::unsupported,
          fmt::format("this node can't answer '{}': its version may be older than the program's", question.what)));
}

} // namespace weft::actors
