#include "gui/core/figures.hpp"
#include "gui/core/picture.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace weft::monitor::picture {
namespace {

/// What nodes that speak say of another one.
struct word {
  telemetry::NodeT row;
  std::string by;
};

int weight(const std::string& state) {
  if (state == "dead") return 3;
  if (state == "left") return 2;
  return state == "suspect" ? 1 : 0;
}

/// By name of the node that is spoken of: the worst word about it, the earliest of equal ones.
std::map<std::string, word> words_of_others(const scene& of) {
  std::map<std::string, word> words;
  for (const auto& [name, by] : of.speakers) {
    if (by.is_silent(of.now)) continue;
    for (const auto& [about, told] : by.nodes()) {
      if (about == name || about.empty()) continue;
      const auto [at, is_new] = words.try_emplace(about, word{told.row, name});
      const auto& held = at->second.row;
      const auto more = weight(told.row.state) - weight(held.state);
      if (!is_new && (more > 0 || (more == 0 && told.row.since_us < held.since_us))) at->second = {told.row, name};
    }
  }
  return words;
}

void describe(node_view& node, const telemetry::NodeT& row) {
  node.id = row.id;
  node.zone = row.zone;
  node.roles = row.roles;
  node.address = row.address;
  node.epoch = row.epoch;
  node.number = row.number;
  node.state = row.state;
  node.since = row.since_us;
}

/// What a node says of its log and its process.
void describe(node_view& node, const speaker& by) {
  node.state.clear(); // its own word is worth more than that of others
  node.since = 0;
  if (const auto own = by.nodes().find(node.name); own != by.nodes().end()) describe(node, own->second.row);
  if (node.id.empty()) node.id = by.id();
  if (node.state.empty()) node.state = "alive";
  if (node.since == 0) node.since = by.started_at();
  node.heard_at = by.heard_at();
  node.clock_offset_s = by.clock_offset_s();
  node.whole = by.is_whole();
  node.cpu_percent = by.cpu_percent();
  if (!by.log()) return;
  const auto& log = *by.log();
  node.version = log.version;
  node.head = log.head;
  node.log_bytes = log.bytes;
  node.disk_bytes = log.disk_bytes;
  node.disk_free_bytes = log.disk_free_bytes;
  node.memory_bytes = log.memory_bytes;
  if (!log.epoch.empty()) node.epoch = log.epoch;
}

/// A node that speaks: its own word, then that of others.
void judge_heard(node_view& node, const speaker& by, const word* others) {
  const auto own = by.nodes().find(node.name);
  const bool frozen = (by.log() && by.log()->frozen) || (own != by.nodes().end() && own->second.row.health == "frozen");
  if (frozen) {
    node.shown = health::fail;
    const auto& why = by.log() && !by.log()->why.empty() ? by.log()->why
                      : own != by.nodes().end()          ? own->second.row.health_why
                                                         : node.why;
    node.why = why.empty() ? "its log is frozen" : fmt::format("its log is frozen: {}", why);
  } else if (others != nullptr && weight(others->row.state) > 0) {
    node.shown = health::warn;
    node.why = others->row.state == "left" ? fmt::format("{} says that it has left, but it speaks", others->by)
                                           : fmt::format("{} takes it for {}", others->by, others->row.state);
  } else {
    node.shown = health::ok;
  }
}

/// A node that is silent, or never spoke: what others say, or nothing.
void judge_silent(node_view& node, const scene& of, const word* others) {
  const auto silence =
      node.heard_at == 0
          ? std::string("it never said anything")
          : fmt::format("not heard for {}", figures::duration(double(of.now - node.heard_at) / limits::second));
  node.shown = health::unknown;
  node.why = silence;
  node.cpu_percent = 0;
  if (others != nullptr && others->row.health == "frozen" && weight(others->row.state) == 0) {
    node.shown = health::fail; // a frozen log takes its own words no more
    node.why = fmt::format("its log is frozen, {} says: {}", others->by, others->row.health_why);
  }
  if (others == nullptr || weight(others->row.state) == 0) return;
  node.state = others->row.state;
  node.since = others->row.since_us;
  if (node.state == "left") {
    node.why = "it has left the mesh";
    return;
  }
  node.shown = node.state == "dead" ? health::fail : health::warn;
  node.why = fmt::format("{} takes it for {}; {}", others->by, node.state, silence);
}

} // namespace

bool is_heard(const scene& of, const std::string& node) {
  const auto by = of.speakers.find(node);
  return by != of.speakers.end() && !by->second.is_silent(of.now);
}

double rate(const scene& of, const speaker& by, const rate_meter& meter) {
  return by.is_silent(of.now) ? 0 : meter.per_s(by.said_at());
}

bool has_room(const scene& of, std::size_t size) {
  if (size < limits::snapshot_rows_max) return true;
  ++of.out.rows_refused;
  return false;
}

void add_nodes(const scene& of) {
  const auto words = words_of_others(of);
  std::set<std::string> names;
  for (const auto& [name, by] : of.speakers) {
    names.insert(name);
    for (const auto& [key, link] : by.links())
      if (!link.row.name.empty()) names.insert(link.row.name);
  }
  for (const auto& [name, said] : words)
    names.insert(name);
  for (const auto& name : names) {
    if (!has_room(of, of.out.nodes.size())) break;
    node_view node;
    node.name = name;
    const auto said = words.find(name);
    const auto* others = said == words.end() ? nullptr : &said->second;
    if (others != nullptr) describe(node, others->row);
    const auto by = of.speakers.find(name);
    if (by != of.speakers.end()) describe(node, by->second);
    if (by != of.speakers.end() && !by->second.is_silent(of.now))
      judge_heard(node, by->second, others);
    else
      judge_silent(node, of, others);
    of.out.nodes.push_back(std::move(node));
  }
}

void add_services(const scene& of) {
  for (const auto& [name, by] : of.speakers) {
    for (const auto& [key, told] : by.services()) {
      if (!has_room(of, of.out.services.size())) return;
      service_view service{name,
                           told.row.name,
                           told.row.state,
                           told.row.why,
                           told.row.in_flight,
                           told.row.restarts,
                           told.row.handled,
                           told.row.failed,
                           rate(of, by, told.handled),
                           health::ok};
      if (by.is_silent(of.now))
        service.shown = health::unknown;
      else if (service.state == "failed")
        service.shown = health::fail;
      else if (service.state != "running" && !(service.state == "waiting" && service.why.empty())) // that stands by
        service.shown = health::warn;
      of.out.services.push_back(std::move(service));
    }
  }
}

} // namespace weft::monitor::picture
