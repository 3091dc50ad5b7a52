#include "actors/member_news.hpp"

#include "actors/node_services.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <variant>

namespace weft::actors {
namespace {

/// From an observer nobody takes events. The certificate says who is one: a record is the node's own word.
wire::topic_summary topics_of(const membership::member& who) {
  return security::role_set{who.identity.roles}.has(security::role::observer) ? wire::topic_summary{}
                                                                              : who.record.topics;
}

} // namespace

using membership::directory_event;
using membership::member_state;

void member_news::tell(const membership::node_membership::out::happened& event,
                       const membership::directory& members) const {
  std::visit([&](const auto& what) { tell(what, members); }, event.what);
  services_.telemetry.state_changed();
}

void member_news::tell(const directory_event::member_added& added, const membership::directory& members) const {
  const auto* who = members.find(added.node);
  if (who == nullptr) return;
  if (added.node != services_.facts.id)
    services_.to.info(fmt::format("{} is a member of this mesh", who->record.name));
  else
    heard_of_self(*who);
  tell_router(*who);
}

void member_news::tell(const directory_event::record_changed& changed, const membership::directory& members) const {
  const auto* who = members.find(changed.node);
  if (who == nullptr) return;
  if (changed.node == services_.facts.id) heard_of_self(*who);
  tell_router(*who);
}

/// The record may be one that an older life of this node made, or another machine with its key.
void member_news::heard_of_self(const membership::member& self) const {
  services_.keeper.heard_of_epoch(self.record.epoch, replication::epoch_watch::source::own_record);
}

void member_news::tell(const directory_event::state_changed& changed, const membership::directory& members) const {
  const auto* who = members.find(changed.node);
  if (who == nullptr) return;
  const auto text = fmt::format("{} {} {}", who->record.name, changed.after == member_state::left ? "has" : "is",
                                to_string(changed.after));
  if (changed.after == member_state::dead)
    services_.to.warning(text);
  else
    services_.to.info(text);
  tell_router(*who);
}

void member_news::tell(const directory_event::member_removed& removed, const membership::directory&) const {
  router_.member_gone(removed.node);
  services_.copies.member_gone(removed.node);
}

void member_news::tell(const directory_event::name_shared& shared, const membership::directory& members) const {
  const auto* holder = members.find(shared.holder);
  if (holder == nullptr) return;
  services_.to.warning(fmt::format(
      "two nodes have the {} {}: it means the one with the newer certificate, {}", shared.number ? "number" : "name",
      shared.number ? fmt::format("{}", holder->identity.number.value()) : holder->identity.name,
      to_string(shared.holder)));
}

void member_news::tell(const directory_event::refused& refused, const membership::directory&) const {
  services_.to.warning(
      fmt::format("not taken from {}: {} ({} in all)", to_string(refused.node), refused.why.message(), refused.count));
}

void member_news::tell_router(const membership::member& who) const {
  routing::router_in::member one;
  one.links = {who.identity.id, who.identity.number, who.record.zone,
               security::role_set{who.record.roles}.has(security::role::relay), who.record.links};
  one.name = who.record.name;
  one.alive = who.state == member_state::alive || who.state == member_state::suspect;
  one.dialable = !who.record.addresses.empty();
  one.topics = topics_of(who);
  router_.member(std::move(one));
  tell_copies(who);
}

void member_news::tell_copies(const membership::member& who) const {
  using presence = replication::storage_nodes::presence;
  constexpr std::array states{presence::alive, presence::suspect, presence::dead, presence::left};
  const auto state = states.at(static_cast<std::size_t>(who.state));
  auto may_have = [topics = topics_of(who)](const std::string& name) {
    const auto pattern = topic_pattern::parse(name);
    return pattern && routing::may_match(topics, *pattern);
  };
  services_.copies.member(
      {{who.identity.id, who.record.zone, security::role_set{who.record.roles}.has(security::role::storage),
        who.is_overdue(services_.clock.wall()) ? std::max(state, presence::dead) : state},
       std::move(may_have)},
      who.record.name);
}

} // namespace weft::actors
