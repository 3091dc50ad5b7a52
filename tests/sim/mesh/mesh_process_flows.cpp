// tests/sim/mesh/mesh_process_flows.cpp: whom the node's flows go to: programs here, and peers.
#include "tests/sim/mesh/mesh_process.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

constexpr microseconds joins_again_after{1'000'000};

} // namespace

// --- programs here

void mesh_process::publish(const std::vector<std::uint64_t>& events, ack_level level) {
  if (!works()) return;
  if (log_.publish(events, level)) say_topic(state_.book.event(events.front()).topic);
  settle();
}

void mesh_process::subscribe(consumer& by) {
  if (!works()) return;
  by.cut_off();
  by.subscribed(hlc::at(now().wall));
  interests_.insert(by.number());
  join(by, log_.id());
  tell_router(routing::router_in::interest{by.number(), by.what().pattern, {}});
  settle();
}

void mesh_process::unsubscribe(std::uint64_t number) {
  if (!works()) return;
  interests_.erase(number);
  std::vector<std::uint64_t> over;
  for (const auto& [flow, to] : served_)
    if (!to.peer && to.subscription == number) over.push_back(flow);
  for (const auto flow : over)
    drop(flow);
  tell_router(routing::router_in::interest_gone{number});
  settle();
}

void mesh_process::seek(consumer& by, const log_id& log, wire::start_kind to, const log_position& at) {
  const auto flow = find_flow({}, by.number(), log);
  if (!works() || flow == served_.end()) return;
  drop(flow->first);
  by.seek(log, to, at);
  join(by, log);
  settle();
}

void mesh_process::set_stopped(consumer& by, bool stopped) {
  for (const auto& [log, limit] : by.set_stopped(stopped))
    if (const auto flow = find_flow({}, by.number(), log); flow != served_.end()) give_credit(flow->first, limit);
  settle();
}

consumer* mesh_process::consumer_of(std::uint64_t number) const {
  const auto found = state_.consumers.find(number);
  return found == state_.consumers.end() || !interests_.contains(number) ? nullptr : found->second.get();
}

void mesh_process::join(consumer& by, const log_id& log) {
  if (find_flow({}, by.number(), log) != served_.end()) return;
  serve({log, {}, by.number()}, by.demand_for(log));
}

void mesh_process::join_again_later(std::uint64_t number, const log_id& log) {
  turns_.after(joins_again_after, [this, number, log] {
    if (auto* by = consumer_of(number)) join(*by, log);
  });
}

/// What a program must never see.
void mesh_process::complain(std::uint64_t number, const log_id& log, const error& why) {
  around().fail("consumer", fmt::format("h{}, program {}, log {}: {}: {}", around().host().value(), number,
                                        to_string(log).substr(0, 8), to_string(why.code()), why.message()));
}

// --- flows

mesh_process::flow_map::iterator mesh_process::find_flow(const std::optional<node_id>& peer, std::uint64_t subscription,
                                                         const std::optional<log_id>& log) {
  return std::ranges::find_if(served_, [&](const auto& item) {
    const auto& to = item.second;
    return to.peer == peer && to.subscription == subscription && (!log || to.log == *log);
  });
}

std::vector<std::uint64_t> mesh_process::serves(const node_id& peer, const log_id& log) const {
  std::vector<std::uint64_t> numbers;
  for (const auto& [flow, to] : served_)
    if (to.peer == peer && to.log == log) numbers.push_back(to.subscription);
  return numbers;
}

void mesh_process::serve(const target& whom, const wire::demand& wanted) {
  const auto flow = turns_.new_number();
  served_.emplace(flow, whom);
  if (whom.log == log_.id())
    own_.open(flow, wanted);
  else
    relays_.join(flow, wanted);
}

void mesh_process::drop(std::uint64_t flow) {
  served_.erase(flow);
  own_.leave(flow);
  relays_.leave(flow);
}

void mesh_process::give_credit(std::uint64_t flow, std::uint64_t limit) {
  own_.credit(flow, limit);
  relays_.credit(flow, limit);
}

void mesh_process::opened(std::uint64_t flow, const log_position& at) {
  const auto found = served_.find(flow);
  if (found == served_.end()) return;
  auto& to = found->second;
  to.open = true;
  if (to.peer) {
    const auto* source = member()->members().find(to.log.node);
    const auto node = source == nullptr ? name() : source->identity.name;
    static_cast<void>(tell_peer(*to.peer, wire::flow_opened{to.subscription, flow, to.log, node, at}));
  } else if (auto* by = consumer_of(to.subscription)) {
    if (auto good = by->opened(to.log, at); !good) complain(to.subscription, to.log, good.error());
  }
}

void mesh_process::send(std::uint64_t flow, const wire::run& run, const shared_bytes& payload) {
  const auto found = served_.find(flow);
  if (found == served_.end()) return;
  const auto& to = found->second;
  if (to.peer) return send_to_peer(to, flow, run, payload);
  auto* by = consumer_of(to.subscription);
  if (by == nullptr) return;
  const auto credit = by->take(to.log, run, payload);
  if (!credit) return complain(to.subscription, to.log, credit.error());
  if (*credit) give_credit(flow, **credit);
}

void mesh_process::send_to_peer(const target& to, std::uint64_t flow, wire::run run, shared_bytes payload) {
  if (gray_ && !payload.empty() && to.log != log_.id() && (withheld_ = !withheld_)) return;
  run.flow = flow;
  if (const auto link = link_to(*to.peer))
    static_cast<void>(around().send(*link, wire::encode(wire::control{std::move(run)}), std::move(payload)));
}

void mesh_process::closed(std::uint64_t flow, const error& why) {
  const auto over = served_.extract(flow);
  if (!over) return;
  const auto& to = over.mapped();
  if (to.peer) {
    static_cast<void>(tell_peer(*to.peer, wire::flow_closed{flow, to.subscription, why.code(), why.message()}));
    return tell_router(routing::router_in::peer_withdraw{*to.peer, to.subscription});
  }
  auto* by = consumer_of(to.subscription);
  if (by == nullptr) return;
  by->closed(to.log, why.code());
  join_again_later(to.subscription, to.log);
}

} // namespace weft::sim
