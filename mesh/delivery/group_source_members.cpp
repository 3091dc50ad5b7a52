#include "mesh/delivery/group_source.hpp"

#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>

// Who is there, and who holds what.

namespace weft::delivery {

result<void> group_source::on(const in::joined& joined, mono_time now, effects& fx) {
  const bool too_many = members_.size() >= limits::group_members_max && !members_.contains(joined.member);
  const auto assign = [&] {
    return joined.shard.of > 1 ? assignment_.give(joined.member, joined.shard) : assignment_.add(joined.member);
  };
  if (too_many || !assign())
    return fail(errc::busy, fmt::format("the group has {} members already, the most that share the work",
                                        limits::group_members_max));
  auto& who = members_[joined.member];
  if (who.present) reached("group_source.member_came_anew");
  take_all_back(who);
  who.id = joined.member;
  who.events_max = std::clamp(joined.events_max, 1U, limits::group_window_events_max);
  who.bytes_max = joined.bytes_max;
  who.present = who.hungry = true;
  who.heard = now;
  for (const auto& event : joined.processed)
    learn(who, event);
  std::size_t begun = 0;
  for (const auto& event : joined.begun)
    if (event.of.value() < limits::slots && ++begun <= limits::group_window_events_max) note_begun(who, event);
  reassign(fx);
  go_on(fx);
  return {};
}

/// A slot that nobody holds is its as long as it is at work there.
void group_source::note_begun(member& who, const slot_event& event) {
  auto& slot = slots_[event.of.value()];
  if (slot.holder == nullptr) hold(slot, &who);
  if (slot.holder != &who || std::ranges::find(slot.begun, event.at) != slot.begun.end()) return;
  slot.begun.push_back(event.at);
}

void group_source::hold(slot_state& slot, member* who) {
  slot.holder = who;
  slot.granted_by = version_ + 1;
  unsaved_ = true;
}

/// Of another one's slot nothing may be touched: that one may be at work.
bool group_source::holds(const member& who, slot of) const {
  return of.value() < limits::slots && slots_[of.value()].holder == &who;
}

/// Only of who holds the slot: of another one's slot nothing may be passed over.
void group_source::learn(const member& who, const slot_event& processed) {
  if (!holds(who, processed.of)) return;
  auto& slot = slots_[processed.of.value()];
  std::erase(slot.begun, processed.at);
  if (slot.ledger.remembered() >= limits::group_slot_events_max) return;
  slot.ledger.know(processed.at);
  ++progress_;
  trials_.erase({processed.of.value(), processed.at});
}

/// Its flow ends; its slots stay its, as of one that is silent: it may be at work.
void group_source::distrust(member& who, const number_range& range, effects& fx) {
  who.present = who.hungry = false;
  fx.emplace_back(out::expel{
      who.id, error(errc::ack_beyond_end, fmt::format("it says that it processed event {} of its flow, which has {}",
                                                      range.until - 1, who.next_number - 1))});
}

void group_source::on(const in::renewed& renewed, mono_time now, effects& fx) {
  const auto found = members_.find(renewed.member);
  if (found == members_.end()) return;
  if (!found->second.present) {
    fx.emplace_back(
        out::expel{renewed.member, error(errc::not_connected, "the member has to come anew: its flow is not known")});
    return;
  }
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

void group_source::on(const in::away& away) {
  const auto found = members_.find(away.member);
  if (found != members_.end()) found->second.present = found->second.hungry = false;
}

void group_source::on(const in::blocked& blocked, effects& fx) {
  const auto found = members_.find(blocked.member);
  if (found == members_.end()) return;
  auto& who = found->second;
  who.blocked = blocked.blocked;
  if (who.blocked) {
    who.hungry = false;
  } else if (who.present && who.has_room(0)) {
    who.hungry = true;
    who.handed_since = who.closed_since = 0;
  }
  go_on(fx);
}

void group_source::on(const in::left& left, mono_time now, effects& fx) { forget(left.member, now, fx); }

group_source::member* group_source::meant_for(std::size_t of) {
  const auto id = assignment_.member_of(slot{static_cast<std::uint16_t>(of)});
  if (!id) return nullptr;
  return &members_.at(*id);
}

/// A slot goes on, at another holder where it is meant for that one, when its holder has nothing of it.
void group_source::settle(std::size_t of) {
  auto& slot = slots_[of];
  if (!slot.free()) return;
  if (slot.waits) take_back(slot, of);
  slot.waits = false;
  auto* next = meant_for(of);
  if (slot.holder != next) hold(slot, next);
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
    fx.emplace_back(out::revoke{id, slots, members_.at(id).next_number});
}

/// What is on its way aside goes on; it is met again.
void group_source::take_back(slot_state& slot, std::size_t of) {
  slot.ledger.take_back();
  slot.stopped = slot_state::stop::none;
  const auto first = going_aside_.lower_bound({of, log_position{}});
  for (auto at = first; at != going_aside_.end() && at->first.first == of; ++at)
    at->second.in_slot.reset();
}

/// What it had is no longer its over its present flow; its slots are.
void group_source::take_all_back(member& who) {
  for (std::size_t of = 0; of < slots_.size(); ++of) {
    auto& slot = slots_[of];
    if (slot.holder != &who) continue;
    take_back(slot, of);
    slot.held = 0;
    slot.begun.clear();
    slot.waits = false;
  }
  for (auto& [event, one] : going_aside_)
    if (one.at_member && one.at_member->first == who.id) one.at_member.reset(); // its numbers end here
  who.has.clear();
  who.next_number = 1;
  who.handed_since = who.closed_since = 0;
  who.events = 0;
  who.bytes = 0;
  who.tries_suspect = who.blocked = false;
}

void group_source::forget(member_id who, mono_time now, effects& fx) {
  const auto found = members_.find(who);
  if (found == members_.end()) return;
  if (assignment_.has(who)) count_losses(found->second, now); // else it leaves, and does not begin what comes
  take_all_back(found->second);
  assignment_.remove(who);
  for (auto& slot : slots_)
    if (slot.holder == &found->second) slot.holder = nullptr;
  members_.erase(found);
  unsaved_ = true;
  reassign(fx);
  go_on(fx);
}

} // namespace weft::delivery
