#include "actors/relay_table.hpp"

#include "actors/router.hpp"
#include "mesh/routing/shared_demand.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {
namespace {

/// What is never shared gets a key that no shared demand has: theirs are FlatBuffers.
std::string key_of(const relay_table::joining& one) {
  return routing::shared_key(one.wanted).value_or(fmt::format("flow {}", one.flow->id()));
}

bool moves(const relay_table::joining& one) { return one.local && routing::may_come_from_copies(one.wanted); }

/// The log's own node is not named in a demand.
void set_source(wire::demand& wanted, const node_id& source) {
  wanted.source.reset();
  if (source != wanted.log->node) wanted.source = source;
}

} // namespace

relay_table::entry& relay_table::relay_for(node_services& services, const router_ref& router, const std::string& node,
                                           const joining& one) {
  auto [at, fresh] = relays_.try_emplace(key_of(one));
  if (fresh) {
    const auto& wanted = one.wanted;
    at->second.to = start_relay(services, router, node, wanted);
    at->second.source = {*wanted.log, wanted.source.value_or(wanted.log->node)};
  }
  key_of_.insert_or_assign(one.flow->id(), at->first);
  return at->second;
}

void relay_table::join(node_services& services, const router_ref& router, const std::string& node, joining one) {
  auto& at = relay_for(services, router, node, one);
  give(at.to, one);
  at.flows.insert_or_assign(one.flow->id(), std::move(one));
}

/// The relay first: what the subscription says to it finds the flow there.
void relay_table::give(const relay_ref& to, const joining& one) {
  to.join(one.flow);
  one.by.joined(one.flow->id(), to);
}

void relay_table::leave(std::uint64_t flow) {
  const auto key = key_of_.find(flow);
  if (key == key_of_.end()) return;
  const auto at = relays_.find(key->second);
  key_of_.erase(key);
  leaving_.erase(flow);
  at->second.flows.erase(flow);
  at->second.to.leave(flow);
  if (!at->second.flows.empty()) return;
  at->second.to.stop();
  relays_.erase(at);
}

void relay_table::move(node_services& services, const router_ref& router, const std::string& node,
                       const routing::log_source& source, const kind& of) {
  std::vector<std::string> leaving;
  for (const auto& [key, one] : relays_)
    if (one.source.log == source.log && one.source.node != source.node &&
        std::ranges::any_of(one.flows, [&](const auto& item) {
          const auto& wanted = item.second.wanted;
          return moves(item.second) && wanted.pattern == of.pattern && routing::group_of(wanted) == of.group;
        }))
      leaving.push_back(key);
  for (const auto& key : leaving)
    move_one(services, router, node, relays_.find(key), source.node);
}

void relay_table::move_one(node_services& services, const router_ref& router, const std::string& node,
                           entries::iterator at, const node_id& to) {
  auto moving = at->second.flows;
  std::erase_if(moving, [](const auto& item) { return !moves(item.second); });
  for (auto& [flow, one] : moving)
    set_source(one.wanted, to);
  const auto key = key_of(moving.begin()->second);
  const bool alone = moving.size() == at->second.flows.size();
  if (alone && (key == at->first || !relays_.contains(key))) {
    auto item = relays_.extract(at);
    item.key() = key;
    item.mapped().source.node = to;
    item.mapped().flows = std::move(moving);
    for (const auto& [flow, one] : item.mapped().flows)
      key_of_.insert_or_assign(flow, key);
    relays_.insert(std::move(item));
    return;
  }
  for (auto& [flow, one] : moving) {
    auto& next = relay_for(services, router, node, one);
    if (leaving_.insert(flow).second) at->second.to.release(flow);
    at->second.flows.erase(flow);
    next.flows.insert_or_assign(flow, std::move(one));
  }
  if (!at->second.flows.empty()) return;
  at->second.to.stop();
  relays_.erase(at);
}

void relay_table::released(const std::shared_ptr<relay_downstream>& flow) {
  const auto key = key_of_.find(flow->id());
  if (key == key_of_.end()) return flow->drop(); // it ended on its way
  leaving_.erase(flow->id());
  const auto& at = relays_.at(key->second);
  give(at.to, at.flows.at(flow->id()));
}

std::vector<relay_ref> relay_table::of(const routing::log_source& source) const {
  std::vector<relay_ref> found;
  for (const auto& [key, one] : relays_)
    if (one.source == source) found.push_back(one.to);
  return found;
}

std::vector<relay_ref> relay_table::all() const {
  std::vector<relay_ref> found;
  found.reserve(relays_.size());
  for (const auto& [key, one] : relays_)
    found.push_back(one.to);
  return found;
}

std::set<std::tuple<log_id, std::string, std::string>> relay_table::local_demands() const {
  std::set<std::tuple<log_id, std::string, std::string>> found;
  for (const auto& [key, one] : relays_)
    for (const auto& [flow, joined] : one.flows)
      if (joined.local) found.emplace(one.source.log, joined.wanted.pattern, routing::group_of(joined.wanted));
  return found;
}

std::optional<routing::log_source> relay_table::source_of(const relay_ref& relay) const {
  const auto found = std::ranges::find_if(relays_, [&](const auto& item) { return item.second.to == relay; });
  return found == relays_.end() ? std::nullopt : std::optional(found->second.source);
}

} // namespace weft::actors
