#include "mesh/membership/node_membership.hpp"

#include "mesh/membership/announced_links.hpp"

#include <algorithm>

namespace weft::membership {
namespace {

std::vector<item_store*> with_directory(directory& own, std::vector<item_store*> others) {
  others.insert(others.begin(), &own);
  return others;
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

// --- what this node says

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
                                        accused.word.cause, possible_accusers(directory_, accused.word.accused)},
               now.mono, wanted);
  carry_out(wanted, now, fx);
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

std::vector<node_id> node_membership::unlinked() const {
  std::vector<node_id> all;
  for (const auto& [id, member] : directory_.members())
    if (id != self_ && member.state != member_state::left && !member.record.addresses.empty() && !links_.link_to(id))
      all.push_back(id);
  return all;
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
