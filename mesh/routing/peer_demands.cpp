#include "mesh/routing/peer_demands.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <fmt/format.h>

namespace weft::routing {
namespace {

bool nearer(const std::optional<wire::distance>& own, const wire::distance& theirs) {
  return own && (*own < theirs || (planted(planted_bug::equal_distance_accepted) && *own == theirs));
}

error not_nearer(const std::optional<wire::distance>& own, const wire::distance& theirs) {
  if (!own) return {errc::no_route, "no way leads from this node to the log"};
  return {errc::no_route,
          fmt::format("this node is not nearer to the log than the one that asks: that one has {} zone boundaries and "
                      "cost {}, it has {} and {}",
                      theirs.boundaries, theirs.cost, own->boundaries, own->cost)};
}

} // namespace

result<void> peer_demands::may_come(const demand_key& key) const {
  if (all_.contains(key))
    return fail(errc::protocol_violation, fmt::format("subscription {} is demanded twice", key.subscription));
  const auto of_peer = of_peer_.find(key.peer);
  if (all_.size() >= most_.all)
    return fail(errc::busy,
                fmt::format("{} demands of other nodes stand here, as many as routing.demands allows", all_.size()));
  if (of_peer != of_peer_.end() && of_peer->second >= most_.of_peer)
    return fail(errc::busy, fmt::format("{} demands of one node stand here, as many as routing.demands_per_link allows",
                                        of_peer->second));
  return {};
}

result<void> peer_demands::accept(const demand_key& key, const log_source& source, const wire::distance& theirs,
                                  const std::optional<wire::distance>& own, mono_time now) {
  if (auto room = may_come(key); !room) return room;
  if (!nearer(own, theirs)) {
    reached("routing.demand_not_nearer");
    return fail(not_nearer(own, theirs));
  }
  all_.emplace(key, demand{source, theirs, now});
  by_source_.emplace(source, key);
  ++of_peer_[key.peer];
  return {};
}

std::vector<std::uint64_t> peer_demands::refreshed(const node_id& peer,
                                                   const std::vector<wire::standing_demand>& standing, mono_time now) {
  std::vector<std::uint64_t> unknown;
  for (const auto& one : standing)
    if (const auto found = all_.find({peer, one.subscription}); found != all_.end()) {
      found->second.theirs = one.distance;
      found->second.named_at = now;
    } else {
      unknown.push_back(one.subscription);
    }
  return unknown;
}

std::optional<log_source> peer_demands::withdraw(const demand_key& key) {
  const auto found = all_.find(key);
  if (found == all_.end()) return std::nullopt;
  const auto source = found->second.source;
  erase(found);
  return source;
}

std::vector<log_source> peer_demands::drop(const node_id& peer) {
  std::vector<log_source> sources;
  for (auto at = all_.lower_bound({peer, 0}); at != all_.end() && at->first.peer == peer; at = erase(at))
    sources.push_back(at->second.source);
  return sources;
}

void peer_demands::check(const log_source& source, const std::optional<wire::distance>& own, std::vector<ended>& over) {
  for (auto at = by_source_.lower_bound({source, {}}); at != by_source_.end() && at->first == source;) {
    const auto found = all_.find((at++)->second);
    if (nearer(own, found->second.theirs)) continue;
    reached("routing.demander_no_longer_farther");
    over.push_back({found->first, source, not_nearer(own, found->second.theirs)});
    erase(found);
  }
}

void peer_demands::end_all(const log_source& source, const error& why, std::vector<ended>& over) {
  for (auto at = by_source_.lower_bound({source, {}}); at != by_source_.end() && at->first == source;) {
    const auto found = all_.find((at++)->second);
    over.push_back({found->first, source, why});
    erase(found);
  }
}

void peer_demands::expire(mono_time now, std::vector<ended>& over) {
  for (auto at = all_.begin(); at != all_.end();) {
    if (now - at->second.named_at < limits::demand_life) {
      ++at;
      continue;
    }
    reached("routing.demand_expired");
    over.push_back({at->first, at->second.source, error(errc::timed_out, "the demand was not refreshed")});
    at = erase(at);
  }
}

std::set<log_source> peer_demands::sources_of(const node_id& peer) const {
  std::set<log_source> sources;
  for (auto at = all_.lower_bound({peer, 0}); at != all_.end() && at->first.peer == peer; ++at)
    sources.insert(at->second.source);
  return sources;
}

bool peer_demands::any_for(const log_source& source) const {
  const auto first = by_source_.lower_bound({source, {}});
  return first != by_source_.end() && first->first == source;
}

std::optional<wire::distance> peer_demands::told_by(const demand_key& key) const {
  const auto found = all_.find(key);
  return found == all_.end() ? std::nullopt : std::optional(found->second.theirs);
}

bool peer_demands::stands(const node_id& peer, const log_source& source) const {
  const auto first = by_source_.lower_bound({source, {peer, 0}});
  return first != by_source_.end() && first->first == source && first->second.peer == peer;
}

peer_demands::demands::iterator peer_demands::erase(demands::iterator at) {
  by_source_.erase({at->second.source, at->first});
  if (const auto of_peer = of_peer_.find(at->first.peer); --of_peer->second == 0) of_peer_.erase(of_peer);
  return all_.erase(at);
}

} // namespace weft::routing
