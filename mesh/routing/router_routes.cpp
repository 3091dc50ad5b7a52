// mesh/routing/router_routes.cpp: which hop each source is asked over.
#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/routing/router.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ranges>

namespace weft::routing {

// --- what others ask

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
  const bool is_away = log.node != map_.self().id && (known == members_.end() || !known->second.alive);
  way found{log.node, {}, {}, {}, {}};
  for (const auto& node : sources_of(log, false)) {
    if (is_away && node == log.node) continue; // what was asked over a hop may still stand
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

std::vector<node_id> router::hops_to(const node_id& node) {
  std::vector<node_id> nodes;
  if (node == map_.self().id) return nodes;
  for (const auto& hop : map_.to({node, 0}, node).hops)
    nodes.push_back(hop.node);
  return nodes;
}

std::optional<wire::distance> router::distance_to(const log_source& source) {
  if (source.node != map_.self().id) return map_.to(source.log, source.node).distance;
  return serves(source) ? std::optional(wire::distance{}) : std::nullopt;
}

std::optional<node_id> router::hop_of(const log_source& source) const {
  const auto found = routes_.find(source);
  return found == routes_.end() ? std::nullopt : found->second.hop;
}

std::optional<wire::distance> router::told_to_hops(const log_source& source) const {
  const auto found = routes_.find(source);
  return found == routes_.end() ? std::nullopt : found->second.told;
}

std::optional<wire::distance> router::distance_to_tell(const log_source& source) {
  const auto own = distance_to(source);
  const auto found = routes_.find(source);
  if (!own || found == routes_.end() || !found->second.told) return own;
  return std::min(*own, *found->second.told);
}

// --- deciding

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
  if (only_one && standing_.any(refused.hop, source)) {
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

/// A hop that refused one demand may serve others of the source: before these end it is kept.
const network_map::hop* router::serving(const log_source& source, const routed& one,
                                        const network_map::path& path) const {
  const network_map::hop* first = nullptr;
  for (const auto& hop : path.hops) {
    if (demands_.stands(hop.node, source) || !standing_.any(hop.node, source)) continue;
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
  if (one.told && *path.distance < *one.told) standing_.shorter(source);
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

} // namespace weft::routing
