#include "mesh/routing/router.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::routing {
namespace {

error no_hop(const network_map::path& path) {
  return path.hops.empty() ? error(errc::no_route, "no neighbour leads to the log's node")
                           : error(errc::busy, "each neighbour that is nearer refused to carry the log");
}

} // namespace

router::router(network_map::member self, mono_time now) : map_(std::move(self)), ticked_(now), refreshed_(now) {}

// --- members and links

void router::on(const in::member& one, mono_time now, effects& fx) {
  const auto& id = one.links.id;
  const bool changed = one.alive ? map_.set(one.links) : map_.remove(id);
  if (changed) decide_all_later();
  if (id == map_.self().id) return;
  members_.insert_or_assign(id, known_member{one.name, one.alive, one.dialable, one.topics});
  const log_id log{id, 0};
  for (const auto& [number, wanted] : interests_) {
    const auto found = logs_.find(log);
    const bool has = found != logs_.end() && found->second.interests.contains(number);
    if (!has && means(wanted, id)) take_interest(number, log, now, fx);
  }
  if (logs_.contains(log)) undecided_.insert(log); // whether it can be dialled may have changed
}

void router::on(const in::member_gone& gone, mono_time, effects& fx) {
  if (map_.remove(gone.id)) decide_all_later();
  members_.erase(gone.id);
  const log_id log{gone.id, 0};
  const auto found = logs_.find(log);
  if (found == logs_.end()) return;
  const auto interests = found->second.interests;
  for (const auto interest : interests) {
    fx.emplace_back(out::source_gone{interest, log});
    drop_interest(interest, log, fx);
  }
}

void router::on(const in::link_up& up, mono_time now, effects& fx) {
  unreachable_.erase(up.peer);
  if (!map_.link_up(up.peer, up.cost)) return;
  decide_all_later();
  if (const log_id direct{up.peer, 0}; logs_.contains(direct)) decide(direct, now, fx);
}

void router::on(const in::link_down& down, mono_time now, effects& fx) {
  const auto& peer = down.peer;
  std::erase_if(standing_, [&peer](const auto& item) { return item.first.hop == peer; });
  refresh_now_.erase(peer);
  if (map_.link_down(peer)) decide_all_later();
  for (const auto& log : demands_.drop(peer))
    forget_when_unused(log, fx);
  std::vector<log_id> without;
  for (auto& [log, one] : logs_)
    if (one.hop == peer) {
      one.hop.reset();
      without.push_back(log);
    }
  for (const auto& log : without)
    decide(log, now, fx);
}

void router::on(const in::unreachable& node, mono_time now, effects& fx) {
  reached("routing.direct_dial_failed");
  unreachable_[node.id] = now + limits::unreachable_avoided;
  if (const log_id log{node.id, 0}; logs_.contains(log)) decide(log, now, fx);
}

// --- interests here

bool router::means(const in::interest& wanted, const node_id& id) const {
  const auto found = members_.find(id);
  if (found == members_.end()) return false;
  if (wanted.log) return wanted.log->node == id;
  return found->second.alive && may_match(found->second.topics, wanted.pattern);
}

void router::on(const in::interest& wanted, mono_time now, effects& fx) {
  const auto [at, fresh] = interests_.emplace(wanted.id, wanted);
  WEFT_ASSERT(fresh);
  for (const auto& [id, one] : members_)
    if (means(at->second, id)) take_interest(wanted.id, wanted.log.value_or(log_id{id, 0}), now, fx);
}

void router::on(const in::interest_gone& gone, mono_time, effects& fx) {
  if (interests_.erase(gone.id) == 0) return;
  std::vector<log_id> meant;
  for (const auto& [log, one] : logs_)
    if (one.interests.contains(gone.id)) meant.push_back(log);
  for (const auto& log : meant)
    drop_interest(gone.id, log, fx);
}

void router::take_interest(std::uint64_t interest, const log_id& log, mono_time now, effects& fx) {
  const bool fresh = !logs_.contains(log);
  logs_[log].interests.insert(interest);
  fx.emplace_back(out::source_found{interest, log, members_.at(log.node).name});
  if (fresh) decide(log, now, fx);
}

void router::drop_interest(std::uint64_t interest, const log_id& log, effects& fx) {
  logs_.at(log).interests.erase(interest);
  forget_when_unused(log, fx);
}

void router::forget_when_unused(const log_id& log, effects& fx) {
  const auto found = logs_.find(log);
  if (found == logs_.end() || !found->second.interests.empty() || demands_.any_for(log)) return;
  if (found->second.dialled) --dialled_;
  want(found->second.kept, std::nullopt, fx);
  want(found->second.dialled, std::nullopt, fx);
  logs_.erase(found);
  undecided_.erase(log);
}

