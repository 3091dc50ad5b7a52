// mesh/membership/node_membership_effects.cpp: what each machine wants, where another machine can do it.
#include "mesh/base/reached.hpp"
#include "mesh/membership/announced_links.hpp"
#include "mesh/membership/node_membership.hpp"

#include <algorithm>

namespace weft::membership {
namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};

error why_closed(link_book::reason reason) {
  switch (reason) {
  case link_book::reason::superfluous: return {errc::cancelled, "another connection to the same node stays"};
  case link_book::reason::idle: return {errc::cancelled, "nobody needs the connection"};
  case link_book::reason::full: return {errc::busy, "the node has as many connections as it may"};
  case link_book::reason::own: break;
  }
  return {errc::invalid_argument, "the address leads back to this node itself: it is no seed"};
}

} // namespace

// --- links

void node_membership::carry_out(const link_book::effects& wanted, instant now, effects& fx) {
  for (const auto& effect : wanted)
    std::visit(overloaded{[&](const link_book::out::dial& dial) { fx.emplace_back(dial); },
                          [&](const link_book::out::stop_dialling& stop) { fx.emplace_back(stop); },
                          [&](const link_book::out::close& close) {
                            fx.emplace_back(out::close{close.link, why_closed(close.why)});
                          },
                          [&](const auto& other) { do_it(other, now, fx); }},
               effect);
}

void node_membership::do_it(const link_book::out::peer_up& up, instant now, effects& fx) {
  fx.emplace_back(out::peer_up{up.peer, up.link});
  if (needs_.contains({up.peer, link_use::flow})) announce_links(now, fx);
  detector::effects detected;
  detector_.on(detector::in::relinked{up.peer}, now.mono, detected);
  carry_out(detected, now, fx);
  if (redials_.erase(up.peer) != 0) release(up.peer, link_use::contact, now, fx);
  overlay::effects joined;
  overlay_.on(overlay::in::peer_up{up.peer}, now.mono, joined);
  carry_out(joined, now, fx);
  contacts::effects met;
  contacts_.linked(up.peer, now.mono, met);
  carry_out(met, now, fx);
  if (contacts_.seeking_seeds()) gossip_.compare_with(up.peer);
}

void node_membership::do_it(const link_book::out::peer_down& down, instant now, effects& fx) {
  fx.emplace_back(out::peer_down{down.peer});
  if (needs_.contains({down.peer, link_use::flow})) announce_links(now, fx);
  const bool neighbor = std::ranges::find(overlay_.neighbors(), down.peer) != overlay_.neighbors().end();
  detector_.on(detector::in::link_lost{down.peer, down.how}, now.mono);
  if (neighbor && down.how == link_end::broken && redials_.insert(down.peer).second)
    need(down.peer, link_use::contact, now, fx);
  gossip_.peer_down(down.peer);
  overlay::effects left;
  overlay_.on(overlay::in::peer_down{down.peer}, now.mono, left);
  carry_out(left, now, fx);
}

void node_membership::do_it(const link_book::out::unreachable& node, instant now, effects& fx) {
  if (needs_.contains({node.peer, link_use::flow})) fx.emplace_back(out::unreachable{node.peer});
  detector::effects detected;
  detector_.on(detector::in::redial_failed{node.peer}, detected);
  carry_out(detected, now, fx);
  if (redials_.erase(node.peer) != 0) release(node.peer, link_use::contact, now, fx);
  overlay::effects failed;
  overlay_.on(overlay::in::link_failed{node.peer}, now.mono, failed);
  carry_out(failed, now, fx);
  contacts::effects missed;
  contacts_.unreachable(node.peer, now.mono, missed);
  carry_out(missed, now, fx);
}

std::optional<contact> node_membership::contact_of(const node_id& peer) const {
  const auto* found = directory_.find(peer);
  if (found == nullptr || found->record.addresses.empty()) return std::nullopt;
  return contact{found->record.addresses, found->identity.link_key};
}

