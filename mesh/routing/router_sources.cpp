// mesh/routing/router_sources.cpp: what interests mean, and which of a log's sources serves them.
#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/routing/router.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <algorithm>

namespace weft::routing {

// --- interests

bool router::means(const in::interest& wanted, const node_id& id) const {
  const auto found = members_.find(id);
  if (found == members_.end()) return false;
  if (wanted.log) return wanted.log->node == id;
  return (found->second.alive || sources_of({id, 0}, false).size() > 1) &&
         may_match(found->second.topics, wanted.pattern);
}

void router::on(const in::interest& wanted, mono_time now, effects& fx) {
  const auto [at, fresh] = interests_.emplace(wanted.id, wanted);
  WEFT_ASSERT(fresh);
  for (const auto& [id, one] : members_)
    take_what_it_means(at->second, id, now, fx);
}

void router::on(const in::interest_gone& gone, mono_time, effects& fx) {
  if (interests_.erase(gone.id) == 0) return;
  for (auto at = wishes_.begin(); at != wishes_.end();)
    if (const auto here = at++; here->second.interests.contains(gone.id)) drop_interest(gone.id, here, fx);
}

void router::take_what_it_means(const in::interest& wanted, const node_id& id, mono_time now, effects& fx) {
  const auto log = wanted.log.value_or(log_id{id, 0});
  const auto found = wishes_.find({log, wanted.pattern.text(), wanted.group});
  const bool has = found != wishes_.end() && found->second.interests.contains(wanted.id);
  if (!has && means(wanted, id)) take_interest(wanted.id, log, now, fx);
}

void router::take_interest(std::uint64_t interest, const log_id& log, mono_time now, effects& fx) {
  const auto& wanted = interests_.at(interest);
  const auto [at, fresh] = wishes_.try_emplace({log, wanted.pattern.text(), wanted.group});
  at->second.interests.insert(interest);
  fx.emplace_back(out::source_found{interest, log, members_.at(log.node).name});
  if (!fresh) return;
  at->second.source = log.node;
  choose_source(at->first, at->second, now, fx);
}

void router::drop_interest(std::uint64_t interest, wishes::iterator at, effects& fx) {
  auto& [key, one] = *at;
  one.interests.erase(interest);
  if (!one.interests.empty()) return;
  while (!one.looks_to.empty())
    look_away(key, one, *one.looks_to.begin(), fx);
  wishes_.erase(at);
}

// --- sources

void router::on(const in::holders& known, mono_time now, effects& fx) {
  auto& nodes = holders_[known.log];
  nodes.clear();
  for (const auto& node : known.nodes)
    if (node != known.log.node && nodes.size() + 1 < limits::log_sources_max) nodes.push_back(node);
  if (nodes.empty()) holders_.erase(known.log);
  choose_sources(known.log, now, fx);
  for (const auto& [number, wanted] : interests_)
    take_what_it_means(wanted, known.log.node, now, fx);
}

void router::on(const in::holds& holds, mono_time now, effects& fx) {
  if (holds.serves) {
    held_.insert(holds.log);
  } else {
    held_.erase(holds.log);
    std::vector<peer_demands::ended> over;
    demands_.end_all({holds.log, map_.self().id}, error(errc::not_held, "this node has no copy of the log any more"),
                     over);
    end_demands(over, fx);
  }
  choose_sources(holds.log, now, fx);
}

void router::on(const in::source_refused& refused, mono_time now, effects& fx) {
  const auto found = wishes_.find({refused.log, refused.pattern, refused.group});
  if (found == wishes_.end()) return;
  reached("routing.holder_passed_over");
  auto& [key, one] = *found;
  one.passed_over[refused.source] = now + limits::source_avoided;
  choose_source(key, one, now, fx);
}

/// Sources that were passed over for long enough. One that was kept all the same is asked again for what it refused.
void router::look_back(const wish_key& key, wish& one, mono_time now, effects& fx) {
  const auto kept = one.source && one.passed_over.contains(*one.source) ? one.source : std::nullopt;
  if (std::erase_if(one.passed_over, [now](const auto& item) { return item.second <= now; }) == 0) return;
  choose_source(key, one, now, fx);
  if (!kept || one.source != kept || one.passed_over.contains(*kept)) return;
  const auto at = routes_.find({key.log, *kept}); // none: nobody demands it from there any more
  if (at != routes_.end() && at->second.hop)
    fx.emplace_back(out::route{key.log, *at->second.hop, at->second.told.value(), false, *kept});
}

/// In the order in which they are asked: a copy here is as near as can be. But all members of a group, wherever they
/// are, have to come to one holder: they ask by the list.
std::vector<node_id> router::sources_of(const log_id& log, bool of_a_group) const {
  std::vector<node_id> nodes{log.node};
  const auto& self = map_.self().id;
  const bool here = held_.contains(log);
  if (here && !of_a_group) nodes.push_back(self);
  if (const auto found = holders_.find(log); found != holders_.end())
    std::ranges::copy_if(found->second, std::back_inserter(nodes),
                         [&](const node_id& node) { return node != self || (here && of_a_group); });
  return nodes;
}

node_id router::source_of(const log_id& log, const std::string& pattern, const std::string& group) const {
  const auto found = wishes_.find({log, pattern, group});
  return found == wishes_.end() ? log.node : found->second.source.value_or(log.node);
}

void router::choose_sources(const log_id& log, mono_time now, effects& fx) {
  for (auto at = wishes_.lower_bound({log, {}, {}}); at != wishes_.end() && at->first.log == log; ++at)
    choose_source(at->first, at->second, now, fx);
}

/// The first to which a way leads; where all of these refused something, nobody leaves who is served. Holders are
/// looked to only while none leads to the log's own node.
void router::choose_source(const wish_key& key, wish& one, mono_time now, effects& fx) {
  const auto nodes = sources_of(key.log, !key.group.empty());
  std::optional<node_id> chosen;
  std::set<node_id> looked_to;
  for (const auto& node : nodes) {
    looked_to.insert(node);
    look_to(key, one, node, now, fx);
    if (!one.passed_over.contains(node) && hop_of(log_source{key.log, node})) chosen = node;
    if (chosen) break;
  }
  if (!chosen) chosen = where_to_stay(key, one, nodes);
  if (!chosen && !(one.source && looked_to.contains(*one.source)) && !one.passed_over.contains(key.log.node))
    chosen = key.log.node;
  if (chosen && one.source != chosen) {
    reached(*chosen == key.log.node ? "routing.back_to_the_logs_node" : "routing.led_to_a_holder");
    one.source = chosen;
    fx.emplace_back(out::moved{key.log, key.pattern, *chosen, hop_of(log_source{key.log, *chosen}), key.group});
  }
  const auto before = one.looks_to;
  for (const auto& node : before)
    if (!looked_to.contains(node)) look_away(key, one, node, fx);
}

/// While no source has all that is asked: one that serves some of it, else the one that was asked last.
std::optional<node_id> router::where_to_stay(const wish_key& key, const wish& one,
                                             const std::vector<node_id>& nodes) const {
  std::optional<node_id> stays;
  for (const auto& node : nodes) {
    const auto hop = hop_of(log_source{key.log, node});
    if (hop && standing_.any(*hop, {key.log, node})) return node;
    if (hop && one.source == node) stays = node;
  }
  return stays;
}

void router::look_to(const wish_key& key, wish& one, const node_id& node, mono_time now, effects& fx) {
  if (!one.looks_to.insert(node).second) return;
  const log_source source{key.log, node};
  const auto [at, fresh] = routes_.try_emplace(source);
  ++at->second.wishes;
  if (fresh) decide_route(source, now, fx);
}

/// @param node  a copy: it may be the one that is erased
void router::look_away(const wish_key& key, wish& one, node_id node, effects& fx) {
  one.looks_to.erase(node);
  const log_source source{key.log, node};
  --routes_.at(source).wishes;
  forget_when_unused(source, fx);
}

} // namespace weft::routing