// --- peers' demands

void router::on(const in::peer_demand& wanted, mono_time now, effects& fx) {
  const auto refuse = [&](error why) {
    fx.emplace_back(out::refuse{wanted.peer, wanted.subscription, std::move(why)});
  };
  const bool own = wanted.log.node == map_.self().id;
  if (!own && !map_.self().relay) return refuse(error(errc::denied, "this node is no relay"));
  if (undecided_.contains(wanted.log)) decide(wanted.log, now, fx); // who asks may be the hop that it has outgrown
  auto taken = demands_.accept({wanted.peer, wanted.subscription}, wanted.log, wanted.distance,
                               own ? wire::distance{} : distance_to(wanted.log), now);
  if (!taken) return refuse(std::move(taken.error()));
  if (own || logs_[wanted.log].hop) return;
  decide(wanted.log, now, fx);
}

void router::on(const in::peer_withdraw& gone, mono_time, effects& fx) {
  if (const auto log = demands_.withdraw({gone.peer, gone.subscription})) forget_when_unused(*log, fx);
}

void router::on(const in::peer_refresh& refresh, mono_time now, effects& fx) {
  demands_.refreshed(refresh.peer, refresh.demands, now);
  std::vector<peer_demands::ended> over;
  for (const auto& log : demands_.logs_of(refresh.peer))
    if (log.node != map_.self().id) demands_.check(log, distance_to(log), over);
  end_demands(over, fx);
}

void router::end_demands(const std::vector<peer_demands::ended>& over, effects& fx) {
  for (const auto& one : over)
    fx.emplace_back(out::refuse{one.key.peer, one.key.subscription, one.why});
  for (const auto& one : over)
    forget_when_unused(one.log, fx);
}

// --- routes

router::way router::way_to(const log_id& log) {
  const auto& path = map_.to(log, log.node);
  way found{path.distance, hop_of(log), map_.way(log, log.node), {}};
  if (log.node == map_.self().id || found.hop) return found;
  const auto routed_at = logs_.find(log);
  const auto* first = best(routed_at == logs_.end() ? routed{} : routed_at->second, path);
  const auto known = members_.find(log.node);
  if (known == members_.end())
    found.why = "this node does not know it";
  else if (!known->second.alive)
    found.why = "it is dead or has left";
  else if (first)
    found.hop = first->node;
  else
    found.why = no_hop(path).message();
  return found;
}

std::optional<wire::distance> router::distance_to(const log_id& log) { return map_.to(log, log.node).distance; }

std::optional<node_id> router::hop_of(const log_id& log) const {
  const auto found = logs_.find(log);
  return found == logs_.end() ? std::nullopt : found->second.hop;
}

void router::on(const in::hop_refused& refused, mono_time now, effects& fx) {
  const auto found = logs_.find(refused.log);
  if (found == logs_.end()) return;
  reached("routing.hop_refused");
  found->second.avoided[refused.hop] = now + limits::hop_avoided;
  if (found->second.hop == refused.hop) found->second.hop.reset();
  decide(refused.log, now, fx);
}

/// Whoever is no longer farther than this node loses its demand before this node asks anybody else.
void router::decide(const log_id& log, mono_time now, effects& fx) {
  undecided_.erase(log);
  const auto& path = map_.to(log, log.node);
  std::vector<peer_demands::ended> over;
  demands_.check(log, path.distance, over);
  end_demands(over, fx);
  const auto found = logs_.find(log);
  if (found == logs_.end()) return;
  auto& one = found->second;
  std::erase_if(one.avoided, [now](const auto& item) { return item.second <= now; });
  const bool dial = dials(log, path) && (one.dialled || dialled_ < limits::direct_links_max);
  if (dial != one.dialled.has_value()) dialled_ = dial ? dialled_ + 1 : dialled_ - 1;
  want(one.dialled, dial ? std::optional(log.node) : std::nullopt, fx);
  const auto failed = choose_hop(log, one, path, fx);
  want(one.kept, one.hop, fx);
  if (!failed) return;
  over.clear();
  demands_.end_all(log, *failed, over); // they may know another way
  end_demands(over, fx);
}

/// The hop that is there stays unless it is no longer nearer, or another one is clearly better.
const network_map::hop* router::best(const routed& one, const network_map::path& path) {
  const network_map::hop *first = nullptr, *current = nullptr;
  for (const auto& hop : path.hops) {
    if (one.avoided.contains(hop.node)) continue;
    if (!first) first = &hop;
    if (hop.node == one.hop) current = &hop;
  }
  if (!current || current == first) return first;
  const bool better = first->distance == wire::distance{} ||
                      first->distance.boundaries < current->distance.boundaries ||
                      first->cost + limits::route_gain_min <= current->cost;
  return better ? first : current;
}

