// mesh/routing/relay.cpp: what a relay hears: hops, legs, flows. How flows share channels is in relay_channels.cpp.
#include "mesh/routing/relay.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::routing {
namespace {

/// Whether the same demand may be served later, there or elsewhere.
bool passes_by_itself(errc code) {
  switch (code) {
  case errc::busy:
  case errc::no_route:
  case errc::cancelled:
  case errc::internal:
  case errc::would_block:
  case errc::timed_out:
  case errc::not_connected:
  case errc::protocol_violation: return true;
  default: return false;
  }
}

/// Whether another hop may do better.
bool is_of_hop(errc code) { return code == errc::busy || code == errc::no_route || code == errc::protocol_violation; }

} // namespace

// --- hops

void relay::on(const in::route& route, effects& fx) {
  hop_ = upstream_hop{route.hop, route.source};
  for (auto at = channels_.begin(); at != channels_.end(); ++at)
    demand(at, route.withdraw_first, fx);
}

void relay::on(in::no_route, effects& fx) {
  hop_.reset();
  for (auto& [number, one] : channels_)
    one.up.stop(fx);
}

void relay::on(const in::hop_lost& lost, effects& fx) {
  if (hop_ && hop_->node == lost.hop) hop_.reset();
  for (auto& [number, one] : channels_) {
    one.up.lost(lost.hop);
    grant(number, fx);
  }
}

void relay::on(in::again, effects& fx) {
  for (auto at = channels_.begin(); at != channels_.end(); ++at)
    demand(at, false, fx);
}

/// A flow that may soon share a channel asks without credit first: only where it begins. A leg that stays is given what
/// was kept for the one that would have replaced it.
void relay::demand(numbered_channel at, bool withdraw_first, effects& fx) {
  if (!hop_) return;
  auto& [number, one] = *at;
  const auto window = one.up.place() || flows_.size() == 1 ? may_come(one) : 0;
  if (one.up.go(*hop_, last_leg_ + 1, window, withdraw_first, fx)) ++last_leg_;
  grant(number, fx);
}

// --- legs

relay::numbered_channel relay::channel_of(std::uint64_t leg) {
  return std::find_if(channels_.begin(), channels_.end(), [leg](const auto& one) { return one.second.up.has(leg); });
}

void relay::on(const in::leg_opened& opened, effects& fx) {
  const auto at = channel_of(opened.leg);
  if (at == channels_.end()) return; // withdrawn meanwhile
  auto& [number, one] = *at;
  const bool first = !one.up.place();
  one.refused_by.reset();
  if (const auto good = one.up.opened(opened.leg, opened.at, fx); !good) {
    if (good.error().code() == errc::epoch_ended) return end_epoch(at, good.error(), fx);
    reached("relay.hop_broke_protocol");
    return break_leg(at, opened.leg, good.error(), fx);
  }
  if (first) {
    one.buffer = run_buffer(opened.at);
    for (const auto flow : one.flows) {
      flows_.at(flow).next = opened.at;
      fx.emplace_back(out::opened{flow, opened.at});
    }
  }
  const auto at_channel = number;
  settle(fx);
  grant(at_channel, fx);
}

void relay::on(in::leg_run run, effects& fx) {
  const auto at = channel_of(run.leg);
  if (at == channels_.end()) return;
  auto& [number, one] = *at;
  auto fresh = one.up.take(run.leg, run.run, run.payload, log_, fx);
  if (!fresh) {
    reached("relay.hop_broke_protocol");
    return break_leg(at, run.leg, fresh.error(), fx);
  }
  one.head = std::max(one.head.value_or(seq{}), run.run.head);
  if (!one.whole_from) one.whole_from = run.run.head; // the log was not longer when the flow began
  const auto at_channel = number;
  if (*fresh) keep(at_channel, std::move(run.run), std::move(run.payload), fx);
  make_room(at_channel, fx);
  settle(fx);
  grant(at_channel, fx);
}

void relay::on(const in::leg_closed& closed, effects& fx) {
  if (const auto at = channel_of(closed.leg); at != channels_.end()) end_leg(at, closed.leg, closed.why, fx);
}

void relay::end_leg(numbered_channel at, std::uint64_t leg, const error& why, effects& fx) {
  auto& [number, one] = *at;
  const auto hop = one.up.drop(leg).hop;
  grant(number, fx);
  if (why.code() == errc::not_held) return refuse_source(at, hop, why, fx);
  if (passes_by_itself(why.code()) || one.up.has_leg()) {
    const bool stays = !is_of_hop(why.code()) || (named_ && why.code() == errc::busy);
    if (!stays && !one.up.has_leg() && std::exchange(one.refused_by, hop) == hop) {
      reached("relay.refused_again");
      close_flows(at, why, true, fx); // peers may know another way
    }
    if (serves(hop) || stays) {
      fx.emplace_back(out::try_again{});
      return;
    }
    if (hop_ == hop) hop_.reset();
    fx.emplace_back(out::hop_refused{hop.node, why, hop.source});
    return;
  }
  close_flows(at, why, false, fx);
}

/// Whether a flow comes from there.
bool relay::serves(const upstream_hop& hop) const {
  return std::ranges::any_of(channels_, [&hop](const auto& one) {
    const auto& current = one.second.up.current();
    return current && current->hop == hop && current->open;
  });
}

