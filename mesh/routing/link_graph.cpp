#include "mesh/routing/link_graph.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <queue>
#include <xxhash.h>

namespace weft::routing {

/// Of a path: boundaries, then the sum of weights.
struct link_graph::cost {
  std::uint16_t boundaries = std::numeric_limits<std::uint16_t>::max();
  std::uint32_t sum = std::numeric_limits<std::uint32_t>::max();
  friend constexpr auto operator<=>(const cost&, const cost&) noexcept = default;
  [[nodiscard]] bool found() const noexcept { return *this != cost{}; }
};

namespace {

/// Who of many serves a log: the highest score.
std::uint64_t score(const log_id& log, const node_id& node) noexcept {
  std::array<std::uint8_t, 68> both{};
  std::memcpy(both.data(), log.node.bytes().data(), 32);
  std::memcpy(both.data() + 32, &log.ordinal, 4); // little-endian, as all machines are that Weft runs on
  std::memcpy(both.data() + 36, node.bytes().data(), 32);
  return XXH3_64bits(both.data(), both.size());
}

} // namespace

link_graph::link_graph(std::vector<node> nodes, std::vector<link> links) : nodes_(std::move(nodes)) {
  for (auto& item : links) {
    WEFT_ASSERT(item.a < nodes_.size() && item.b < nodes_.size() && item.a != item.b && item.weight > 0);
    if (item.a > item.b) std::swap(item.a, item.b);
  }
  std::sort(links.begin(), links.end(), [](const link& x, const link& y) {
    return std::tie(x.a, x.b, y.weight) < std::tie(y.a, y.b, x.weight); // the highest of a pair first
  });
  links.erase(
      std::unique(links.begin(), links.end(), [](const link& x, const link& y) { return x.a == y.a && x.b == y.b; }),
      links.end());
  first_.assign(nodes_.size() + 1, 0);
  for (const auto& item : links) {
    ++first_[item.a + 1];
    ++first_[item.b + 1];
  }
  for (std::size_t i = 1; i < first_.size(); ++i)
    first_[i] += first_[i - 1];
  edges_.resize(links.size() * 2);
  auto next = first_;
  for (const auto& item : links) {
    edges_[next[item.a]++] = {item.b, item.weight};
    edges_[next[item.b]++] = {item.a, item.weight};
  }
  join_zones();
}

std::optional<std::uint32_t> link_graph::find(const node_id& id) const noexcept {
  const auto found = std::lower_bound(nodes_.begin(), nodes_.end(), id,
                                      [](const node& one, const node_id& key) { return one.id < key; });
  if (found == nodes_.end() || found->id != id) return std::nullopt;
  return static_cast<std::uint32_t>(found - nodes_.begin());
}

std::span<const link_graph::edge> link_graph::edges(std::uint32_t from) const noexcept {
  return std::span(edges_).subspan(first_[from], first_[from + 1] - first_[from]);
}

/// Numbers the parts: relays of one zone that reach each other over relays inside it.
void link_graph::join_zones() {
  constexpr auto none = std::numeric_limits<std::uint32_t>::max();
  part_.assign(nodes_.size(), none);
  std::vector<std::uint32_t> waiting;
  for (std::uint32_t start = 0; start < nodes_.size(); ++start) {
    if (!nodes_[start].relay || part_[start] != none) continue;
    part_[start] = start;
    waiting.push_back(start);
    while (!waiting.empty()) {
      const auto from = waiting.back();
      waiting.pop_back();
      for (const auto& over : edges(from))
        if (nodes_[over.to].relay && nodes_[over.to].zone == nodes_[from].zone && part_[over.to] == none) {
          part_[over.to] = start;
          waiting.push_back(over.to);
        }
    }
  }
}

namespace {

template <class Cost>
using by_cost =
    std::priority_queue<std::pair<Cost, std::uint32_t>, std::vector<std::pair<Cost, std::uint32_t>>, std::greater<>>;

} // namespace

/// Of each node the best path whose inner nodes are relays.
std::vector<link_graph::cost> link_graph::cheapest(std::uint32_t target) const {
  std::vector<cost> best(nodes_.size());
  by_cost<cost> waiting;
  best[target] = {0, 0};
  waiting.emplace(best[target], target);
  while (!waiting.empty()) {
    const auto [so_far, from] = waiting.top();
    waiting.pop();
    if (so_far != best[from] || (from != target && !nodes_[from].relay)) continue;
    for (const auto& over : edges(from)) {
      const bool crosses = nodes_[over.to].zone != nodes_[from].zone;
      const cost next{static_cast<std::uint16_t>(so_far.boundaries + (crosses ? 1 : 0)), so_far.sum + over.weight};
      if (next >= best[over.to]) continue;
      best[over.to] = next;
      waiting.emplace(next, over.to);
    }
  }
  return best;
}

/// Of each part that has a boundary to cross the relay that does it.
std::vector<std::uint32_t> link_graph::elect(const log_id& log, std::uint32_t target,
                                             const std::vector<cost>& cheapest) const {
  struct candidate {
    std::uint64_t score = 0;
    std::uint32_t node = 0;
    bool any = false;
  };
  std::vector<candidate> by_part(nodes_.size());
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].relay || i == target || !cheapest[i].found() || cheapest[i].boundaries == 0) continue;
    const auto around = edges(i);
    const bool at_border = std::any_of(around.begin(), around.end(), [&](const edge& over) {
      return (over.to == target || nodes_[over.to].relay) && nodes_[over.to].zone != nodes_[i].zone &&
             cheapest[over.to].boundaries < cheapest[i].boundaries;
    });
    if (!at_border) continue;
    const candidate here{score(log, nodes_[i].id), i, true};
    auto& first = by_part[part_[i]];
    if (!first.any || here.score > first.score) first = here; // of equal ones the lower id
  }
  std::vector<std::uint32_t> elected;
  for (const auto& one : by_part)
    if (one.any) elected.push_back(one.node);
  return elected;
}

