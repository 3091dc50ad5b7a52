#include "mesh/delivery/group_source.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::delivery {

group_source::group_source(const group_cursor& from, const group_holders& holders, seq log_end, mono_time now)
    : generation_(from.generation), log_end_(log_end) {
  slot_assignment::owners owners;
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    auto progress = from.of(slot{of});
    slots_[of].ledger = slot_ledger(progress.floor, std::move(progress.finished));
    for (const auto& [id, slots] : holders) {
      if (!slots[of]) continue;
      auto& who = members_[id];
      who.id = id;
      who.heard = now;
      slots_[of].holder = &who;
      owners[of] = id;
    }
  }
  assignment_ = slot_assignment(owners);
}

result<void> group_source::on(const in::joined& joined, mono_time now, effects& fx) {
  if (!assignment_.add(joined.member))
    return fail(errc::busy, fmt::format("the group has {} members already, the most that share the work",
                                        limits::group_members_max));
  auto& who = members_[joined.member];
  if (who.present) reached("group_source.member_came_anew");
  take_all_back(who);
  who.id = joined.member;
  who.events_max = std::max(joined.events_max, 1U);
  who.bytes_max = joined.bytes_max;
  who.present = who.hungry = true;
  who.heard = now;
  for (const auto& event : joined.processed)
    learn(who, event);
  for (const auto& event : joined.begun)
    if (auto& slot = slots_[event.of.value()]; slot.holder == &who) slot.begun.push_back(event.at);
  reassign(fx);
  go_on(fx);
  return {};
}

/// Only of who holds the slot: of another one's slot nothing may be passed over.
void group_source::learn(const member& who, const slot_event& processed) {
  auto& slot = slots_[processed.of.value()];
  if (slot.holder != &who) return;
  slot.ledger.know(processed.at);
  std::erase(slot.begun, processed.at);
}

void group_source::on(const in::handled& handled, mono_time now, effects& fx) {
  const auto found = members_.find(handled.member);
  if (found == members_.end()) return reached("group_source.zombie_commit"); // its slots are others' since
  auto& who = found->second;
  who.heard = std::max(who.heard, now);
  for (const auto* ranges : {&handled.done, &handled.returned})
    for (const auto& range : *ranges)
      if (range.until > who.next_number()) {
        fx.emplace_back(out::expel{
            who.id, error(errc::ack_beyond_end, fmt::format("it says that it processed event {} of its flow, which "
                                                            "has {}",
                                                            range.until - 1, who.next_number() - 1))});
        return forget(who.id, fx);
      }
  slot_set touched;
  for (const auto& range : handled.done)
    close_numbers(who, range, false, touched);
  for (const auto& range : handled.returned)
    close_numbers(who, range, !planted(planted_bug::returned_counts_as_done), touched);
  if (who.events <= who.events_max / 2 && who.bytes <= who.bytes_max / 2) who.hungry = true;
  for (const auto& event : handled.processed) {
    learn(who, event);
    touched.set(event.of.value());
  }
  for (std::size_t of = 0; of < slots_.size(); ++of)
    if (touched[of]) settle(of);
  go_on(fx);
}

void group_source::on(const in::renewed& renewed, mono_time now, effects& fx) {
  const auto found = members_.find(renewed.member);
  if (found == members_.end()) return;
  found->second.heard = std::max(found->second.heard, now);
  fx.emplace_back(out::renewal{renewed.member, renewed.number});
}

void group_source::on(const in::saved& saved, effects& fx) {
  saved_ = std::max(saved_, saved.version);
  go_on(fx);
}

void group_source::on(const in::leaving& leaving, effects& fx) {
  assignment_.remove(leaving.member);
  reassign(fx);
  go_on(fx);
}

void group_source::on(const in::left& left, effects& fx) { forget(left.member, fx); }

void group_source::on(const in::advanced& advanced, effects& fx) {
  log_end_ = std::max(log_end_, advanced.end);
  read_on(fx);
}

void group_source::on(const in::read_done& done, effects& fx) {
  if (closed_) return;
  WEFT_ASSERT(asked_ && (done.epoch > asked_->from.epoch || done.from == asked_->from.seq));
  const auto wanted = *std::exchange(asked_, std::nullopt);
  slot_set taking;
  for (std::size_t of = 0; of < slots_.size(); ++of)
    taking[of] = wanted.slots[of] && takes(of) && slots_[of].ledger.next() >= wanted.from;
  if (done.until == done.from && wanted.log_end == log_end_)
    tail_ = std::max(tail_.value_or(done.epoch), done.epoch); // tick() tries again: the log may have more than it said
  hand_out(done, taking, fx);
  read_on(fx);
}

