#include "gui/core/picture.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

namespace weft::monitor::picture {
namespace {

using route = std::vector<std::string>; // nodes, the log's first

/// What a node says of a flow that passes or ends there.
struct word {
  const std::string& by_name;
  const speaker& by;
  const told_flow& told;
  bool is_heard;

  [[nodiscard]] const telemetry::FlowT& row() const noexcept { return told.row; }
  /// The next node, where it goes on to one. A node is the end of what it names itself or a program for.
  [[nodiscard]] bool goes_on(const scene& of) const {
    const auto& to = row().to;
    if (to == by_name) return false;
    const auto at = std::ranges::lower_bound(of.out.nodes, to, {}, &node_view::name);
    return at != of.out.nodes.end() && at->name == to;
  }
};

/// The nodes that a flow has passed where it is told of, and with the next one.
route so_far(const word& of) { return of.row().path.empty() ? route{of.row().from} : of.row().path; }
route with(route path, const std::string& next) {
  path.push_back(next);
  return path;
}

/// Along its way a flow is told of by each node. Where it is followed to:
///
///     at a        from a to b, path a            covered by b's word, as long as that is heard
///     at b        from a to c, path a b          covered by c's
///     at c        from a to a program, path a b c
class told_ways {
public:
  explicit told_ways(const std::vector<word>& all, const scene& of) {
    for (const auto& one : all) {
      auto path = so_far(one);
      if (one.goes_on(of) && one.is_heard) hops_.insert({of_flow(one), with(path, one.row().to)});
      if (!one.is_heard) continue;
      for (; path.size() > 1; path.pop_back())
        passed_.insert({of_flow(one), path});
    }
  }
  /// Whether another word says it better: from farther along its way, or by who is still heard.
  [[nodiscard]] bool covers(const word& one, const scene& of) const {
    if (one.goes_on(of) && passed_.contains({of_flow(one), with(so_far(one), one.row().to)})) return true;
    return !one.is_heard && hops_.contains({of_flow(one), so_far(one)});
  }

private:
  using flow_name = std::pair<std::string, std::string>; // of whose log, which pattern
  static flow_name of_flow(const word& one) { return {one.row().from, one.row().pattern}; }
  std::set<std::pair<flow_name, route>> passed_, hops_;
};

std::vector<word> words(const scene& of) {
  std::vector<word> all;
  for (const auto& [name, by] : of.speakers)
    for (const auto& [key, told] : by.flows())
      if (has_room(of, all.size())) all.push_back({name, by, told, !by.is_silent(of.now)});
  return all;
}

flow_view view_of(const scene& of, const word& one) {
  const auto& row = one.row();
  return {row.from,
          row.to,
          row.pattern,
          row.name,
          so_far(one),
          row.events,
          row.bytes,
          row.lag_events,
          row.credit,
          rate(of, one.by, one.told.events),
          rate(of, one.by, one.told.bytes),
          one.goes_on(of) ? row.to : one.by_name};
}

/// What goes from node to node. Equal demands share a flow upstream, so a hop is not the sum of the flows that pass
/// it: its sender knows. Where that is silent, the flows have to do.
void add_hops(const scene& of, const std::vector<word>& all) {
  using ends = std::pair<std::string, std::string>;
  std::map<ends, hop_view> hops;
  std::set<ends> told;
  for (const auto& one : all) {
    if (!one.is_heard || !one.goes_on(of)) continue;
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
  const told_ways ways(all, of);
  for (const auto& one : all) {
    if (ways.covers(one, of)) continue;
    of.out.flows.push_back(view_of(of, one));
    const auto at = std::ranges::lower_bound(of.out.nodes, one.by_name, {}, &node_view::name);
    if (!one.goes_on(of) && at != of.out.nodes.end() && at->name == one.by_name)
      at->delivered_per_s += of.out.flows.back().events_per_s;
  }
  std::ranges::sort(of.out.flows, {}, [](const flow_view& flow) {
    return std::tie(flow.from, flow.to, flow.pattern, flow.name, flow.path);
  });
  add_hops(of, all);
}

} // namespace weft::monitor::picture