/// @returns why there is none
std::optional<error> router::choose_hop(const log_id& log, routed& one, const network_map::path& path, effects& fx) {
  const auto* chosen = best(one, path);
  if (!chosen) {
    auto why = no_hop(path);
    one.hop.reset();
    one.told.reset();
    if (!std::exchange(one.no_route_told, true)) fx.emplace_back(out::no_route{log, why});
    return why;
  }
  const bool shrank = one.told && *path.distance < *one.told;
  one.told = path.distance;
  one.no_route_told = false;
  if (one.hop == chosen->node) {
    if (shrank) refresh_now_.insert(*one.hop);
    return std::nullopt;
  }
  const bool still_nearer = one.hop && std::any_of(path.hops.begin(), path.hops.end(),
                                                   [&one](const auto& hop) { return hop.node == *one.hop; });
  if (one.hop) reached(still_nearer ? "routing.better_hop" : "routing.hop_no_longer_nearer");
  fx.emplace_back(out::route{log, chosen->node, *path.distance, one.hop && !still_nearer});
  one.hop = chosen->node;
  return std::nullopt;
}

/// Directly in the own zone, and wherever no path leads: the path serves until the link is there.
bool router::dials(const log_id& log, const network_map::path& path) const {
  const auto known = members_.find(log.node);
  const auto* member = map_.find(log.node);
  if (known == members_.end() || !member || !known->second.dialable || unreachable_.contains(log.node)) return false;
  return member->zone == map_.self().zone || !path.distance;
}

void router::want(std::optional<node_id>& slot, std::optional<node_id> node, effects& fx) {
  if (slot == node) return;
  if (node && ++wanted_[*node] == 1) fx.emplace_back(out::want_link{*node});
  if (slot)
    if (const auto found = wanted_.find(*slot); --found->second == 0) {
      wanted_.erase(found);
      fx.emplace_back(out::release_link{*slot});
    }
  slot = node;
}

// --- time

void router::decide_all_later() {
  for (const auto& [log, one] : logs_)
    undecided_.insert(undecided_.end(), log);
}

void router::on(const in::demanded& sent) { standing_.insert_or_assign({sent.hop, sent.subscription}, sent.log); }
void router::on(const in::withdrawn& sent) { standing_.erase({sent.hop, sent.subscription}); }

mono_time router::next_tick() const noexcept {
  return undecided_.empty() && refresh_now_.empty() ? ticked_ + limits::router_tick : ticked_;
}

bool router::idle() const noexcept {
  return undecided_.empty() && refresh_now_.empty() && standing_.empty() && demands_.size() == 0 &&
         unreachable_.empty() &&
         std::none_of(logs_.begin(), logs_.end(), [](const auto& item) { return !item.second.avoided.empty(); });
}

void router::tick(mono_time now, effects& fx) {
  ticked_ = now;
  std::erase_if(unreachable_, [&](const auto& item) {
    if (item.second > now) return false;
    if (const log_id log{item.first, 0}; logs_.contains(log)) undecided_.insert(log);
    return true;
  });
  std::vector<peer_demands::ended> over;
  demands_.expire(now, over);
  end_demands(over, fx);
  for (auto& [log, one] : logs_)
    if (std::any_of(one.avoided.begin(), one.avoided.end(), [now](const auto& item) { return item.second <= now; }))
      undecided_.insert(log);
  for (std::size_t i = 0; i < limits::routes_a_tick && !undecided_.empty(); ++i) {
    const auto log = *undecided_.begin();
    decide(log, now, fx);
  }
  refresh(now, fx);
}

void router::refresh(mono_time now, effects& fx) {
  const bool all = now - refreshed_ >= limits::demand_refresh;
  if (all) refreshed_ = now;
  for (auto at = standing_.begin(); at != standing_.end();) {
    const auto hop = at->first.hop;
    out::refresh message{hop, {}};
    const bool due = all || refresh_now_.contains(hop);
    for (; at != standing_.end() && at->first.hop == hop; ++at) {
      if (!due || message.demands.size() == limits::flows_per_link_max) continue;
      if (const auto own = distance_to(at->second)) message.demands.push_back({at->first.subscription, *own});
    }
    if (!message.demands.empty()) fx.emplace_back(std::move(message));
  }
  refresh_now_.clear();
}

} // namespace weft::routing
