#include "tests/sim/groups/group_book.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

constexpr std::string_view one_at_a_time = "one_holder_at_a_time";
constexpr std::string_view in_order = "order_of_a_key";
constexpr std::string_view parked_waits = "parked_keys_wait";
constexpr std::string_view aside_with_reason = "set_aside_with_reason";
constexpr std::string_view cursor_is_true = "cursor_says_what_is_true";

/// Clocks of members and sources run apart by less.
constexpr microseconds margin = std::chrono::duration_cast<microseconds>(limits::group_lease_margin) * 3 / 4;

/// What had begun until then has ended, and so have leases.
constexpr microseconds apart_for = std::chrono::seconds(45);

constexpr std::uint64_t read_events_max = 64; // of one read

} // namespace

group_source::in::read_done group_log::read(const group_source::out::read& wanted, const log_position& end) const {
  auto at = wanted.from.seq.value();
  group_source::in::read_done found{at < end.seq.value() ? items[at].epoch : end.epoch, wanted.from.seq, {}, {}};
  const auto until = std::min(end.seq.value(), at + read_events_max);
  for (; at < until && items[at].epoch == found.epoch; ++at)
    if (wanted.slots[items[at].of.value()])
      found.offers.push_back({seq{at}, items[at].of, 100, items[at].key, items[at].replayed});
  found.until = seq{at};
  return found;
}

void group_book::append(std::uint32_t log, slot of, unsigned fails, bool rejects) {
  append(log, of, key_of(of, logs[log].items.size() / 3 % 2 == 1), fails, rejects);
}

void group_book::append(std::uint32_t log, slot of, hashed_key key, unsigned fails, bool rejects) {
  auto& to = logs[log];
  to.of_slot[of.value()].push_back(to.items.size());
  to.items.push_back(
      {.epoch = to.epoch(), .of = of, .key = key, .fails = fails, .rejects = rejects, .first = to.items.size()});
}

log_position group_book::replay(std::uint32_t log, hashed_key key, bool fails_again) {
  auto& in = logs[log];
  const auto kept = std::exchange(in.letters[key], {});
  for (const auto first : kept) {
    append(log, in.items[first].of, key, fails_again && first == *kept.rbegin() ? group_log::always : 0,
           in.items[first].rejects);
    in.items.back().first = first;
    in.items.back().replayed = true;
  }
  return in.end();
}

void group_book::began(host_index by, member_id member, std::uint32_t log, const slot_event& event, host_index from) {
  auto& in = logs[log];
  const auto at = event.at.seq.value();
  if (at >= in.items.size() || in.items[at].of != event.of || in.items[at].epoch != event.at.epoch)
    return world_.fail("nothing_invented", fmt::format("{} was handed out by h{}", to_string(event.at), log));
  const auto& all = in.of_slot[event.of.value()];
  const auto rank = static_cast<std::size_t>(std::ranges::lower_bound(all, at) - all.begin());
  for (auto before = in.finished_first[event.of.value()]; before < rank; ++before)
    if (const auto& other = in.items[all[before]];
        !other.finished && other.key == in.items[at].key && other.first < in.items[at].first)
      return world_.fail(in_order, fmt::format("m{} begins {} of h{}'s slot {}, and {} is not finished", member.value(),
                                               at, log, event.of.value(), all[before]));
  const auto& waiting = in.waiting[in.items[at].key];
  if (!waiting.empty() && *waiting.begin() < in.items[at].first)
    return world_.fail(parked_waits, fmt::format("m{} begins {} of h{}'s slot {}, and {} is parked", member.value(),
                                                 in.items[at].first, log, event.of.value(), *waiting.begin()));
  auto& working = at_work_[{log, event.of.value()}];
  const under_way one{by, member, at, world_.now(), from};
  for (const auto& other : working)
    check_alone(other, one, log, event.of);
  working.push_back(one);
}

/// Who had its share and began in time can't be stopped; its successor does not wait for it for ever.
void group_book::check_alone(const under_way& other, const under_way& one, std::uint32_t log, slot of) {
  const auto lost = expelled_.find({log, other.member});
  const bool in_time = lost != expelled_.end() && lost->second >= other.since && lost->second - other.since >= margin;
  if (in_time && other.member != one.member) return;
  if (const auto apart = apart_until_.find(log); apart != apart_until_.end() && world_.now() < apart->second) return;
  world_.fail(one_at_a_time, fmt::format("m{} begins {} of h{}'s slot {}, in which m{} is at work on {} since {:.6f}",
                                         one.member.value(), one.at, log, of.value(), other.member.value(), other.at,
                                         static_cast<double>(other.since.us) / 1e6));
}

bool group_book::succeeds(std::uint32_t log, const slot_event& event) {
  auto& fails = logs[log].items[event.at.seq.value()].fails;
  if (fails == 0) return true;
  if (fails != group_log::always) --fails;
  return false;
}

