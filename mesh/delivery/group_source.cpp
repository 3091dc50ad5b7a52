#include "mesh/delivery/group_source.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::delivery {

group_source::group_source(const group_state& from, seq log_end, mono_time now)
    : parked_(from.parked),
      withheld_(from.withheld),
      policy_(from.policy),
      generation_(from.cursor.generation),
      log_end_(log_end) {
  slot_assignment::owners owners;
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    const auto progress = from.cursor.of(slot{of});
    slots_[of].ledger = slot_ledger(progress.floor, progress.finished);
    for (const auto& [id, slots] : from.holders) {
      if (!slots[of]) continue;
      auto& who = members_[id];
      who.id = id;
      who.heard = now;
      slots_[of].holder = &who;
      owners[of] = id;
    }
  }
  assignment_ = slot_assignment(owners, from.of_shards);
}

void group_source::on(const in::handled& handled, mono_time now, effects& fx) {
  const auto found = members_.find(handled.member);
  if (found == members_.end()) return reached("group_source.zombie_commit"); // its slots are others' since
  auto& who = found->second;
  if (!who.present) return;
  who.heard = std::max(who.heard, now);
  for (const auto* ranges : {&handled.done, &handled.returned})
    for (const auto& range : *ranges)
      if (range.until > who.next_number) return distrust(who, range, fx);
  slot_set touched;
  for (const auto& range : handled.done)
    close_numbers(who, range, false, touched);
  for (const auto& range : handled.returned)
    close_numbers(who, range, !planted(planted_bug::returned_counts_as_done), touched);
  for (const auto& event : handled.processed)
    if (holds(who, event.of)) {
      learn(who, event);
      touched.set(event.of.value());
    }
  for (const auto& event : handled.abandoned)
    if (holds(who, event.of)) {
      std::erase(slots_[event.of.value()].begun, event.at);
      touched.set(event.of.value());
    }
  for (std::size_t of = 0; of < slots_.size(); ++of)
    if (touched[of]) settle(of);
  go_on(fx);
}

void group_source::on(const in::advanced& advanced, effects& fx) {
  if (advanced.end > log_end_) look_again();
  log_end_ = std::max(log_end_, advanced.end);
  read_on(fx);
}

void group_source::look_again() {
  for (auto& slot : slots_)
    if (slot.stopped == slot_state::stop::nothing) slot.stopped = slot_state::stop::none;
}

void group_source::on(const in::read_done& done, mono_time now, effects& fx) {
  if (closed_) return;
  WEFT_ASSERT(asked_ && (done.epoch > asked_->from.epoch || done.from == asked_->from.seq));
  const auto wanted = *std::exchange(asked_, std::nullopt);
  slot_set taking;
  for (std::size_t of = 0; of < slots_.size(); ++of)
    taking[of] = wanted.slots[of] && takes(of) && slots_[of].ledger.next() >= wanted.from;
  if (done.until != done.from) {
    hand_out(done, taking, now, fx);
  } else if (wanted.log_end == log_end_) { // tick() tries again: the log may have more than it said
    tail_ = std::max(tail_.value_or(done.epoch), done.epoch);
    for (std::size_t of = 0; of < slots_.size(); ++of)
      if (taking[of]) slots_[of].stopped = slot_state::stop::nothing;
  }
  read_on(fx);
}

/// Each event to the holder of its slot. A slot stays where its holder had no room for more, or where too much waits
/// behind an event that is not finished.
void group_source::hand_out(const in::read_done& done, slot_set taking, mono_time now, effects& fx) {
  for (std::uint32_t place = 0; place < done.offers.size(); ++place) {
    const auto& offer = done.offers[place];
    const std::size_t of = offer.of.value();
    const log_position at{done.epoch, offer.at};
    if (!taking[of] || at < slots_[of].ledger.next()) continue;
    const auto tried = trials_.find({of, at});
    const auto* const before = tried == trials_.end() ? nullptr : &tried->second;
    const auto& begun = slots_[of].begun; // its holder may be at work on it: it answers for that
    const bool has_begun = std::ranges::find(begun, at) != begun.end();
    if (going_aside_.contains({of, at}) || (!has_begun && goes_aside(offer, before)))
      taking[of] = set_aside(offer, at, before, fx);
    else
      taking[of] = offer_to_holder(offer, place, at, now);
  }
  const log_position until{done.epoch, done.until};
  for (std::size_t of = 0; of < slots_.size(); ++of)
    if (taking[of]) slots_[of].ledger.pass(until);
  look_at_unparking(fx);
  for (auto& [id, who] : members_)
    if (!who.chosen.empty()) {
      const auto first = who.next_number - who.chosen.size();
      fx.emplace_back(out::hand_out{id, first, std::exchange(who.chosen, {}), std::exchange(who.tried, {})});
    }
}

