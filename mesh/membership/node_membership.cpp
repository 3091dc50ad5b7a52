#include "mesh/membership/node_membership.hpp"

#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {
namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};

std::vector<item_store*> with_directory(directory& own, std::vector<item_store*> others) {
  others.insert(others.begin(), &own);
  return others;
}

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

node_membership::node_membership(const authority& by, membership_options options, random_source& random, instant now,
                                 effects& fx)
    : authority_(by),
      self_(options.self.id),
      links_(self_, options.seeds, random),
      directory_(by, self_, std::move(options.of_use)),
      gossip_(self_, with_directory(directory_, std::move(options.stores)), random),
      detector_(self_, options.last, now.mono),
      contacts_(random, now.mono),
      overlay_(self_, random, now.mono, started_.of_overlay),
      announcer_(by, options.self, options.last, options.facts, random, now, started_.of_announcer),
      facts_(std::move(options.facts)) {
  gossip::effects spread;
  gossip_.publish({options.identity}, now, spread);
  carry_out(spread, now, fx);
  carry_out(std::exchange(started_.of_overlay, {}), now, fx);
  carry_out(std::exchange(started_.of_announcer, {}), now, fx);
  tell_events(now, fx);
}

void node_membership::restore(const std::vector<wire::item>& kept, instant now, effects& fx) {
  for (const auto& item : kept)
    if (directory_.keeps(item.kind)) static_cast<void>(directory_.take(item, self_, now));
  tell_events(now, fx);
}

// --- links

