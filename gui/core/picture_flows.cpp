#include "gui/core/picture.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weft::monitor::picture {
namespace {

/// Numbers for names, so that ways are compared as numbers: there are some ten thousand.
class numbered {
public:
  std::uint32_t operator()(std::string_view name) {
    return numbers_.try_emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

private:
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

/// A flow and where it went: the log's node, the pattern, then nodes, the log's first.
using way = std::vector<std::uint32_t>;
constexpr std::size_t way_begin = 2; // of the nodes

struct way_hash {
  std::size_t operator()(const way& of) const noexcept {
    std::size_t hash = of.size();
    for (const auto number : of)
      hash = (hash ^ number) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 32U);
  }
};

/// What a node says of a flow that passes or ends there.
struct word {
  const std::string& by_name;
  const speaker& by;
  const told_flow& told;
  bool is_heard;
  bool goes_on;     ///< to a node; one is the end of what it names itself or a program for
  way so_far;       ///< up to where it is told of
  std::uint32_t to; ///< the next one

  [[nodiscard]] const telemetry::FlowT& row() const noexcept { return told.row; }
  [[nodiscard]] way with_next() const {
    auto next = so_far;
    next.push_back(to);
    return next;
  }
};

/// Along its way a flow is told of by each node. Where it is followed to:
///
///     at a        from a to b, path a            covered by b's word, as long as that is heard
///     at b        from a to c, path a b          covered by c's
///     at c        from a to a program, path a b c
class told_ways {
public:
  explicit told_ways(const std::vector<word>& all) {
    for (const auto& one : all) {
      if (!one.is_heard) continue;
      if (one.goes_on) hops_.insert(one.with_next());
      for (auto path = one.so_far; path.size() > way_begin + 1; path.pop_back())
        if (!passed_.insert(path).second) break; // and so are those before it
    }
  }
  /// Whether another word says it better: from farther along its way, or by who is still heard.
  [[nodiscard]] bool covers(const word& one) const {
    if (one.goes_on && passed_.contains(one.with_next())) return true;
    return !one.is_heard && hops_.contains(one.so_far);
  }

private:
  std::unordered_set<way, way_hash> passed_, hops_;
};

bool is_node(const scene& of, const std::string& name) {
  const auto at = std::ranges::lower_bound(of.out.nodes, name, {}, &node_view::name);
  return at != of.out.nodes.end() && at->name == name;
}

std::vector<word> words(const scene& of) {
  std::vector<word> all;
  numbered number;
  for (const auto& [name, by] : of.speakers)
    for (const auto& [key, told] : by.flows()) {
      if (!has_room(of, all.size())) continue;
      const auto& row = told.row;
      way so_far{number(row.from), number(row.pattern)};
      if (row.path.empty()) so_far.push_back(number(row.from));
      for (const auto& node : row.path)
        so_far.push_back(number(node));
      const bool goes_on = row.to != name && is_node(of, row.to);
      all.push_back({name, by, told, !by.is_silent(of.now), goes_on, std::move(so_far), number(row.to)});
    }
  return all;
}

flow_view view_of(const scene& of, const word& one) {
  const auto& row = one.row();
  return {row.from,
          row.to,
          row.pattern,
          row.name,
          row.path.empty() ? std::vector{row.from} : row.path,
          row.events,
          row.bytes,
          row.lag_events,
          row.credit,
          rate(of, one.by, one.told.events),
          rate(of, one.by, one.told.bytes),
          one.goes_on ? row.to : one.by_name};
}

/// What goes from node to node. Equal demands share a flow upstream, so a hop is not the sum of the flows that pass
/// it: its sender knows. Where that is silent, the flows have to do.
void add_hops(const scene& of, const std::vector<word>& all) {
  using ends = std::pair<std::string, std::string>;
  std::map<ends, hop_view> hops;
  std::set<ends> told;
  for (const auto& one : all) {
    if (!one.is_heard || !one.goes_on) continue;
    auto& hop = hops.try_emplace({one.by_name, one.row().to}, hop_view{one.by_name, one.row().to}).first->second;
    ++hop.streams;
    hop.events_per_s += rate(of, one.by, one.told.events);
    hop.bytes_per_s += rate(of, one.by, one.told.bytes);
    told.insert({one.by_name, one.row().to});
  }
  for (const auto& flow : of.out.flows)
    for (std::size_t i = 1; i < flow.path.size(); ++i) {
      const ends between(flow.path[i - 1], flow.path[i]);
      auto& hop = hops.try_emplace(between, hop_view{between.first, between.second}).first->second;
      ++hop.flows;
      if (told.contains(between)) continue;
      hop.events_per_s += flow.events_per_s;
      hop.bytes_per_s += flow.bytes_per_s;
    }
  for (auto& [between, hop] : hops)
    of.out.hops.push_back(std::move(hop));
}

} // namespace

void add_flows(const scene& of) {
  const auto all = words(of);
  const told_ways ways(all);
  for (const auto& one : all) {
    if (ways.covers(one)) continue;
    of.out.flows.push_back(view_of(of, one));
    const auto at = std::ranges::lower_bound(of.out.nodes, one.by_name, {}, &node_view::name);
    if (!one.goes_on && at != of.out.nodes.end() && at->name == one.by_name)
      at->delivered_per_s += of.out.flows.back().events_per_s;
  }
  std::ranges::sort(of.out.flows, {}, [](const flow_view& flow) {
    return std::tie(flow.from, flow.to, flow.pattern, flow.name, flow.path);
  });
  add_hops(of, all);
}

} // namespace weft::monitor::picture