/// @returns whether the slot goes on
bool group_source::offer_to_holder(const in::offer& offer, std::uint32_t place, const log_position& at, mono_time now) {
  const std::size_t of = offer.of.value();
  auto& slot = slots_[of];
  auto& who = *slot.holder;
  if (!who.has_room(offer.bytes)) who.hungry = false;
  if (!who.hungry || slot.ledger.full()) return false;
  const auto tried = trials_.find({of, at});
  const bool suspect = tried != trials_.end() && tried->second.losses >= limits::group_losses_max;
  if (suspect && who.tries_suspect) {
    slot.stopped = slot_state::stop::suspect;
    return false;
  }
  slot.stopped = slot_state::stop::none;
  if (!slot.ledger.wants(at)) return true;
  if (tried != trials_.end())
    who.tried.push_back(
        {who.next_number, tried->second.all(), std::max(microseconds(0), tried->second.not_before - now)});
  if (suspect) {
    reached("group_source.tried_alone");
    who.tries_suspect = true;
  }
  who.has.emplace_hint(who.has.end(), who.next_number++,
                       handed{slot.ledger.hand_out(at), offer.bytes, offer.of, offer.key, suspect});
  ++who.handed_since;
  ++who.events;
  who.bytes += offer.bytes;
  ++slot.held;
  std::erase(slot.begun, at);
  who.chosen.push_back(place);
  return true;
}

void group_source::on(const in::taken_up& taken, effects& fx) {
  if (taken.cursor.generation != generation_) return reached("group_source.taken_up_before_a_seek");
  reached("group_source.taken_up");
  auto highest = taken.cursor.floor;
  for (const auto& one : taken.cursor.apart)
    highest = std::max(highest, one.floor);
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    auto progress = taken.cursor.of(slot{of});
    if (planted(planted_bug::taken_up_floor_for_all)) progress.floor = highest;
    slots_[of].ledger.learn(progress.floor, progress.finished);
    trials_.erase(trials_.lower_bound({of, log_position{}}), trials_.lower_bound({of, progress.floor}));
  }
  ++progress_;
  look_at_unparking(fx);
  go_on(fx);
}

void group_source::on(const in::read_failed& failed, effects& fx) {
  if (closed_) return;
  WEFT_ASSERT(asked_);
  const auto wanted = *std::exchange(asked_, std::nullopt);
  if (!failed.resume || *failed.resume <= wanted.from) {
    closed_ = true;
    fx.emplace_back(out::close{failed.why});
    return;
  }
  std::vector<member_id> told;
  for (std::size_t of = 0; of < slots_.size(); ++of) {
    auto& slot = slots_[of];
    if (slot.ledger.next() < wanted.from || slot.ledger.next() >= *failed.resume) continue;
    slot.ledger.pass(*failed.resume);
    ++progress_;
    trials_.erase(trials_.lower_bound({of, wanted.from}), trials_.lower_bound({of, *failed.resume}));
    if (slot.holder != nullptr && std::ranges::find(told, slot.holder->id) == told.end())
      told.push_back(slot.holder->id);
  }
  fx.emplace_back(out::gap{std::move(told), wanted.from, *failed.resume, failed.why});
  read_on(fx);
}

void group_source::tick(mono_time now, effects& fx) {
  std::vector<member_id> silent;
  for (const auto& [id, who] : members_)
    if (now - who.heard > limits::group_lease + limits::group_lease_margin) silent.push_back(id);
  for (const auto id : silent) {
    reached("group_source.lease_ended");
    fx.emplace_back(out::expel{id, error(errc::timed_out, fmt::format("the member said nothing for {} s: its share is "
                                                                      "others' now",
                                                                      limits::group_lease / std::chrono::seconds(1)))});
    forget(id, now, fx);
  }
  for (auto& [id, who] : members_) {
    if (who.hungry || !who.present || !who.has_room(0)) continue;
    who.hungry = true;
    who.handed_since = who.closed_since = 0;
  }
  if (!asked_) tail_.reset(); // an epoch that was closed may have grown
  look_again();
  read_on(fx);
}

bool group_source::member::has_room(std::uint32_t for_bytes) const noexcept {
  if (blocked) return false;
  if (events == 0 || planted(planted_bug::group_window_ignored)) return true;
  return events < events_max && bytes + for_bytes <= bytes_max;
}

/// The member has it no longer. It is read for again when it has finished half of what it got since the last time:
/// what it can't finish stops nothing else, as long as there is room (see tick).
group_source::handed group_source::close(member& who, std::map<std::uint64_t, handed>::iterator at) {
  const auto one = at->second;
  who.has.erase(at);
  --who.events;
  who.bytes -= one.bytes;
  if (one.suspect) who.tries_suspect = false;
  --slots_[one.of.value()].held;
  if (who.hungry || !who.present) return one;
  if (++who.closed_since < (who.handed_since + 1) / 2 || !who.has_room(0)) return one;
  who.hungry = true;
  who.handed_since = who.closed_since = 0;
  return one;
}