void node_membership::on(const in::link_opened& opened, instant now, effects& fx) {
  peer_of_[opened.link] = opened.peer;
  link_book::effects wanted;
  links_.on(link_book::in::opened{opened.link, opened.peer, opened.dial}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

void node_membership::on(const in::link_closed& closed, instant now, effects& fx) {
  link_book::effects wanted;
  links_.on(link_book::in::closed{closed.link, closed.how}, now.mono, wanted);
  peer_of_.erase(closed.link);
  carry_out(wanted, now, fx);
}

void node_membership::on(const in::dial_failed& failed, instant now, effects& fx) {
  link_book::effects wanted;
  links_.on(link_book::in::dial_failed{failed.dial}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

void node_membership::on(const in::traffic& traffic, instant now, effects& fx) {
  const auto peer = peer_of_.find(traffic.link);
  if (peer == peer_of_.end()) return;
  links_.on(link_book::in::used{peer->second}, now.mono);
  detector::effects wanted;
  detector_.on(detector::in::frame{peer->second}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

void node_membership::on(const in::need_link& wanted, instant now, effects& fx) {
  need(wanted.peer, link_use::flow, now, fx);
  announce_links(now, fx);
}
void node_membership::on(const in::release_link& gone, instant now, effects& fx) {
  release(gone.peer, link_use::flow, now, fx);
  announce_links(now, fx);
}

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

/// Those that it says it is linked with and that live, and this node when it is one.
std::size_t node_membership::possible_accusers_of(const node_id& accused) const {
  const auto* of = directory_.find(accused);
  if (of == nullptr) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(of->record.links, [&](const wire::announced_link& link) {
    const auto* other = directory_.find_number(link.to);
    return other != nullptr && other->state == member_state::alive;
  }));
}

/// By a node that lives and says that they are linked, too: one that has started again since may not even know it.
bool node_membership::is_looked_after(const node_id& id) const {
  const auto* of = directory_.find(id);
  if (of == nullptr) return false;
  return std::ranges::any_of(of->record.links, [&](const wire::announced_link& link) {
    const auto* other = directory_.find_number(link.to);
    if (other == nullptr || other->state != member_state::alive || other->record.id == self_) return false;
    return std::ranges::any_of(other->record.links,
                               [&](const wire::announced_link& back) { return back.to == of->identity.number; });
  });
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

void node_membership::on(in::facts facts, instant now, effects& fx) {
  facts.are.links = std::move(facts_.links);
  facts_ = std::move(facts.are);
  announcer::effects said;
  announcer_.on(announcer::in::facts{facts_}, now, said);
  carry_out(said, now, fx);
}

void node_membership::on(const in::cost& cost, instant now, effects& fx) {
  costs_[cost.peer] = cost.cost;
  announce_links(now, fx);
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

void node_membership::on(const in::persisted& persisted, instant now, effects& fx) {
  announcer::effects said;
  announcer_.on(announcer::in::persisted{persisted.incarnation}, now, said);
  carry_out(said, now, fx);
}

void node_membership::on(const in::identity& renewed, instant now, effects& fx) {
  announcer_.set_identity(renewed.self);
  on(in::publish{{renewed.item}}, now, fx);
}

void node_membership::on(const in::publish& own, instant now, effects& fx) {
  gossip::effects spread;
  gossip_.publish(own.items, now, spread);
  carry_out(spread, now, fx);
  tell_events(now, fx);
}

void node_membership::on(in::leave, instant now, effects& fx) {
  announcer::effects said;
  announcer_.on(announcer::in::leave{}, now, said);
  carry_out(said, now, fx);
  gossip::effects spread;
  gossip_.tick({now.mono + limits::gossip_delay, now.wall}, spread); // nothing is sent later
  carry_out(spread, now, fx);
  overlay::effects bye;
  overlay_.on(overlay::in::leave{}, bye);
  carry_out(bye, now, fx);
}

// --- members

void node_membership::tell_events(instant now, effects& fx) {
  for (;;) {
    const auto events = directory_.take_events();
    if (events.empty()) return;
    for (const auto& event : events) {
      std::visit(
          [&](const auto& what) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, directory_event::accused>)
              fx.emplace_back(out::happened{what});
            heard(what, now, fx);
          },
          event);
    }
  }
}

void node_membership::heard(const directory_event::member_added& added, instant now, effects& fx) {
  const auto* member = directory_.find(added.node);
  if (member == nullptr) return;
  if (added.node == self_) heard_of_self(*member, now, fx);
  look_at_age(member->record, now, fx);
  keep(added.node, fx);
  tell_state(*member, now, fx);
  announce_links(now, fx); // the number of a peer is known by now
}

/// What a restart needs: who there is, how to dial it, and what copies of its log are for when it is not there. Newer
/// records come with gossip.
void node_membership::keep(const node_id& id, effects& fx) const {
  auto identity = directory_.find(key_of(wire::item_kind::identity, id));
  auto record = directory_.find(key_of(wire::item_kind::node_record, id));
  if (identity && record && id != self_) fx.emplace_back(out::keep{id, std::move(*identity), std::move(*record)});
}

void node_membership::heard(const directory_event::record_changed& changed, instant now, effects& fx) {
  const auto* member = directory_.find(changed.node);
  if (member == nullptr) return;
  if (changed.node == self_) return heard_of_self(*member, now, fx);
  look_at_age(member->record, now, fx);
  if (changed.what.incarnation) detector_.on(detector::in::refuted{changed.node, member->record.incarnation});
  const auto& what = changed.what;
  if (what.addresses || what.name || what.topics || what.zone || what.roles) keep(changed.node, fx);
  if (!changed.what.addresses) return;
  for (const auto use : {link_use::overlay, link_use::flow, link_use::contact})
    if (needs_.contains({changed.node, use})) need(changed.node, use, now, fx);
}

void node_membership::heard_of_self(const member& held, instant now, effects& fx) {
  announcer::effects said;
  announcer_.on(announcer::in::own_record{held.record.incarnation, held.record.revision}, now, said);
  carry_out(said, now, fx);
}

void node_membership::heard(const directory_event::state_changed& changed, instant now, effects& fx) {
  if (const auto* member = directory_.find(changed.node)) tell_state(*member, now, fx);
}

void node_membership::tell_state(const member& of, instant now, effects& fx) {
  const auto& id = of.identity.id;
  if (id == self_) return;
  overlay::effects wanted;
  if (of.state == member_state::alive)
    overlay_.on(overlay::in::known{id}, now.mono, wanted);
  else if (of.state != member_state::suspect)
    overlay_.on(overlay::in::gone{id}, now.mono, wanted);
  if (of.state == member_state::left) detector_.on(detector::in::gone{id});
  carry_out(wanted, now, fx);
}

void node_membership::heard(const directory_event::member_removed& removed, instant now, effects& fx) {
  fx.emplace_back(out::forget{removed.node});
  costs_.erase(removed.node);
  detector_.on(detector::in::gone{removed.node});
  overlay::effects wanted;
  overlay_.on(overlay::in::gone{removed.node}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

void node_membership::heard(const directory_event::accused& accused, instant now, effects& fx) {
  detector::effects wanted;
  detector_.on(detector::in::accusation{accused.word.accused, accused.word.accuser, accused.word.incarnation,
                                        accused.word.cause, possible_accusers_of(accused.word.accused)},
               now.mono, wanted);
  carry_out(wanted, now, fx);
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
                            if (is_looked_after(missing.who)) return; // from here it may be out of reach only
                            reached("membership.orphan_missed");
                            accuse(missing.who, wire::accusation_cause::broken, now, fx);
                          },
                          [&](const contacts::out::seeds&) { seek_seeds(now, fx); }},
               effect);
}

std::vector<node_id> node_membership::unlinked() const {
  std::vector<node_id> all;
  for (const auto& [id, member] : directory_.members())
    if (id != self_ && member.state != member_state::left && !member.record.addresses.empty() && !links_.link_to(id))
      all.push_back(id);
  return all;
}

// --- messages and time

void node_membership::on(const in::message& message, instant now, effects& fx) {
  const auto found = peer_of_.find(message.link);
  if (found == peer_of_.end()) return;
  const auto from = found->second; // the link may close while its message is dealt with
  detector::effects detected;
  detector_.on(detector::in::frame{from}, now.mono, detected);
  carry_out(detected, now, fx);
  if (contacts_.meets(from) && std::ranges::find(overlay_.neighbors(), from) == overlay_.neighbors().end())
    told_by_ = from;
  std::visit([&](const auto& content) { dispatch(from, content, now, fx); }, message.content);
  tell_events(now, fx);
  told_by_.reset();
}

/// Old news from a contact: neighbours should have told it long ago, unless theirs is another part of the overlay.
void node_membership::look_at_age(const wire::node_record& record, instant now, effects& fx) {
  if (!told_by_ || now.wall - record.announced < limits::news_everywhere) return;
  const auto by = *std::exchange(told_by_, std::nullopt);
  overlay::effects wanted;
  overlay_.on(overlay::in::apart{by}, now.mono, wanted);
  carry_out(wanted, now, fx);
}

template <class Message>
void node_membership::dispatch(const node_id& from, const Message& message, instant now, effects& fx) {
  if constexpr (requires(overlay::effects& o) { overlay_.on(from, message, now.mono, o); }) {
    overlay::effects wanted;
    overlay_.on(from, message, now.mono, wanted);
    carry_out(wanted, now, fx);
  } else if constexpr (requires(detector::effects& d) { detector_.on(from, message, now.mono, d); }) {
    detector::effects wanted;
    detector_.on(from, message, now.mono, wanted);
    carry_out(wanted, now, fx);
    if constexpr (std::is_same_v<Message, wire::heartbeat>) {
      overlay::effects answered;
      overlay_.on(overlay::in::heartbeat{from}, answered);
      carry_out(answered, now, fx);
    }
  } else {
    gossip::effects wanted;
    gossip_.on(from, message, now, wanted);
    carry_out(wanted, now, fx);
  }
}

void node_membership::tick(instant now, effects& fx) {
  const auto turn = [&](auto& machine, auto wanted) {
    machine.tick(now.mono, wanted);
    carry_out(wanted, now, fx);
  };
  turn(detector_, detector::effects{}); // first: it notices when this node was paused
  turn(links_, link_book::effects{});
  turn(overlay_, overlay::effects{});
  if (contacts_.due(now.mono)) {
    contacts::effects wanted;
    contacts_.begin(unlinked(), now.mono, wanted);
    carry_out(wanted, now, fx);
  }
  turn(contacts_, contacts::effects{});
  directory_.tick(now);
  tell_events(now, fx);
  announcer::effects said;
  announcer_.tick(now, said);
  carry_out(said, now, fx);
  gossip::effects spread;
  gossip_.tick(now, spread);
  carry_out(spread, now, fx);
}

mono_time node_membership::next_tick() const {
  auto next = std::min({directory_.next_tick(), gossip_.next_tick(), overlay_.next_tick(), contacts_.next_tick()});
  for (const auto& other : {detector_.next_tick(), links_.next_tick(), announcer_.next_tick()})
    if (other) next = std::min(next, *other);
  return next;
}

} // namespace weft::membership