void node_membership::need(const node_id& peer, link_use use, instant now, effects& fx) {
  needs_.insert({peer, use});
  link_book::effects wanted;
  links_.on(link_book::in::need{peer, contact_of(peer).value_or(contact{}), use}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

void node_membership::release(const node_id& peer, link_use use, instant now, effects& fx) {
  if (needs_.erase({peer, use}) == 0) return;
  link_book::effects wanted;
  links_.on(link_book::in::release{peer, use}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

void node_membership::send(const node_id& to, const wire::mesh_message& message, effects& fx) const {
  if (const auto link = links_.link_to(to)) fx.emplace_back(out::send{*link, message});
}

// --- neighbours

void node_membership::carry_out(const overlay::effects& wanted, instant now, effects& fx) {
  for (const auto& effect : wanted)
    std::visit(overloaded{[&](const overlay::out::send& sent) { send(sent.to, sent.message, fx); },
                          [&](const overlay::out::want_link& want) { need(want.id, link_use::overlay, now, fx); },
                          [&](const overlay::out::release_link& gone) { release(gone.id, link_use::overlay, now, fx); },
                          [&](const overlay::out::need_contact& contact) {
                            alone_ = contact.wanted;
                            seek_seeds(now, fx);
                          },
                          [&](const auto& neighbor) { do_it(neighbor, now, fx); }},
               effect);
}

/// A seed that dialled this node first is linked already: one more link would take its link's place, and stop flows.
void node_membership::seek_seeds(instant now, effects& fx) {
  for (const auto& [id, member] : directory_.members())
    if (links_.link_to(id)) links_.on(link_book::in::dialable{id, member.record.addresses});
  link_book::effects dialled;
  links_.on(link_book::in::need_contact{alone_ || contacts_.seeking_seeds()}, now.mono, dialled);
  carry_out(dialled, now, fx);
}

void node_membership::do_it(const overlay::out::neighbor_up& up, instant now, effects& fx) {
  const auto* known = directory_.find(up.id);
  detector::effects watched;
  detector_.on(detector::in::neighbor_up{up.id, known != nullptr ? known->record.incarnation : wire::incarnation{}},
               now.mono, watched);
  carry_out(watched, now, fx);
  gossip_.neighbor_up(up.id);
  announce_links(now, fx);
}

void node_membership::do_it(const overlay::out::neighbor_down& down, instant now, effects& fx) {
  detector_.on(detector::in::neighbor_down{down.id});
  gossip_.neighbor_down(down.id);
  announce_links(now, fx);
}

// --- suspicion

void node_membership::carry_out(const detector::effects& wanted, instant now, effects& fx) {
  for (const auto& effect : wanted)
    std::visit(overloaded{[&](const detector::out::send& sent) { send(sent.to, sent.message, fx); },
                          [&](const detector::out::accuse& word) { accuse(word.id, word.cause, now, fx); },
                          [&](const detector::out::warn& word) { warn(word.accused, word.accuser, fx); },
                          [&](const detector::out::dead& dead) {
                            directory_.conclude_dead(dead.id, dead.incarnation, now.mono);
                            tell_events(now, fx);
                          },
                          [&](const detector::out::refute& refute) {
                            announcer::effects answered;
                            announcer_.on(announcer::in::accused{refute.accused}, now, answered);
                            carry_out(answered, now, fx);
                          }},
               effect);
}

void node_membership::accuse(const node_id& who, wire::accusation_cause cause, instant now, effects& fx) {
  const auto* accused = directory_.find(who);
  if (accused == nullptr || accused->state == member_state::dead || accused->state == member_state::left) return;
  // The time counts this node's accusations: it goes on over restarts.
  const wire::accusation word{who,   self_,   accused->record.incarnation, static_cast<std::uint64_t>(now.wall.us),
                              cause, now.wall};
  const auto bytes = encode(word);
  gossip::effects spread;
  gossip_.publish({{wire::item_kind::accusation, bytes, authority_.sign(wire::item_kind::accusation, bytes.view())}},
                  now, spread);
  carry_out(spread, now, fx);
  tell_events(now, fx);
}

void node_membership::warn(const node_id& accused, const node_id& accuser, effects& fx) const {
  if (auto word = directory_.find(key_of_accusation(accused, accuser)))
    send(accused, wire::gossip{{std::move(*word)}}, fx);
}

// --- what spreads

void node_membership::carry_out(const gossip::effects& wanted, instant now, effects& fx) {
  for (const auto& effect : wanted)
    std::visit(overloaded{[&](const gossip::out::send& sent) { send(sent.to, sent.message, fx); },
                          [&](const gossip::out::drop_peer& drop) {
                            if (const auto link = links_.link_to(drop.peer))
                              fx.emplace_back(out::close{*link, drop.why});
                          }},
               effect);
  static_cast<void>(now);
}

void node_membership::carry_out(const announcer::effects& wanted, instant now, effects& fx) {
  for (const auto& effect : wanted)
    std::visit(overloaded{[&](const announcer::out::persist& wish) { fx.emplace_back(out::persist{wish.incarnation}); },
                          [&](const announcer::out::announce& said) {
                            gossip::effects spread;
                            gossip_.publish({said.item}, now, spread);
                            carry_out(spread, now, fx);
                            detector_.on(detector::in::own_incarnation{announcer_.incarnation().value()});
                          }},
               effect);
  tell_events(now, fx);
}

/// Those that last: of neighbours, and of flows. Others come and go all the time, and are nobody's path. One that was
/// never measured is dear: were it cheap, others would believe to be nearer over it than this node is.
void node_membership::announce_links(instant now, effects& fx) {
  std::set<node_id> lasting(overlay_.neighbors().begin(), overlay_.neighbors().end());
  for (const auto& [peer, use] : needs_)
    if (use == link_use::flow && links_.link_to(peer)) lasting.insert(peer);
  std::vector<wire::announced_link> links;
  for (const auto& peer : lasting) {
    const auto* known = directory_.find(peer);
    if (known == nullptr || links.size() == limits::announced_links_max) continue;
    const auto cost = costs_.find(peer);
    links.push_back({known->identity.number, cost == costs_.end() ? wire::unmeasured_cost : cost->second});
  }
  if (links == facts_.links) return;
  facts_.links = std::move(links);
  announcer::effects said;
  announcer_.on(announcer::in::facts{facts_}, now, said);
  carry_out(said, now, fx);
}

// --- contacts

void node_membership::carry_out(const contacts::effects& wanted, instant now, effects& fx) {
  for (const auto& effect : wanted)
    std::visit(overloaded{[&](const contacts::out::meet& meet) { need(meet.who, link_use::contact, now, fx); },
                          [&](const contacts::out::compare& compare) { gossip_.compare_with(compare.who); },
                          [&](const contacts::out::part& part) {
                            if (!redials_.contains(part.who)) release(part.who, link_use::contact, now, fx);
                          },
                          [&](const contacts::out::missing& missing) {
                            if (is_looked_after(directory_, missing.who, self_))
                              return; // from here it may be out of reach only
                            reached("membership.orphan_missed");
                            accuse(missing.who, wire::accusation_cause::broken, now, fx);
                          },
                          [&](const contacts::out::seeds&) { seek_seeds(now, fx); }},
               effect);
}

} // namespace weft::membership
