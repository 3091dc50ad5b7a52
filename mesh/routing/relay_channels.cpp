// mesh/routing/relay_channels.cpp: which flow is on which channel of a relay, and what it gets from there.
#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/routing/relay.hpp"
#include "mesh/routing/run_cut.hpp"

#include <algorithm>

namespace weft::routing {

// --- channels

std::uint64_t relay::add_channel(const upstream& up, const log_position& from, std::uint64_t flow) {
  channels_.emplace(++last_channel_, channel{up, run_buffer(from), {flow}});
  return last_channel_;
}

void relay::leave_channel(std::uint64_t flow, std::uint64_t number, effects& fx) {
  const auto at = channels_.find(number);
  at->second.flows.erase(flow);
  if (!at->second.flows.empty()) return;
  if (planted(planted_bug::withdrawn_demand_kept)) return;
  at->second.up.stop(fx);
  channels_.erase(at);
  if (shared_ == number) shared_ = 0;
}

/// Puts every flow on the shared channel whose place lies there.
void relay::settle(effects& fx) {
  if (shared_ == 0) share_the_furthest();
  if (shared_ == 0 || channels_.size() == 1) return;
  for (auto& [flow, down] : flows_) {
    if (down.channel == shared_ || !down.next) continue;
    if (const auto item = place_in_shared(down)) {
      join_shared(flow, down, *item, fx);
      grant(shared_, fx);
    }
  }
}

void relay::share_the_furthest() {
  std::optional<log_position> furthest;
  for (const auto& [number, one] : channels_)
    if (one.up.place() && (!furthest || *furthest < *one.up.place())) {
      furthest = one.up.place();
      shared_ = number;
    }
}

std::optional<std::uint64_t> relay::place_in_shared(const downstream& down) const {
  const auto& shared = channels_.at(shared_);
  const auto& next = *down.next;
  if (down.whole && !shared.is_whole_from(next.seq)) return std::nullopt;
  if (const auto item = shared.buffer.find(next)) {
    const auto& [of, since] = down.shares_from;
    return of == shared_ && *item < since ? std::nullopt : item;
  }
  // A place ahead of a channel that follows the log's end: what lies between is on its way.
  const auto& leg = shared.up.current();
  const bool follows_end = leg && leg->open && shared.head && shared.buffer.end().seq >= *shared.head;
  if (!follows_end || next.epoch != shared.buffer.end().epoch || next < shared.buffer.end()) return std::nullopt;
  reached("relay.joined_ahead");
  return shared.buffer.end_number();
}

void relay::join_shared(std::uint64_t flow, downstream& down, std::uint64_t item, effects& fx) {
  if (down.channel != 0) {
    reached("relay.joined_shared");
    leave_channel(flow, down.channel, fx);
  }
  down.channel = shared_;
  down.item = item;
  channels_.at(shared_).flows.insert(flow);
  pump(flow, fx);
}

void relay::fall_behind(std::uint64_t flow, effects& fx) {
  reached("relay.fell_behind");
  auto& down = flows_.at(flow);
  const auto before = down.channel;
  down.channel = add_channel(upstream(*down.next), *down.next, flow);
  channels_.at(down.channel).whole_from = down.next->seq;
  down.item = 0;
  leave_channel(flow, before, fx);
  demand(channels_.find(down.channel), false, fx);
}

/// Lets go what all have; and when that is not enough, those that hold most back.
void relay::make_room(std::uint64_t number, effects& fx) {
  const auto at = channels_.find(number);
  if (at == channels_.end()) return;
  auto& one = at->second;
  const auto kept = number == shared_ ? limits::relay_tail_bytes : 0;
  while (true) {
    auto slowest = one.buffer.end_number(), fastest = one.buffer.first_number();
    for (const auto flow : one.flows) {
      slowest = std::min(slowest, flows_.at(flow).item);
      fastest = std::max(fastest, flows_.at(flow).item);
    }
    while (one.buffer.first_number() < slowest && one.buffer.bytes() > kept)
      one.buffer.pop_front();
    if (one.buffer.bytes() <= buffer_bytes_ || slowest >= fastest) return;
    const auto flows = one.flows;
    for (const auto flow : flows)
      if (flows_.at(flow).item == slowest) fall_behind(flow, fx);
  }
}

std::size_t relay::buffered_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& [number, one] : channels_)
    bytes += one.buffer.bytes();
  return bytes;
}

// --- what flows get

void relay::keep(std::uint64_t number, wire::run run, shared_bytes payload, effects& fx) {
  auto& into = channels_.at(number);
  if (run.from == run.until && run.gap_code == errc::ok) return heartbeat(into, run, fx);
  for (const auto& start : run.starts) // whoever comes later, and is below it, would not hear of it
    into.whole_from = std::max(into.whole_from.value_or(seq{}), start.at.seq);
  if (!run.starts.empty())
    for (auto& [flow, down] : flows_) // what was gone when it began is taken for granted, this is not
      down.whole = down.whole || down.next;
  into.buffer.push(std::move(run), std::move(payload));
  const auto flows = into.flows;
  for (const auto flow : flows)
    pump(flow, fx);
}

/// Each flow hears that the log's node lives, at its own place.
void relay::heartbeat(channel& from, const wire::run& run, effects& fx) {
  from.buffer.move_end(run.epoch);
  for (const auto flow : from.flows) {
    auto& down = flows_.at(flow);
    auto& next = *down.next;
    if (down.item == from.buffer.end_number() && next.seq == run.until) {
      next.epoch = std::max(next.epoch, run.epoch);
      down.log_time = std::max(down.log_time, run.log_time);
    }
    auto beat = run;
    beat.epoch = next.epoch;
    beat.from = beat.until = next.seq;
    beat.log_time = down.log_time;
    fx.emplace_back(out::forward{flow, std::move(beat), {}});
  }
}

/// Sends what the flow has credit for.
void relay::pump(std::uint64_t flow, effects& fx) {
  auto& down = flows_.at(flow);
  const auto& buffer = channels_.at(down.channel).buffer;
  while (down.next && down.item < buffer.end_number()) {
    const auto& item = buffer.at(down.item);
    const auto& run = item.run;
    const bool had = run.until < down.next->seq || (run.until == down.next->seq && run.from < run.until);
    if (!had || tells_beyond(run, *down.next)) {
      const bool inside = run.from < down.next->seq;
      const bool same_log = inside ? run.epoch == down.next->epoch : run.epoch >= down.next->epoch;
      if (!same_log) return fall_behind(flow, fx); // its hop knew of another epoch there
      if (!send(flow, down, item, fx)) return;
    }
    ++down.item;
  }
}

/// @returns false when there is no credit for it
bool relay::send(std::uint64_t flow, downstream& down, const run_buffer::item& item, effects& fx) const {
  auto run = item.run;
  auto payload = item.payload;
  if (run.until < down.next->seq) {
    run.epoch = down.next->epoch;
    run.from = run.until = down.next->seq;
  } else if (run.from < down.next->seq) {
    // Bytes that can't be cut go whole: who takes the events out leaves out those before its place, and finds the
    // damage.
    if (auto rest = cut_run(payload, log_, run.epoch, down.next->seq)) payload = std::move(*rest);
    run.from = down.next->seq;
  }
  const auto cost = run_cost(payload.size());
  if (cost > down.limit - down.used) return false;
  down.used += cost;
  down.next = {run.epoch, run.until};
  down.log_time = std::max(down.log_time, run.log_time);
  fx.emplace_back(out::forward{flow, std::move(run), std::move(payload)});
  return true;
}

} // namespace weft::routing
