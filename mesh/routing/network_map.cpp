#include "mesh/routing/network_map.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::routing {
namespace {

std::uint32_t weight(std::uint8_t cost) noexcept { return 1U + std::min(cost, limits::link_cost_max); }

} // namespace

network_map::network_map(member self) : self_(std::move(self)) { self_.links.clear(); }

bool network_map::set(member one) {
  const bool own = one.id == self_.id;
  if (own) one.links.clear();
  auto& known = own ? self_ : members_[one.id];
  if (known == one) return false;
  known = std::move(one);
  changed();
  return true;
}

bool network_map::remove(const node_id& id) {
  if (members_.erase(id) == 0) return false;
  changed();
  return true;
}

bool network_map::link_up(const node_id& peer, std::uint8_t cost) {
  const auto [at, fresh] = own_links_.emplace(peer, cost);
  if (!fresh && at->second == cost) return false;
  at->second = cost;
  changed();
  return true;
}

bool network_map::link_down(const node_id& peer) {
  if (own_links_.erase(peer) == 0) return false;
  changed();
  return true;
}

const network_map::member* network_map::find(const node_id& id) const noexcept {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

void network_map::changed() noexcept {
  graph_.reset();
  paths_.clear();
}

void network_map::make_graph() {
  std::map<std::string, std::uint32_t> zones;
  const auto zone_of = [&zones](const member& one) {
    return zones.emplace(one.zone, static_cast<std::uint32_t>(zones.size())).first->second;
  };
  std::vector<link_graph::node> nodes;
  nodes.reserve(members_.size() + 1);
  nodes.push_back({self_.id, zone_of(self_), self_.relay});
  for (const auto& [id, one] : members_)
    nodes.push_back({id, zone_of(one), one.relay});
  std::inplace_merge(nodes.begin(), nodes.begin() + 1, nodes.end(),
                     [](const auto& a, const auto& b) { return a.id < b.id; });
  std::map<node_number, std::uint32_t> by_number;
  std::map<node_id, std::uint32_t> by_id;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    by_id.emplace(nodes[i].id, i);
    by_number.emplace((nodes[i].id == self_.id ? self_ : members_.at(nodes[i].id)).number, i);
  }
  const auto here = by_id.at(self_.id);
  std::vector<link_graph::link> links;
  for (const auto& [id, one] : members_) {
    const auto from = by_id.at(id);
    const auto own = own_links_.find(id);
    if (own != own_links_.end()) links.push_back({here, from, weight(own->second)});
    for (const auto& announced : one.links) {
      const auto to = by_number.find(announced.to);
      if (to == by_number.end() || to->second == from) continue;
      if (to->second == here && own == own_links_.end()) continue; // this node knows better
      links.push_back({from, to->second, weight(announced.cost)});
    }
  }
  graph_.emplace(std::move(nodes), std::move(links));
}

const network_map::path& network_map::to(const log_id& log, const node_id& target) {
  static const path nowhere;
  if (target != self_.id && !members_.contains(target)) return nowhere;
  if (!graph_) make_graph();
  const std::pair key{log, target};
  if (const auto known = paths_.find(key); known != paths_.end()) return known->second;
  if (paths_.size() >= limits::demands_max) {
    reached("routing.paths_forgotten");
    paths_.clear();
  }
  const auto here = graph_->find(self_.id), there = graph_->find(target);
  WEFT_ASSERT(here && there);
  return paths_[key] = search(graph_->towards(log, *there), *here, *there);
}

std::vector<node_id> network_map::way(const log_id& log, const node_id& target) {
  if (target == self_.id) return {target};
  if (!members_.contains(target)) return {};
  if (!graph_) make_graph();
  const auto there = graph_->find(target);
  const auto all = graph_->towards(log, *there);
  std::vector<node_id> nodes{self_.id};
  while (nodes.back() != target) { // each is strictly nearer than the one before
    const auto next = search(all, *graph_->find(nodes.back()), *there).hops;
    if (next.empty()) return {};
    nodes.push_back(next.front().node);
  }
  return nodes;
}

network_map::path network_map::search(const link_graph::reaches& all, std::uint32_t here, std::uint32_t there) const {
  const auto& target = graph_->at(there).id;
  path found;
  if (!all[here]) return found;
  found.distance = all[here]->distance;

  for (const auto& over : graph_->edges(here)) {
    if (!graph_->may_pass(all, here, over.to, there)) continue;
    const auto& distance = all[over.to]->distance;
    // The relay that crosses for this zone is where the costs of the zone end.
    const bool leg_ends = distance.rank == 0 && distance.boundaries == found.distance->boundaries;
    found.hops.push_back({graph_->at(over.to).id, distance, over.weight + (leg_ends ? 0 : distance.cost)});
  }
  std::sort(found.hops.begin(), found.hops.end(), [&target](const hop& a, const hop& b) {
    const bool a_on = a.node != target, b_on = b.node != target; // the log's own node goes first
    return std::tie(a_on, a.distance.boundaries, a.cost, a.node) <
           std::tie(b_on, b.distance.boundaries, b.cost, b.node);
  });
  return found;
}

} // namespace weft::routing