void relay::close_flows(numbered_channel at, const error& why, bool but_those_that_move, effects& fx) {
  auto& [number, one] = *at;
  std::erase_if(one.flows, [&](std::uint64_t flow) {
    if (but_those_that_move && flows_.at(flow).moves) return false;
    fx.emplace_back(out::close{flow, why});
    flows_.erase(flow);
    return true;
  });
  if (!one.flows.empty()) return;
  if (shared_ == number) shared_ = 0;
  one.up.stop(fx);
  channels_.erase(at);
  settle(fx);
}

/// Its flows ask anew, each from where it is.
void relay::end_epoch(numbered_channel at, const error& why, effects& fx) {
  reached("relay.epoch_ended");
  close_flows(at, why, false, fx);
}

/// The copy that a flow was to come from lacks something: who has no choice is told, others get another one. Who is
/// served by another source goes on there, and so do flows that come from this one.
void relay::refuse_source(numbered_channel at, const upstream_hop& hop, const error& why, effects& fx) {
  reached("relay.source_refused");
  if (hop_ == hop && !serves(hop)) hop_.reset();
  const auto& flows = at->second.flows;
  const bool any = std::ranges::any_of(flows, [this](std::uint64_t flow) { return flows_.at(flow).moves; });
  if (!at->second.up.has_leg()) close_flows(at, why, true, fx);
  if (any) fx.emplace_back(out::source_refused{hop.source, why});
}

void relay::on(const in::leg_silent& silent, effects& fx) {
  const auto at = channel_of(silent.leg);
  if (at == channels_.end()) return;
  reached("relay.hop_silent");
  break_leg(at, silent.leg, error(errc::timed_out, "nothing came for too long though the link is up"), fx);
}

void relay::break_leg(numbered_channel at, std::uint64_t leg, const error& why, effects& fx) {
  const auto hop = at->second.up.drop(leg).hop;
  fx.emplace_back(out::withdraw{leg, hop.node, why});
  grant(at->first, fx);
  if (hop_ == hop) hop_.reset();
  fx.emplace_back(out::hop_refused{hop.node, why, hop.source});
}

/// What the fastest flow can take that is not here yet.
std::uint64_t relay::may_come(const channel& into) const {
  std::uint64_t most = 0;
  for (const auto flow : into.flows) {
    const auto& down = flows_.at(flow);
    const auto credit = down.limit - down.used;
    const auto waiting = down.next ? into.buffer.cost_from(down.item) : 0;
    if (credit > waiting) most = std::max(most, credit - waiting);
  }
  return std::min<std::uint64_t>(most, limits::flow_window_bytes);
}

void relay::grant(std::uint64_t number, effects& fx) {
  if (const auto at = channels_.find(number); at != channels_.end()) at->second.up.grant(may_come(at->second), fx);
}

// --- flows

void relay::on(const in::join& join, effects& fx) {
  const auto [at, fresh] = flows_.try_emplace(join.flow);
  WEFT_ASSERT(fresh);
  auto& down = at->second;
  down.limit = join.window;
  down.whole = join.start.kind == wire::start_kind::position;
  down.moves = join.moves;
  const auto at_shared = down.whole ? channels_.find(shared_) : channels_.end();
  const bool may_share = at_shared != channels_.end() && at_shared->second.is_whole_from(join.start.at.seq);
  if (const auto item = may_share ? at_shared->second.buffer.find(join.start.at) : std::nullopt) {
    reached("relay.served_from_the_buffer");
    down.next = join.start.at;
    fx.emplace_back(out::opened{join.flow, join.start.at});
    join_shared(join.flow, down, *item, fx);
    return grant(shared_, fx);
  }
  if (const auto shared = channels_.find(shared_); shared != channels_.end() && !down.whole)
    down.shares_from = {shared_, shared->second.buffer.end_number()};
  down.channel = add_channel(upstream(join.start), {}, join.flow);
  if (down.whole) channels_.at(down.channel).whole_from = join.start.at.seq;
  demand(channels_.find(down.channel), false, fx);
}

void relay::on(const in::leave& leave, effects& fx) {
  const auto found = flows_.find(leave.flow);
  if (found == flows_.end()) return;
  const auto at_channel = found->second.channel;
  flows_.erase(found);
  leave_channel(leave.flow, at_channel, fx);
  make_room(at_channel, fx);
  settle(fx);
  grant(at_channel, fx);
}

void relay::on(const in::credit& credit, effects& fx) {
  const auto found = flows_.find(credit.flow);
  if (found == flows_.end()) return;
  auto& down = found->second;
  down.limit = planted(planted_bug::credit_added) ? down.limit + credit.limit : std::max(down.limit, credit.limit);
  pump(credit.flow, fx);
  const auto at_channel = down.channel;
  make_room(at_channel, fx);
  settle(fx);
  grant(at_channel, fx);
}

const std::optional<upstream::leg>* relay::serving(std::uint64_t flow) const {
  const auto found = flows_.find(flow);
  return found == flows_.end() ? nullptr : &channels_.at(found->second.channel).up.current();
}

} // namespace weft::routing