/// Each event to the holder of its slot. A slot stays where its holder had no room for more, or where too much waits
/// behind an event that is not finished.
void group_source::hand_out(const in::read_done& done, slot_set taking, effects& fx) {
  for (std::uint32_t place = 0; place < done.offers.size(); ++place) {
    const auto& offer = done.offers[place];
    const std::size_t of = offer.of.value();
    if (!taking[of]) continue;
    auto& slot = slots_[of];
    const log_position at{done.epoch, offer.at};
    if (at < slot.ledger.next()) continue;
    auto& who = *slot.holder;
    if (!who.has_room(offer.bytes)) who.hungry = false;
    if (!who.hungry || slot.ledger.remembered() >= limits::group_slot_events_max) {
      taking[of] = false;
      continue;
    }
    if (!slot.ledger.wants(at)) continue;
    who.handed_.push_back({slot.ledger.hand_out(at), offer.bytes, offer.of});
    ++who.events;
    who.bytes += offer.bytes;
    ++slot.held;
    std::erase(slot.begun, at);
    who.chosen.push_back(place);
  }
  const log_position until{done.epoch, done.until};
  for (std::size_t of = 0; of < slots_.size(); ++of)
    if (taking[of]) slots_[of].ledger.pass(until);
  for (auto& [id, who] : members_)
    if (!who.chosen.empty()) {
      const auto first = who.next_number() - who.chosen.size();
      fx.emplace_back(out::hand_out{id, first, std::exchange(who.chosen, {})});
    }
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
    forget(id, fx);
  }
  if (!asked_) tail_.reset(); // an epoch that was closed may have grown
  read_on(fx);
}

bool group_source::member::has_room(std::uint32_t for_bytes) const noexcept {
  if (events == 0 || planted(planted_bug::group_window_ignored)) return true;
  return events < events_max && bytes + for_bytes <= bytes_max;
}

/// What has ended can't end twice: a repeated number is passed over.
void group_source::close_numbers(member& who, const number_range& range, bool returned, slot_set& touched) {
  for (auto number = std::max(range.from, who.first_number); number < range.until; ++number) {
    auto& one = who.handed_[number - who.first_number];
    if (one.finished) continue;
    one.finished = true;
    --who.events;
    who.bytes -= one.bytes;
    auto& slot = slots_[one.of.value()];
    --slot.held;
    if (returned)
      slot.waits = true;
    else
      slot.ledger.finish(one.number);
    touched.set(one.of.value());
  }
  while (!who.handed_.empty() && who.handed_.front().finished) {
    who.handed_.pop_front();
    ++who.first_number;
  }
}

group_source::member* group_source::meant_for(std::size_t of) {
  const auto id = assignment_.member_of(slot{static_cast<std::uint16_t>(of)});
  if (!id) return nullptr;
  return &members_.at(*id);
}

/// A slot goes on, at another holder where it is meant for that one, when its holder has nothing of it.
void group_source::settle(std::size_t of) {
  auto& slot = slots_[of];
  if (!slot.free()) return;
  if (slot.waits) slot.ledger.take_back();
  slot.waits = false;
  auto* next = meant_for(of);
  if (slot.holder == next) return;
  slot.holder = next;
  slot.granted_by = version_ + 1;
  unsaved_ = true;
}

void group_source::reassign(effects& fx) {
  std::map<member_id, slot_set> revoked;
  for (std::size_t of = 0; of < slots_.size(); ++of) {
    auto& slot = slots_[of];
    if (slot.holder == meant_for(of)) continue;
    const bool away = slot.holder != nullptr && !slot.holder->present; // it may be at work
    if (slot.holder == nullptr || (slot.free() && !away)) {
      settle(of);
    } else if (planted(planted_bug::slot_moved_while_held)) {
      slot.holder = meant_for(of);
    } else if (!std::exchange(slot.waits, true) && !away) {
      revoked[slot.holder->id].set(of);
    }
  }
  for (const auto& [id, slots] : revoked)
    fx.emplace_back(out::revoke{id, slots});
}

/// What it had is no longer its over its present flow; its slots are.
void group_source::take_all_back(member& who) {
  for (auto& slot : slots_) {
    if (slot.holder != &who) continue;
    slot.ledger.take_back();
    slot.held = 0;
    slot.begun.clear();
    slot.waits = false;
  }
  who.handed_.clear();
  who.first_number = 1;
  who.events = 0;
  who.bytes = 0;
}

void group_source::forget(member_id who, effects& fx) {
  const auto found = members_.find(who);
  if (found == members_.end()) return;
  take_all_back(found->second);
  assignment_.remove(who);
  for (auto& slot : slots_)
    if (slot.holder == &found->second) slot.holder = nullptr;
  members_.erase(found);
  unsaved_ = true;
  reassign(fx);
  go_on(fx);
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
  if (slot.waits && !planted(planted_bug::waiting_slot_goes_on)) return false;
  if (slot.granted_by > saved_ && !planted(planted_bug::handed_out_before_saved)) return false;
  if (assignment_.member_of(weft::slot{static_cast<std::uint16_t>(of)}) != slot.holder->id) return false;
  if (slot.ledger.remembered() >= limits::group_slot_events_max) return false;
  return slot.ledger.next().seq != log_end_ || !tail_ || slot.ledger.next().epoch > *tail_;
}

/// Those furthest behind and the foremost by turns: who catches up does not stop what is new, nor the other way round.
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
  const auto from = foremost_next_ ? *foremost : *hindmost;
  foremost_next_ = !foremost_next_;
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

std::size_t group_source::draining() const {
  return static_cast<std::size_t>(std::ranges::count_if(slots_, &slot_state::waits));
}

std::optional<member_id> group_source::holder(slot of) const {
  const auto* who = slots_[of.value()].holder;
  if (who == nullptr) return std::nullopt;
  return who->id;
}

} // namespace weft::delivery
