#include "tests/sim/mesh/node_relays.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/routing/shared_demand.hpp"

#include <algorithm>

namespace weft::sim {

using in = routing::relay::in;

template <class In>
void node_relays::tell(const std::string& key, In input) {
  const auto found = boxes_.find(key);
  if (found == boxes_.end()) return;
  relay_t::effects fx;
  found->second.machine.on(std::move(input), fx);
  for (auto& effect : fx)
    turns_.add(
        [this, key, effect = std::move(effect)] { std::visit([&](const auto& what) { do_it(key, what); }, effect); });
  turns_.add([this, key] { forget_if_empty(key); });
}

void node_relays::forget_if_empty(const std::string& key) {
  const auto found = boxes_.find(key);
  if (found != boxes_.end() && found->second.machine.empty()) boxes_.erase(found);
}

// --- flows

void node_relays::join(std::uint64_t flow, const wire::demand& wanted) {
  const auto key = routing::shared_key(wanted).value();
  const auto [at, fresh] = boxes_.try_emplace(key, box{*wanted.log, wanted, relay_t{*wanted.log}});
  at->second.flows.insert(flow);
  key_of_flow_[flow] = key;
  const auto hop = around_.hop_of(*wanted.log);
  if (fresh && hop) tell(key, in::route{*hop, false});
  tell(key, in::join{flow, {wanted.start, wanted.time, wanted.at}, wanted.window, !wanted.distance});
}

void node_relays::credit(std::uint64_t flow, std::uint64_t limit) {
  if (const auto key = key_of_flow_.find(flow); key != key_of_flow_.end()) tell(key->second, in::credit{flow, limit});
}

void node_relays::leave(std::uint64_t flow) {
  const auto left = key_of_flow_.extract(flow);
  if (!left) return;
  if (const auto at = boxes_.find(left.mapped()); at != boxes_.end()) at->second.flows.erase(flow);
  tell(left.mapped(), in::leave{flow});
}

// --- hops

std::vector<std::string> node_relays::keys_of(const log_id& log) const {
  std::vector<std::string> keys;
  for (const auto& [key, one] : boxes_)
    if (one.log == log) keys.push_back(key);
  return keys;
}

void node_relays::routed(const log_id& log, const node_id& hop, bool withdraw_first) {
  for (const auto& key : keys_of(log))
    tell(key, in::route{hop, withdraw_first});
}

void node_relays::no_route(const log_id& log) {
  for (const auto& key : keys_of(log))
    tell(key, in::no_route{});
}

void node_relays::hop_lost(const node_id& hop) {
  std::erase_if(legs_, [&hop](const auto& item) { return item.second.hop == hop; });
  std::erase_if(subscription_of_, [&hop](const auto& item) { return item.first.first == hop; });
  for (auto& [key, one] : boxes_)
    tell(key, in::hop_lost{hop});
}

void node_relays::opened(const node_id& hop, const wire::flow_opened& message) {
  const auto found = legs_.find(message.subscription);
  if (found == legs_.end() || found->second.hop != hop) return; // withdrawn meanwhile
  auto& one = found->second;
  one.flow = message.flow;
  subscription_of_[{hop, message.flow}] = message.subscription;
  tell(one.key, in::leg_opened{one.number, message.at});
}

void node_relays::run(const node_id& hop, const wire::run& message, const shared_bytes& payload) {
  const auto subscription = subscription_of_.find({hop, message.flow});
  if (subscription == subscription_of_.end()) return;
  const auto& one = legs_.at(subscription->second);
  tell(one.key, in::leg_run{one.number, message, payload});
}

bool node_relays::closed(const node_id& hop, const wire::flow_closed& message) {
  const auto found = legs_.find(message.subscription);
  if (found == legs_.end() || found->second.hop != hop) return false;
  const auto one = found->second;
  subscription_of_.erase({hop, one.flow});
  legs_.erase(found);
  around_.withdrawn(hop, message.subscription);
  tell(one.key, in::leg_closed{one.number, error(message.code, message.message)});
  return true;
}

// --- what the machines want

node_relays::leg_map::iterator node_relays::find_leg(const std::string& key, std::uint64_t number) {
  return std::ranges::find_if(legs_,
                              [&](const auto& item) { return item.second.number == number && item.second.key == key; });
}

void node_relays::do_it(const std::string& key, const relay_t::out::demand& wanted) {
  const auto found = boxes_.find(key);
  if (found == boxes_.end()) return;
  const auto& one = found->second;
  auto message = one.wanted;
  message.subscription = turns_.new_number();
  message.start = wanted.start.kind;
  message.time = wanted.start.time;
  message.at = wanted.start.at;
  message.window = wanted.window;
  message.distance = around_.distance_to(one.log);
  if (!message.distance || !around_.tell_peer(wanted.hop, message))
    return tell(key, in::leg_closed{wanted.leg, error(errc::not_connected, "no link to the hop")});
  legs_[message.subscription] = {key, wanted.leg, wanted.hop};
  around_.demanded(wanted.hop, message.subscription, one.log);
}

void node_relays::do_it(const std::string& key, const relay_t::out::withdraw& gone) {
  const auto found = find_leg(key, gone.leg);
  if (found == legs_.end()) return;
  const auto [subscription, one] = *found;
  subscription_of_.erase({one.hop, one.flow});
  legs_.erase(found);
  static_cast<void>(around_.tell_peer(one.hop, wire::withdraw{subscription}));
  around_.withdrawn(one.hop, subscription);
}

void node_relays::do_it(const std::string& key, const relay_t::out::leg_credit& credit) {
  const auto found = find_leg(key, credit.leg);
  if (found != legs_.end())
    static_cast<void>(around_.tell_peer(found->second.hop, wire::credit{found->second.flow, credit.limit}));
}

void node_relays::do_it(const std::string& key, const relay_t::out::hop_refused& refused) {
  const auto found = boxes_.find(key);
  if (found != boxes_.end()) around_.hop_refused(found->second.log, refused.hop);
}

/// Only holders refuse so.
void node_relays::do_it(const std::string&, const relay_t::out::source_refused&) { WEFT_ASSERT(false); }

void node_relays::do_it(const std::string& key, const relay_t::out::try_again&) {
  turns_.after(limits::demand_again_after, [this, key] { tell(key, in::again{}); });
}

void node_relays::do_it(const std::string&, const relay_t::out::opened& opened) { to_.opened(opened.flow, opened.at); }

void node_relays::do_it(const std::string&, const relay_t::out::forward& forward) {
  to_.send(forward.flow, forward.run, forward.payload);
}

void node_relays::do_it(const std::string& key, const relay_t::out::close& close) {
  key_of_flow_.erase(close.flow);
  if (const auto at = boxes_.find(key); at != boxes_.end()) at->second.flows.erase(close.flow);
  to_.closed(close.flow, close.why);
}

} // namespace weft::sim
