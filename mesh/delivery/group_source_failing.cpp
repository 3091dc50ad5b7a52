#include "mesh/delivery/group_source.hpp"

#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/wire/batch_view.hpp"

#include <algorithm>
#include <span>

// Events that fail, and what goes aside.

namespace weft::delivery {

/// Who tries it again is told when; else it is the member's no longer.
void group_source::on(const in::failed& failed, mono_time now, effects& fx) {
  const auto found = members_.find(failed.member);
  if (found == members_.end() || !found->second.present) return;
  auto& who = found->second;
  who.heard = std::max(who.heard, now);
  const auto handed_out = who.has.find(failed.number);
  if (handed_out == who.has.end()) return;
  if (std::exchange(handed_out->second.suspect, false)) who.tries_suspect = false; // the member survived it
  const auto one = handed_out->second;
  const std::size_t of = one.of.value();
  const auto at = slots_[of].ledger.at(one.number);
  if (going_aside_.contains({of, at})) return;
  auto& tried = trials_[{of, at}];
  if (tried.all() == 0) tried.first = now;
  ++tried.failures;
  tried.last = now;
  tried.cause = failed.cause.substr(0, limits::group_cause_bytes_max);
  tried.rejected = failed.rejected && !planted(planted_bug::rejected_tried_again);
  if (!tried.end(policy_)) {
    const auto wait = backoff(policy_, tried.failures, at);
    tried.not_before = now + wait;
    if (slots_[of].waits) { // another member is to try it
      drop_at_member({who.id, failed.number}, fx);
      settle(of);
    } else {
      fx.emplace_back(out::verdict{who.id, failed.number, wait});
    }
    return go_on(fx);
  }
  if (tried.rejected) reached("group_source.rejected");
  if (policy_.then == after_failing::skip) {
    fx.emplace_back(out::skipped{{at, one.of}, tried});
    drop_at_member({who.id, failed.number}, fx);
    finish(of, one.number);
    settle(of);
    return go_on(fx);
  }
  const bool parks = policy_.then == after_failing::park && one.key;
  going_aside_[{of, at}] = {one.number, std::pair(who.id, failed.number)};
  fx.emplace_back(out::set_aside{{at, one.of}, one.key, parks, tried});
  if (parks) {
    const auto as = to_park_as(parked_, *one.key);
    unparking_.erase(as); // it fails yet
    park(as);
    slots_[of].waits = true;
    fx.emplace_back(out::revoke{who.id, slot_set().set(of), who.next_number}); // later ones of its key come back
  }
  go_on(fx);
}

void group_source::on(const in::kept& kept, effects& fx) {
  const std::size_t of = kept.event.of.value();
  const auto found = going_aside_.find({of, kept.event.at});
  if (found == going_aside_.end()) return;
  const auto one = found->second;
  going_aside_.erase(found);
  if (one.at_member) drop_at_member(*one.at_member, fx);
  if (one.in_slot) {
    finish(of, *one.in_slot);
  } else {
    slots_[of].ledger.know(kept.event.at);
    ++progress_;
    trials_.erase({of, kept.event.at});
  }
  settle(of);
  look_at_unparking(fx);
  go_on(fx);
}

/// Its key goes on there.
void group_source::drop_at_member(const std::pair<member_id, std::uint64_t>& held, effects& fx) {
  const auto found = members_.find(held.first);
  if (found == members_.end()) return;
  auto& who = found->second;
  const auto at = who.has.find(held.second);
  if (at == who.has.end()) return;
  fx.emplace_back(out::verdict{held.first, held.second, std::nullopt});
  close(who, at);
}

/// Whether it has to wait behind others of its key. What is replayed goes on.
bool group_source::is_parked(const in::offer& offer) const {
  const auto as = offer.key ? parked_as(parked_, *offer.key) : std::nullopt;
  if (!as) return false;
  const auto going_on = unparking_.find(*as);
  return !offer.replayed || going_on == unparking_.end() || going_on->second.gathers;
}

void group_source::park(hashed_key key) {
  parked_.insert(key);
  if (const auto going_on = unparking_.find(key); going_on != unparking_.end()) going_on->second.more = true;
}

/// Whether its key is parked, or it is not to be tried any more.
bool group_source::goes_aside(const in::offer& offer, const trials* tried) const {
  if (is_parked(offer) && !planted(planted_bug::parked_key_goes_on)) return true;
  return tried != nullptr && tried->end(policy_);
}

/// What is parked goes in order, so that nothing has to wait; a dead letter's successors wait until it is kept.
/// @returns whether the slot goes on
bool group_source::set_aside(const in::offer& offer, const log_position& at, const trials* tried, effects& fx) {
  const std::size_t of = offer.of.value();
  auto& slot = slots_[of];
  const auto under_way = going_aside_.find({of, at});
  const bool fresh = under_way == going_aside_.end();
  if (fresh && going_aside_.size() >= limits::group_set_aside_max) {
    slot.stopped = slot_state::stop::aside_full;
    return false;
  }
  slot.stopped = slot_state::stop::none;
  if (slot.ledger.full()) return false;
  if (!slot.ledger.wants(at)) return true;
  const bool parked = is_parked(offer);
  if (policy_.then == after_failing::skip && !parked) {
    fx.emplace_back(out::skipped{{at, offer.of}, tried == nullptr ? trials{} : *tried});
    finish(of, slot.ledger.hand_out(at));
    return true;
  }
  const bool parks = parked || (offer.key && policy_.then == after_failing::park);
  if (parks) {
    const auto as = to_park_as(parked_, *offer.key);
    if (!parked) unparking_.erase(as); // it fails yet
    park(as);
  }
  if (fresh) fx.emplace_back(out::set_aside{{at, offer.of}, offer.key, parks, tried == nullptr ? trials{} : *tried});
  auto& one = going_aside_[{of, at}];
  if (parks)
    one.in_slot = slot.ledger.hand_out(at);
  else
    slot.stopped = slot_state::stop::going_aside;
  return parks;
}

void group_source::on(const in::unpark& unpark, effects& fx) {
  if (!parked_.contains(unpark.key) || !unparking_.try_emplace(unpark.key, unparking{unpark.end}).second) return;
  look_at_unparking(fx);
  go_on(fx);
}

/// Whether events of the slot are on their way aside.
bool group_source::leaves(std::size_t of) const {
  const auto first = going_aside_.lower_bound({of, log_position{}});
  return first != going_aside_.end() && first->first.first == of;
}

void group_source::on(const in::replayed& replayed, effects& fx) {
  const auto found = unparking_.find(replayed.key);
  if (found == unparking_.end()) return; // one of them failed meanwhile
  found->second.until = replayed.until;
  look_at_unparking(fx);
  go_on(fx);
}

/// Keys whose slots have passed what was replayed of them.
void group_source::look_at_unparking(effects& fx) {
  for (auto at = unparking_.begin(); at != unparking_.end();) {
    const auto key = at->first;
    auto& one = at->second;
    const std::size_t of = wire::slot_of(hash_of(key)).value();
    if (!one.until || slots_[of].ledger.next() < *one.until || leaves(of)) {
      ++at;
    } else if (std::exchange(one.gathers, false) || one.more) {
      one.until.reset();
      one.more = false;
      fx.emplace_back(out::replay{key});
      ++at;
    } else {
      at = unparking_.erase(at);
      parked_.erase(key);
      ++progress_;
    }
  }
}

std::vector<group_source::failing_event> group_source::failing() const {
  std::vector<const decltype(trials_)::value_type*> first;
  first.reserve(trials_.size());
  for (const auto& one : trials_)
    first.push_back(&one);
  const auto told = std::min(first.size(), limits::group_failing_told_max);
  std::ranges::partial_sort(first, first.begin() + static_cast<std::ptrdiff_t>(told), {},
                            [](const auto* one) { return one->first.second; });
  std::vector<failing_event> all;
  for (const auto* one : std::span(first).first(told))
    all.push_back({{one->first.second, slot{static_cast<std::uint16_t>(one->first.first)}}, one->second});
  return all;
}

/// What it had may be what it did not survive. After some losses only an event that was tried alone is counted on.
void group_source::count_losses(const member& who, mono_time now) {
  for (const auto& [number, one] : who.has) {
    const std::size_t of = one.of.value();
    auto& tried = trials_[{of, slots_[of].ledger.at(one.number)}];
    if (tried.losses >= limits::group_losses_max && !one.suspect) continue;
    if (tried.all() == 0) tried.first = now;
    tried.last = now;
    ++tried.losses;
  }
}

} // namespace weft::delivery
