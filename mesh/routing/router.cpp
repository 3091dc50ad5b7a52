#include "mesh/routing/router.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ranges>

namespace weft::routing {

router::router(network_map::member self, mono_time now, const peer_demands::caps& most)
    : map_(std::move(self)), demands_(most), ticked_(now), refreshed_(now) {}

// --- members and links

void router::on(const in::member& one, mono_time now, effects& fx) {
  const auto& id = one.links.id;
  const bool changed = one.alive ? map_.set(one.links) : map_.remove(id);
  if (changed) {
    ask_again(id);
    decide_all_later();
  }
  if (id == map_.self().id) return;
  members_.insert_or_assign(id, known_member{one.name, one.alive, one.dialable, one.topics});
  for (const auto& [number, wanted] : interests_)
    take_what_it_means(wanted, id, now, fx);
  for (const auto& [source, route] : routes_)
    if (source.node == id) undecided_.insert(source); // whether it can be dialled may have changed
}

void router::on(const in::member_gone& gone, mono_time, effects& fx) {
  if (map_.remove(gone.id)) decide_all_later();
  members_.erase(gone.id);
  const log_id log{gone.id, 0};
  for (auto at = wishes_.lower_bound({log, {}}); at != wishes_.end() && at->first.log == log;) {
    const auto here = at++;
    const auto interests = here->second.interests;
    for (const auto interest : interests) {
      fx.emplace_back(out::source_gone{interest, log});
      drop_interest(interest, here, fx);
    }
  }
}

void router::on(const in::link_up& up, mono_time now, effects& fx) {
  unreachable_.erase(up.peer);
  if (!map_.link_up(up.peer, up.cost)) return;
  decide_all_later();
  decide_those_at(up.peer, now, fx);
}

void router::on(const in::link_down& down, mono_time now, effects& fx) {
  const auto& peer = down.peer;
  std::erase_if(standing_, [&peer](const auto& item) { return item.first.hop == peer; });
  std::erase_if(standing_by_source_, [&peer](const auto& item) { return item.second.hop == peer; });
  refresh_now_.erase(peer);
  ask_again(peer);
  if (map_.link_down(peer)) decide_all_later();
  for (const auto& source : demands_.drop(peer))
    forget_when_unused(source, fx);
  std::vector<log_source> without;
  for (auto& [source, one] : routes_)
    if (one.hop == peer) {
      one.hop.reset();
      without.push_back(source);
    }
  for (const auto& source : without)
    decide(source, now, fx);
}

void router::on(const in::unreachable& node, mono_time now, effects& fx) {
  reached("routing.direct_dial_failed");
  unreachable_[node.id] = now + limits::unreachable_avoided;
  decide_those_at(node.id, now, fx);
}

// --- peers' demands

/// Whether this node itself is the source, and has the log.
bool router::serves(const log_source& source) const {
  return source.node == map_.self().id && (source.is_own() || held_.contains(source.log));
}

void router::on(const in::peer_demand& wanted, mono_time now, effects& fx) {
  const auto refuse = [&](error why) {
    fx.emplace_back(out::refuse{wanted.peer, wanted.subscription, std::move(why)});
  };
  const log_source source{wanted.log, wanted.source.value_or(wanted.log.node)};
  const bool here = source.node == map_.self().id;
  if (here && !serves(source)) return refuse(error(errc::not_held, "this node has no copy of the log"));
  if (!here && !map_.self().relay) return refuse(error(errc::denied, "this node is no relay"));
  const demand_key key{wanted.peer, wanted.subscription};
  if (auto room = demands_.may_come(key); !room) return refuse(std::move(room.error())); // before any path is searched
  if (undecided_.contains(source)) decide(source, now, fx); // who asks may be the hop that it has outgrown
  auto taken = demands_.accept(key, source, wanted.distance, distance_to(source), now);
  if (!taken) return refuse(std::move(taken.error()));
  if (here) return;
  if (const auto& hop = routes_.try_emplace(source).first->second.hop; hop && *hop != wanted.peer) return;
  decide(source, now, fx);
}

void router::on(const in::peer_withdraw& gone, mono_time, effects& fx) {
  const auto source = demands_.withdraw({gone.peer, gone.subscription});
  if (!source) return;
  forget_when_unused(*source, fx);
  if (routes_.contains(*source)) undecided_.insert(*source); // it may be asked now
}

void router::on(const in::peer_refresh& refresh, mono_time now, effects& fx) {
  for (const auto number : demands_.refreshed(refresh.peer, refresh.demands, now)) {
    reached("routing.unknown_demand_refreshed"); // it was lost, or has ended and the peer does not know yet
    fx.emplace_back(
        out::refuse{refresh.peer, number, error(errc::cancelled, "there is no such demand: demand it again")});
  }
  std::vector<peer_demands::ended> over;
  for (const auto& source : demands_.sources_of(refresh.peer))
    if (source.node != map_.self().id) demands_.check(source, distance_to(source), over);
  end_demands(over, fx);
}

void router::end_demands(const std::vector<peer_demands::ended>& over, effects& fx) {
  for (const auto& one : over)
    fx.emplace_back(out::refuse{one.key.peer, one.key.subscription, one.why});
  for (const auto& one : over) {
    forget_when_unused(one.source, fx);
    if (routes_.contains(one.source)) undecided_.insert(one.source); // who lost its demand may be asked now
  }
}

// --- routes

/// A copy here is no distance away, and its hop is this node.
network_map::path router::path_to(const log_source& source) {
  const auto& self = map_.self().id;
  if (source.node != self) return map_.to(source.log, source.node);
  network_map::path here;
  if (!serves(source)) return here;
  here.distance.emplace();
  here.hops.push_back({self, {}, 0});
  return here;
}

router::way router::way_to(const log_id& log) {
  const auto known = members_.find(log.node);
  way found{log.node, {}, {}, {}, {}};
  for (const auto& node : sources_of(log)) {
    const log_source source{log, node};
    const auto path = path_to(source);
    const auto at = routes_.find(source);
    const auto* first = best(source, at == routes_.end() ? routed{} : at->second, path);
    const auto asked = hop_of(source);
    if (node != log.node && !first && !asked) continue;
    found = {node, path.distance, asked, map_.way(log, node), {}};
    if (log.node == map_.self().id) return {log.node, path.distance, {}, found.nodes, {}};
    if (!asked && first) found.hop = first->node;
    if (found.hop) return found;
    found.why = no_hop(source, path).message();
  }
  if (known == members_.end())
    found.why = "this node does not know it";
  else if (!known->second.alive)
    found.why = "it is dead or has left";
  return found;
}

std::optional<wire::distance> router::distance_to(const log_source& source) {
  if (source.node != map_.self().id) return map_.to(source.log, source.node).distance;
  return serves(source) ? std::optional(wire::distance{}) : std::nullopt;
}

std::optional<node_id> router::hop_of(const log_source& source) const {
  const auto found = routes_.find(source);
  return found == routes_.end() ? std::nullopt : found->second.hop;
}

void router::on(const in::hop_refused& refused, mono_time now, effects& fx) {
  const log_source source{refused.log, refused.source.value_or(refused.log.node)};
  const auto found = routes_.find(source);
  if (found == routes_.end()) return;
  reached("routing.hop_refused");
  auto& one = found->second;
  auto& wait = one.refused.try_emplace(refused.hop, limits::hop_avoided_first).first->second;
  one.avoided[refused.hop] = now + (refused.silent ? limits::hop_avoided_silent : wait);
  wait = std::min<microseconds>(wait * 2, limits::hop_avoided);
  const bool only_one = one.hop == refused.hop && best(source, one, path_to(source)) == nullptr;
  if (only_one && refused.silent) {
    one.avoided.erase(refused.hop);
    fx.emplace_back(out::route{source.log, refused.hop, one.told.value(), false, source.node});
    return;
  }
  if (only_one && any_stands(refused.hop, source)) {
    reached("routing.hop_kept_for_others");
    return; // who was refused hears of it again when the time is over
  }
  if (one.hop == refused.hop) one.hop.reset();
  decide(source, now, fx);
}

void router::decide_those_at(const node_id& node, mono_time now, effects& fx) {
  std::vector<log_source> there;
  for (const auto& [source, one] : routes_)
    if (source.node == node) there.push_back(source);
  for (const auto& source : there)
    decide(source, now, fx);
}

void router::decide(const log_source& source, mono_time now, effects& fx) {
  decide_route(source, now, fx);
  choose_sources(source.log, now, fx);
}

/// Whoever is no longer farther than this node loses its demand before this node asks anybody else.
void router::decide_route(const log_source& source, mono_time now, effects& fx) {
  undecided_.erase(source);
  const auto path = path_to(source);
  std::vector<peer_demands::ended> over;
  demands_.check(source, path.distance, over);
  end_demands(over, fx);
  const auto found = routes_.find(source);
  if (found == routes_.end()) return;
  auto& one = found->second;
  const auto kept = one.hop && one.avoided.contains(*one.hop) ? one.hop : std::nullopt;
  std::erase_if(one.avoided, [now](const auto& item) { return item.second <= now; });
  const bool dial = dials(source, path) && (one.dialled || dialled_ < limits::direct_links_max);
  if (dial != one.dialled.has_value()) dialled_ = dial ? dialled_ + 1 : dialled_ - 1;
  want(one.dialled, dial ? std::optional(source.node) : std::nullopt, fx);
  const auto failed = choose_hop(found, path, fx);
  if (kept && one.hop == kept && !one.avoided.contains(*kept)) // for who was refused there
    fx.emplace_back(out::route{source.log, *kept, one.told.value(), false, source.node});
  want(one.kept, one.hop == map_.self().id ? std::nullopt : one.hop, fx);
  if (!failed) return;
  over.clear();
  demands_.end_all(source, *failed, over); // they may know another way
  end_demands(over, fx);
}

/// Who demands the log here is farther by its own word, and is not asked for it, whatever its record says.
/// The hop that is there stays unless it is no longer nearer, or another one is clearly better.
const network_map::hop* router::best(const log_source& source, const routed& one, const network_map::path& path) const {
  const network_map::hop *first = nullptr, *current = nullptr;
  for (const auto& hop : path.hops) {
    if (one.avoided.contains(hop.node) || demands_.stands(hop.node, source)) continue;
    if (!first) first = &hop;
    if (hop.node == one.hop) current = &hop;
  }
  if (!current || current == first) return first;
  const bool better = first->distance == wire::distance{} ||
                      first->distance.boundaries < current->distance.boundaries ||
                      first->cost + limits::route_gain_min <= current->cost;
  return better ? first : current;
}

bool router::any_stands(const node_id& hop, const log_source& source) const {
  const auto at = standing_by_source_.lower_bound({source, {hop, 0}});
  return at != standing_by_source_.end() && at->first == source && at->second.hop == hop;
}

/// Also to hops of before whose demands stand until the next one's flow is open: what they compare with is too far.
void router::tell_shorter(const log_source& source) {
  for (auto at = standing_by_source_.lower_bound({source, {}}); at != standing_by_source_.end() && at->first == source;
       ++at)
    refresh_now_.insert(at->second.hop);
}

/// A hop that refused one demand may serve others of the source: before these end it is kept.
const network_map::hop* router::serving(const log_source& source, const routed& one,
                                        const network_map::path& path) const {
  const network_map::hop* first = nullptr;
  for (const auto& hop : path.hops) {
    if (demands_.stands(hop.node, source) || !any_stands(hop.node, source)) continue;
    if (hop.node == one.hop) return &hop;
    if (!first) first = &hop;
  }
  return first;
}

error router::no_hop(const log_source& source, const network_map::path& path) const {
  const auto name_of = [this](const node_id& id) {
    const auto known = members_.find(id);
    return known == members_.end() ? to_string(id) : known->second.name;
  };
  const auto log = source.is_own()
                       ? fmt::format("the log of {}", name_of(source.log.node))
                       : fmt::format("the copy of {} at {}", name_of(source.log.node), name_of(source.node));
  if (path.hops.empty()) return {errc::no_route, fmt::format("no neighbour leads to {}", log)};
  std::vector<std::string> names;
  for (const auto& hop : path.hops | std::views::take(limits::hops_named_max))
    names.push_back(name_of(hop.node));
  return {errc::busy, fmt::format("none of {}{} carries {}: they refused, or demand it here", fmt::join(names, ", "),
                                  path.hops.size() > names.size() ? " and others" : "", log)};
}

/// @returns why there is none
std::optional<error> router::choose_hop(routes::iterator at, const network_map::path& path, effects& fx) {
  auto& [source, one] = *at;
  const auto* chosen = best(source, one, path);
  if (!chosen) chosen = serving(source, one, path);
  if (!chosen) {
    auto why = no_hop(source, path);
    one.hop.reset();
    one.told.reset();
    if (!std::exchange(one.no_route_told, true)) fx.emplace_back(out::no_route{source.log, why, source.node});
    return why;
  }
  if (one.told && *path.distance < *one.told) tell_shorter(source);
  one.told = path.distance;
  one.no_route_told = false;
  if (one.hop == chosen->node) return std::nullopt;
  const bool still_nearer =
      one.hop && !demands_.stands(*one.hop, source) &&
      std::any_of(path.hops.begin(), path.hops.end(), [&one](const auto& hop) { return hop.node == *one.hop; });
  if (one.hop) reached(still_nearer ? "routing.better_hop" : "routing.hop_no_longer_nearer");
  fx.emplace_back(out::route{source.log, chosen->node, *path.distance, one.hop && !still_nearer, source.node});
  one.hop = chosen->node;
  return std::nullopt;
}

/// Directly in the own zone, and wherever no path leads: the path serves until the link is there.
bool router::dials(const log_source& source, const network_map::path& path) const {
  const auto known = members_.find(source.node);
  const auto* member = map_.find(source.node);
  if (known == members_.end() || !member || !known->second.dialable || unreachable_.contains(source.node)) return false;
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

void router::forget_when_unused(const log_source& source, effects& fx) {
  const auto found = routes_.find(source);
  if (found == routes_.end() || found->second.wishes > 0 || demands_.any_for(source)) return;
  if (found->second.dialled) --dialled_;
  want(found->second.kept, std::nullopt, fx);
  want(found->second.dialled, std::nullopt, fx);
  routes_.erase(found);
  undecided_.erase(source);
}

// --- time

void router::decide_all_later() {
  for (const auto& [source, one] : routes_)
    undecided_.insert(undecided_.end(), source);
}

/// A hop that refused may have another answer now: when its routes are decided again.
void router::ask_again(const node_id& hop) {
  for (auto& [source, one] : routes_) {
    one.refused.erase(hop);
    if (const auto found = one.avoided.find(hop); found != one.avoided.end()) found->second = mono_time{};
  }
}

void router::on(const in::demanded& sent) {
  const log_source source{sent.log, sent.source.value_or(sent.log.node)};
  on(in::withdrawn{sent.hop, sent.subscription});
  standing_.emplace(standing{sent.hop, sent.subscription}, source);
  standing_by_source_.insert({source, {sent.hop, sent.subscription}});
}
void router::on(const in::withdrawn& sent) {
  const auto found = standing_.find({sent.hop, sent.subscription});
  if (found == standing_.end()) return;
  standing_by_source_.erase({found->second, found->first});
  standing_.erase(found);
}

std::optional<wire::distance> router::told_to_hops(const log_source& source) const {
  const auto found = routes_.find(source);
  return found == routes_.end() ? std::nullopt : found->second.told;
}

mono_time router::next_tick() const noexcept {
  return undecided_.empty() && refresh_now_.empty() ? ticked_ + limits::router_tick : ticked_;
}

bool router::idle() const noexcept {
  const auto avoids = [](const auto& item) { return !item.second.avoided.empty(); };
  const auto passes_over = [](const auto& item) { return !item.second.passed_over.empty(); };
  return undecided_.empty() && refresh_now_.empty() && standing_.empty() && demands_.size() == 0 &&
         unreachable_.empty() && std::ranges::none_of(routes_, avoids) && std::ranges::none_of(wishes_, passes_over);
}

void router::tick(mono_time now, effects& fx) {
  ticked_ = now;
  const auto past = [now](const auto& item) { return item.second <= now; };
  std::erase_if(unreachable_, [&](const auto& item) {
    if (!past(item)) return false;
    for (const auto& [source, one] : routes_)
      if (source.node == item.first) undecided_.insert(source);
    return true;
  });
  std::vector<peer_demands::ended> over;
  demands_.expire(now, over);
  end_demands(over, fx);
  for (const auto& [source, one] : routes_)
    if (std::ranges::any_of(one.avoided, past)) undecided_.insert(source);
  for (auto& [key, one] : wishes_)
    look_back(key, one, now, fx);
  for (std::size_t i = 0; i < limits::routes_a_tick && !undecided_.empty(); ++i) {
    const auto source = *undecided_.begin();
    decide(source, now, fx);
  }
  refresh(now, fx);
}

/// One that has grown is told only when the demands here were checked against it: else a circle could close meanwhile.
std::optional<wire::distance> router::distance_to_tell(const log_source& source) {
  const auto own = distance_to(source);
  const auto found = routes_.find(source);
  if (!own || found == routes_.end() || !found->second.told) return own;
  return std::min(*own, *found->second.told);
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
      if (const auto own = distance_to_tell(at->second)) message.demands.push_back({at->first.subscription, *own});
    }
    if (!message.demands.empty()) fx.emplace_back(std::move(message));
  }
  refresh_now_.clear();
}

} // namespace weft::routing