/// Of each node the way to its zone's elected relay, inside the zone.
std::vector<link_graph::cost> link_graph::inside_zones(const std::vector<std::uint32_t>& from,
                                                       const std::vector<cost>& cheapest) const {
  std::vector<cost> best(nodes_.size());
  by_cost<cost> waiting;
  for (const auto start : from) {
    best[start] = {0, 0};
    waiting.emplace(best[start], start);
  }
  while (!waiting.empty()) {
    const auto [so_far, here] = waiting.top();
    waiting.pop();
    if (so_far != best[here] || !nodes_[here].relay) continue;
    for (const auto& over : edges(here)) {
      if (nodes_[over.to].zone != nodes_[here].zone || cheapest[over.to].boundaries != cheapest[here].boundaries)
        continue;
      const cost next{0, so_far.sum + over.weight};
      if (next >= best[over.to]) continue;
      best[over.to] = next;
      waiting.emplace(next, over.to);
    }
  }
  return best;
}

link_graph::reaches link_graph::towards(const log_id& log, std::uint32_t target) const {
  const auto all = cheapest(target);
  const auto elected = elect(log, target, all);
  const auto inside = inside_zones(elected, all);
  reaches found(nodes_.size());
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (!all[i].found()) continue;
    const auto [boundaries, sum] = all[i];
    if (boundaries == 0) {
      found[i] = reach{{0, static_cast<std::uint8_t>(i == target ? 0 : 1), sum}, false};
    } else if (inside[i].found() && inside[i].sum > 0) {
      found[i] = reach{{boundaries, 1, inside[i].sum}, false};
    } else { // the elected one, or a node that is no relay and has none of its zone beside it
      const bool is_elected = inside[i].found();
      found[i] = reach{{boundaries, static_cast<std::uint8_t>(is_elected ? 0 : 1), sum}, true};
    }
  }
  return found;
}

bool link_graph::may_pass(const reaches& all, std::uint32_t from, std::uint32_t to, std::uint32_t target) const {
  if (!all[from] || !all[to] || all[to]->distance >= all[from]->distance) return false;
  if (to != target && !nodes_[to].relay) return false;
  if (nodes_[from].zone == nodes_[to].zone) return true;
  return all[from]->crosses && all[to]->distance.boundaries < all[from]->distance.boundaries;
}

} // namespace weft::routing