void group_book::failed(host_index by, member_id member, std::uint32_t log, const slot_event& event) {
  end_work(by, member, log, event);
  ++logs[log].items[event.at.seq.value()].tried;
}

void group_book::finished(host_index by, member_id member, std::uint32_t log, const slot_event& event) {
  end_work(by, member, log, event);
  auto& in = logs[log];
  const auto& item = in.items[event.at.seq.value()];
  in.waiting[item.key].erase(item.first);
  finish(log, event);
}

void group_book::end_work(host_index by, member_id member, std::uint32_t log, const slot_event& event) {
  std::erase_if(at_work_[{log, event.of.value()}], [&](const auto& one) {
    return one.host == by && one.member == member && one.at == event.at.seq.value();
  });
}

void group_book::finish(std::uint32_t log, const slot_event& event) {
  auto& in = logs[log];
  in.items[event.at.seq.value()].finished = true;
  const auto& all = in.of_slot[event.of.value()];
  auto& first = in.finished_first[event.of.value()];
  while (first < all.size() && in.items[all[first]].finished)
    ++first;
}

void group_book::put_aside(std::uint32_t log, const slot_event& event, bool parked,
                           const weft::delivery::trials& tried) {
  auto& in = logs[log];
  const auto at = event.at.seq.value();
  auto& item = in.items[at];
  auto& waiting = in.waiting[item.key];
  const bool behind = !waiting.empty() && *waiting.begin() <= item.first;
  const bool follows = parked && (behind || in.parked.contains(item.key) || in.parked_before.contains(item.key));
  if (item.fails != group_log::always && !follows)
    return world_.fail(aside_with_reason,
                       fmt::format("{} of h{}'s slot {} did not keep failing", at, log, event.of.value()));
  if (!follows && !tried.rejected && tried.counted() < policy_.deliveries_max)
    return world_.fail(aside_with_reason, fmt::format("{} of h{}'s slot {} was tried {} times and not rejected", at,
                                                      log, event.of.value(), tried.counted()));
  if (tried.failures > item.tried || (tried.rejected && !item.rejects))
    return world_.fail(aside_with_reason, fmt::format("{} of h{}'s slot {} was tried {} times, its record says {}{}",
                                                      at, log, event.of.value(), item.tried, tried.failures,
                                                      tried.rejected ? ", and that it was rejected" : ""));
  if (parked) {
    waiting.insert(item.first);
    in.letters[item.key].insert(item.first);
  }
  item.set_aside = true;
  finish(log, event);
}

void group_book::gone(host_index host) {
  for (auto& [where, working] : at_work_)
    std::erase_if(working, [&](const auto& one) { return one.host == host; });
}

void group_book::gone(host_index host, member_id member) {
  for (auto& [where, working] : at_work_)
    std::erase_if(working, [&](const auto& one) { return one.host == host && one.member == member; });
}

void group_book::apart(std::uint32_t log) { apart_until_[log] = world_.now() + apart_for; }

void group_book::published(std::uint32_t log, const group_cursor& cursor) {
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    if (const auto floor = cursor.of(slot{of}).floor; floor < logs[log].cursor.of(slot{of}).floor)
      return world_.fail(cursor_is_true, fmt::format("of h{}'s slot {} it went back to {}", log, of, to_string(floor)));
  check_true(log, cursor);
}

void group_book::check_true(std::uint32_t log, const group_cursor& cursor) {
  const auto& in = logs[log];
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    const auto progress = cursor.of(slot{of});
    const auto& all = in.of_slot[of];
    const auto first = in.finished_first[of];
    if (first < all.size() && all[first] < progress.floor.seq.value())
      return world_.fail(cursor_is_true, fmt::format("of h{}'s slot {} it says {}, and {} is not finished", log, of,
                                                     to_string(progress.floor), all[first]));
    for (const auto& at : progress.finished)
      if (at.seq.value() >= in.items.size() || !in.items[at.seq.value()].finished)
        return world_.fail(cursor_is_true,
                           fmt::format("of h{}'s slot {} it says that {} is finished", log, of, to_string(at)));
  }
}

std::string group_book::missing() const {
  for (std::size_t log = 0; log < logs.size(); ++log) {
    const auto& in = logs[log];
    for (std::uint16_t of = 0; of < limits::slots; ++of)
      if (const auto first = in.finished_first[of]; first < in.of_slot[of].size())
        return fmt::format("{} of h{}'s slot {} is not finished", in.of_slot[of][first], log, of);
    if (in.cursor.needed_from().seq.value() < in.items.size())
      return fmt::format("h{}'s cursor is at {}, the log at {}", log, to_string(in.cursor.needed_from()),
                         in.items.size());
  }
  return {};
}

} // namespace weft::sim
