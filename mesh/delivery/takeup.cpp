#include "mesh/delivery/takeup.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/delivery/slots.hpp"
#include "mesh/wire/batch_view.hpp"

#include <algorithm>
#include <map>

namespace weft::delivery {
namespace {

/// By the first of them, and where it names nobody by the second.
group_holders holders_of(const group_holders& first, const group_holders& second) {
  std::map<member_id, slot_set> held;
  slot_set named;
  for (const auto& [who, slots] : first) {
    held[who] |= slots;
    named |= slots;
  }
  for (const auto& [who, slots] : second)
    if (const auto more = slots & ~named; more.any()) held[who] |= more;
  return {held.begin(), held.end()};
}

/// Only floors: what is finished above them is of no account as a beginning.
group_cursor floors_of(const group_cursor& cursor) {
  group_cursor floors{cursor.generation, cursor.floor, {}};
  for (const auto& one : cursor.apart)
    if (one.floor != cursor.floor) floors.apart.push_back({one.of, one.floor, {}});
  return floors;
}

} // namespace

group_record taken_up(const log_id& log, group_record owners, const std::optional<group_record>& before,
                      wall_time since) {
  const bool goes_on = before && before->cursor.generation == owners.cursor.generation;
  weft::reached(goes_on ? "takeup.taken_up_again" : "takeup.taken_up");
  auto takeup = goes_on && before->takeup ? *before->takeup : group_takeup{log, floors_of(owners.cursor), since};
  if (goes_on) {
    owners.cursor = merge(owners.cursor, before->cursor);
    owners.holders = holders_of(before->holders, owners.holders);
  }
  if (before) owners.version = std::max(owners.version, before->version); // what is saved next is above it
  if (before) owners.state = merged(owners.state, before->state);
  if (planted(planted_bug::taken_up_holders_forgotten)) owners.holders.clear();
  owners.takeup = std::move(takeup);
  return owners;
}

slot_set withheld(const group_record& record) {
  slot_set slots;
  for (const auto key : record.parked)
    slots.set(wire::slot_of(hash_of(key)).value());
  return slots;
}

failure_policy at_copy(failure_policy policy) {
  if (policy.then != after_failing::skip) policy.then = after_failing::block;
  return policy;
}

group_record merged(group_record own, const group_record& taken) {
  own.state = merged(own.state, taken.state);
  if (taken.cursor.generation < own.cursor.generation) return own;
  weft::reached("takeup.merged");
  const bool newer = taken.cursor.generation > own.cursor.generation;
  own.cursor = merge(own.cursor, taken.cursor);
  own.holders = newer ? taken.holders : holders_of(taken.holders, own.holders);
  return own;
}

group_cursor within(group_cursor cursor, const log_position& log_end) {
  cursor.floor = std::min(cursor.floor, log_end);
  for (auto& one : cursor.apart) {
    one.floor = std::min(one.floor, log_end);
    std::erase_if(one.finished, [&](const log_position& at) { return at >= log_end; });
  }
  return cursor;
}

std::vector<slot_range> counted_twice(const group_cursor& own, const group_record& taken) {
  WEFT_ASSERT(taken.takeup);
  std::vector<slot_range> ranges;
  if (own.generation != taken.cursor.generation) return ranges;
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    const auto from = taken.takeup->base.of(slot{of}).floor;
    const auto until = std::min(own.of(slot{of}).floor, taken.cursor.of(slot{of}).floor);
    if (from < until) ranges.push_back({slot{of}, from, until});
  }
  return ranges;
}

} // namespace weft::delivery
