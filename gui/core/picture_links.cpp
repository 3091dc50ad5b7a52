#include "gui/core/picture.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace weft::monitor::picture {
namespace {

using pair = std::pair<std::string, std::string>;

/// One end's word about a link goes beside the other's. Both count the same bytes; the later look is ahead.
void merge(const scene& of, link_view& link, const std::string& name, const speaker& by, const told_link& told) {
  const auto sent = rate(of, by, told.sent);
  const auto received = rate(of, by, told.received);
  auto& out = name == link.a ? link.a_to_b_bytes_per_s : link.b_to_a_bytes_per_s;
  auto& in = name == link.a ? link.b_to_a_bytes_per_s : link.a_to_b_bytes_per_s;
  out = std::max(out, sent);
  in = std::max(in, received);
  if (link.kind.empty()) link.kind = told.row.kind;
  if (by.is_silent(of.now)) return;
  link.shown = health::ok;
  if (!told.row.round_trip_s) return;
  const double took = *told.row.round_trip_s;
  link.round_trip_s = link.round_trip_s ? std::min(*link.round_trip_s, took) : took;
}

node_view* find(const scene& of, const std::string& name) {
  const auto at = std::ranges::lower_bound(of.out.nodes, name, {}, &node_view::name);
  return at != of.out.nodes.end() && at->name == name ? &*at : nullptr;
}

} // namespace

void add_links(const scene& of) {
  std::map<pair, link_view> links;
  for (const auto& [name, by] : of.speakers) {
    for (const auto& [key, told] : by.links()) {
      if (told.row.name.empty() || told.row.name == name) continue;
      const auto ends = std::minmax(name, told.row.name);
      auto at = links.find(pair(ends));
      if (at == links.end()) {
        if (!has_room(of, links.size())) continue;
        at = links.emplace(pair(ends), link_view{ends.first, ends.second, {}, {}, 0, 0, health::unknown}).first;
      }
      merge(of, at->second, name, by, told);
    }
  }
  for (auto& [ends, link] : links) {
    if (link.shown == health::ok && link.round_trip_s && *link.round_trip_s >= limits::round_trip_warn_s)
      link.shown = health::warn;
    for (const auto& end : {link.a, link.b})
      if (const auto* node = find(of, end); node != nullptr && node->state == "dead") link.shown = health::fail;
    of.out.links.push_back(std::move(link));
  }
}

} // namespace weft::monitor::picture