/// What has ended can't end twice: a repeated number is passed over.
void group_source::close_numbers(member& who, const number_range& range, bool returned, slot_set& touched) {
  for (auto at = who.has.lower_bound(range.from); at != who.has.end() && at->first < range.until;) {
    const auto one = close(who, at++);
    const std::size_t of = one.of.value();
    touched.set(of);
    if (returned) {
      slots_[of].waits = true;
      continue;
    }
    if (const auto aside = going_aside_.find({of, slots_[of].ledger.at(one.number)}); aside != going_aside_.end())
      aside->second.in_slot.reset(); // it failed, and yet was processed
    finish(of, one.number);
  }
}

void group_source::finish(std::size_t of, slot_ledger::number number) {
  if (!trials_.empty()) trials_.erase({of, slots_[of].ledger.at(number)});
  slots_[of].ledger.finish(number);
  ++progress_;
}

/// After anything that may have changed who holds what.
void group_source::go_on(effects& fx) {
  if (unsaved_ && saved_ == version_) {
    unsaved_ = false;
    std::map<member_id, slot_set> holders;
    for (std::size_t of = 0; of < slots_.size(); ++of)
      if (const auto* who = slots_[of].holder) holders[who->id].set(of);
    fx.emplace_back(out::save{++version_, {holders.begin(), holders.end()}});
  }
  read_on(fx);
}

/// Whether reading would bring the slot's holder something, as far as is known.
bool group_source::takes(std::size_t of) const {
  const auto& slot = slots_[of];
  if (slot.holder == nullptr || !slot.holder->hungry) return false;
  if (withheld_[of] && !planted(planted_bug::withheld_slot_handed_out)) return false;
  if (slot.waits && !planted(planted_bug::waiting_slot_goes_on)) return false;
  if (slot.granted_by > saved_ && !planted(planted_bug::handed_out_before_saved)) return false;
  if (assignment_.member_of(weft::slot{static_cast<std::uint16_t>(of)}) != slot.holder->id) return false;
  if (slot.ledger.full() || slot.stopped == slot_state::stop::nothing) return false;
  if (slot.stopped == slot_state::stop::suspect && slot.holder->tries_suspect) return false;
  if (slot.stopped == slot_state::stop::aside_full && going_aside_.size() >= limits::group_set_aside_max) return false;
  if (slot.stopped == slot_state::stop::going_aside) {
    const auto next = going_aside_.lower_bound({of, slot.ledger.next()});
    if (next != going_aside_.end() && next->first.first == of) return false;
  }
  return slot.ledger.next().seq < log_end_ || !tail_ || slot.ledger.next().epoch > *tail_;
}

/// Those furthest behind, and now and then the foremost: who catches up does not stop what is new, and does catch up.
void group_source::read_on(effects& fx) {
  if (closed_ || asked_) return;
  slot_set taking;
  std::optional<log_position> hindmost, foremost;
  for (std::size_t of = 0; of < slots_.size(); ++of) {
    if (!takes(of)) continue;
    taking.set(of);
    const auto& next = slots_[of].ledger.next();
    hindmost = std::min(hindmost.value_or(next), next);
    foremost = std::max(foremost.value_or(next), next);
  }
  if (!hindmost) return;
  const auto from = ++reads_ % limits::group_foremost_every == 0 ? *foremost : *hindmost;
  for (std::size_t of = 0; of < slots_.size(); ++of)
    if (taking[of] && slots_[of].ledger.next() < from) taking.reset(of);
  asked_ = asked{from, taking, log_end_};
  fx.emplace_back(out::read{from, taking});
}

group_cursor group_source::cursor() const {
  std::vector<slot_progress> all;
  all.reserve(limits::slots);
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    const auto& ledger = slots_[of].ledger;
    const auto& floor = planted(planted_bug::cursor_beyond_floor) ? ledger.next() : ledger.floor();
    all.push_back({slot{of}, floor, ledger.finished()});
  }
  return gather(generation_, all);
}

std::vector<group_source::member_facts> group_source::facts() const {
  std::vector<member_facts> all;
  all.reserve(members_.size());
  for (const auto& [id, who] : members_)
    all.push_back({id, who.present, 0, who.events});
  for (const auto& slot : slots_)
    if (slot.holder != nullptr) ++std::ranges::lower_bound(all, slot.holder->id, {}, &member_facts::id)->slots;
  return all;
}

std::size_t group_source::draining() const {
  return static_cast<std::size_t>(std::ranges::count_if(slots_, &slot_state::waits));
}

std::optional<member_id> group_source::holder(slot of) const {
  const auto* who = slots_[of.value()].holder;
  if (who == nullptr) return std::nullopt;
  return who->id;
}

} // namespace weft::delivery
