#include "mesh/delivery/group_member.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::delivery {
namespace {

std::vector<number_range> ranges_of(std::vector<std::uint64_t> numbers) {
  std::ranges::sort(numbers);
  std::vector<number_range> ranges;
  for (const auto number : numbers)
    if (!ranges.empty() && ranges.back().until == number)
      ++ranges.back().until;
    else
      ranges.push_back({number, number + 1});
  return ranges;
}

} // namespace

group_member::carried_over group_member::open(mono_time now) {
  done_.clear();
  returned_.clear();
  processed_.clear();
  abandoned_.clear();
  failed_.clear();
  unjudged_.clear();
  untold_.clear();
  told_.clear();
  renewals_.clear();
  revoked_.clear();
  next_number_ = 1;
  lease_until_ = now + limits::group_lease;
  carried_over all;
  for (auto at = held_.begin(); at != held_.end();) {
    auto& [of, one] = *at;
    one.number.reset();
    if (one.is == state::waiting || one.is == state::failed) { // it comes again
      at = held_.erase(at);
      continue;
    }
    known_[one.event.at] = of;
    if (one.is == state::done) told_.push_back({last_renewal_ + 1, of});
    (one.is == state::done ? all.processed : all.begun).push_back(one.event);
    ++at;
  }
  if (planted(planted_bug::begun_not_told)) all.begun.clear();
  return all;
}

result<std::vector<std::optional<group_member::ticket>>> group_member::arrived(std::uint64_t first_number,
                                                                               const std::vector<slot_event>& events,
                                                                               const std::vector<tried_event>& tried,
                                                                               mono_time now) {
  if (first_number != next_number_)
    return weft::fail(errc::protocol_violation,
                      fmt::format("event {} of the flow was expected, {} came", next_number_, first_number));
  std::vector<std::optional<ticket>> tickets;
  tickets.reserve(events.size());
  for (const auto& event : events)
    tickets.push_back(take_in(event, next_number_++));
  std::erase_if(revoked_, [this](const auto& one) { return one.first <= next_number_; });
  for (const auto& one : tried)
    if (one.number >= first_number && one.number - first_number < tickets.size())
      if (const auto of = tickets[one.number - first_number]) {
        held_.at(*of).trials = one.trials;
        held_.at(*of).not_before = now + one.after;
      }
  return tickets;
}

std::optional<group_member::ticket> group_member::take_in(const slot_event& event, std::uint64_t number) {
  const auto known = known_.find(event.at);
  if (known != known_.end() && !planted(planted_bug::known_event_begun_again)) {
    come_again(known->second, number);
    return std::nullopt;
  }
  if (leaves_ || is_revoked(event.of, number)) {
    returned_.push_back(number);
    return std::nullopt;
  }
  held_.emplace(next_ticket_, held_event{event, state::waiting, number});
  return next_ticket_++;
}

/// The member answers for what it had.
void group_member::come_again(ticket of, std::uint64_t number) {
  reached("group_member.came_again");
  auto& one = held_.at(of);
  known_.erase(one.event.at);
  one.number = number;
  if (one.is != state::done) return;
  done_.push_back(number);
  untold_.push_back(of);
}

void group_member::revoked(const slot_set& slots, std::uint64_t before) {
  give_back_waiting(slots);
  if (before > next_number_) revoked_.emplace_back(before, slots);
}

bool group_member::is_revoked(slot of, std::uint64_t number) const {
  return std::ranges::any_of(revoked_, [&](const auto& one) { return number < one.first && one.second[of.value()]; });
}

void group_member::leave() {
  leaves_ = true;
  give_back_waiting(slot_set().set());
}

void group_member::give_back_waiting(const slot_set& slots) {
  for (auto at = held_.begin(); at != held_.end();) {
    const auto& one = at->second;
    if ((one.is == state::waiting || one.is == state::failed) && slots[one.event.of.value()]) {
      returned_.push_back(*one.number);
      at = held_.erase(at);
    } else {
      ++at;
    }
  }
}

group_member::permit group_member::may_begin(ticket of, mono_time now) {
  const auto found = held_.find(of);
  if (found == held_.end()) return permit::skip;
  if (found->second.is == state::failed) return permit::later;
  WEFT_ASSERT(found->second.is == state::waiting);
  if (now > lease_until_ && !planted(planted_bug::group_lease_ignored)) {
    reached("group_member.lease_ended");
    return permit::wait;
  }
  if (now < found->second.not_before) return permit::later;
  found->second.is = state::begun;
  ++under_way_;
  return permit::begin;
}

void group_member::finish(ticket of) {
  auto& one = held_.at(of);
  WEFT_ASSERT(one.is == state::begun);
  one.is = state::done;
  --under_way_;
  if (one.number)
    done_.push_back(*one.number);
  else
    processed_.push_back(one.event);
  untold_.push_back(of);
}

void group_member::give_up(ticket of, failure why) {
  auto& one = held_.at(of);
  WEFT_ASSERT(one.is == state::begun);
  --under_way_;
  if (!one.number) { // it comes again, to whoever has its slot then
    abandoned_.push_back(one.event);
    return drop(of);
  }
  const auto number = *one.number;
  why.number = number;
  why.cause.resize(std::min(why.cause.size(), limits::group_cause_bytes_max));
  const bool is_told = !leaves_ || why.rejected; // that it ends may be why it failed, but not why it was rejected
  if (is_told) failed_.push_back(std::move(why));
  if (leaves_) {
    returned_.push_back(number);
    return drop(of);
  }
  one.is = state::failed;
  unjudged_[number] = of;
}

void group_member::judged(std::uint64_t number, const std::optional<microseconds>& again, mono_time now) {
  const auto known = unjudged_.extract(number);
  if (known.empty()) return;
  const auto found = held_.find(known.mapped());
  if (found == held_.end()) return; // it was given back meanwhile
  auto& one = found->second;
  if (!again) return drop(found->first);
  one.is = state::waiting;
  ++one.trials;
  one.not_before = now + *again;
}

std::uint32_t group_member::trials(ticket of) const {
  const auto found = held_.find(of);
  return found == held_.end() ? 0 : found->second.trials;
}

group_member::report group_member::take_report() {
  report all{ranges_of(std::exchange(done_, {})), ranges_of(std::exchange(returned_, {})),
             std::exchange(processed_, {}), std::exchange(abandoned_, {}), std::exchange(failed_, {})};
  for (const auto of : std::exchange(untold_, {}))
    told_.push_back({last_renewal_ + 1, of});
  return all;
}

std::uint64_t group_member::renew(mono_time now) {
  renewals_.push_back({++last_renewal_, now});
  return last_renewal_;
}

void group_member::renewed(std::uint64_t number) {
  while (!renewals_.empty() && renewals_.front().number <= number) {
    lease_until_ = std::max(lease_until_, renewals_.front().sent + limits::group_lease);
    renewals_.pop_front();
  }
  for (; !told_.empty() && told_.front().before <= number && number <= last_renewal_; told_.pop_front())
    drop(told_.front().of);
}

void group_member::drop(ticket of) {
  const auto found = held_.find(of);
  if (found == held_.end()) return; // it was told twice: as of an older flow, then by its number
  const auto known = known_.find(found->second.event.at);
  if (known != known_.end() && known->second == of) known_.erase(known);
  held_.erase(found);
}

} // namespace weft::delivery
