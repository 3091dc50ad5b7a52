#include "gui/core/demo_mesh.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

namespace weft::monitor {
namespace {

using namespace telemetry;

std::uint64_t count(double of) { return static_cast<std::uint64_t>(std::max(0.0, of)); }

template <class Row>
Row& add(std::vector<std::unique_ptr<Row>>& to) {
  return *to.emplace_back(std::make_unique<Row>());
}

void tell_gone(FrameT& frame, Kind kind, std::string key) {
  auto& row = add(frame.gone);
  row.kind = kind;
  row.key = std::move(key);
}

void tell_latency(FrameT& frame, const char* what, const std::string& name, const sketch& of) {
  if (of.empty()) return;
  auto& row = add(frame.latencies);
  row.what = what;
  row.name = name;
  set_buckets(row, of);
}

std::string epoch_of(const std::string& id) { return fmt::format("7-{}", id.substr(0, 4)); }

/// Two nodes of five have clocks that are a little wrong.
time_us clock_error(std::size_t index) {
  return index % 5 == 2 ? 14 * limits::second / 1000 : index % 5 == 4 ? -9 * limits::second / 1000 : 0;
}

} // namespace

FrameT demo_mesh::frame_of(std::size_t index, time_us at) {
  auto& of = nodes_[index];
  FrameT frame;
  frame.node = of.name;
  frame.node_id = of.id;
  frame.started_us = of.started;
  frame.sequence = ++of.sequence;
  frame.time_us = at + clock_error(index);
  frame.whole = of.whole_at == 0 || at - of.whole_at >= settings_.whole_every;
  if (frame.whole) of.whole_at = at;
  tell_nodes(frame, of, at);
  tell_links(frame, of);
  tell_log(frame, index);
  tell_cursors(frame, index);
  tell_services(frame, index);
  return frame;
}

/// Of itself in whole frames; of the node that is dead in each, and once that it is gone from the list.
void demo_mesh::tell_nodes(FrameT& frame, made_node& of, time_us at) {
  const auto tell = [&](const made_node& about, std::string state, time_us since) {
    auto& row = add(frame.nodes);
    row.name = about.name;
    row.id = about.id;
    row.number = static_cast<std::uint32_t>(&about - nodes_.data() + 1);
    row.state = std::move(state);
    row.since_us = since;
    row.zone = about.zone;
    row.roles = about.zone == "edge" ? "service,relay" : about.zone == "insight" ? "service,replica" : "service";
    row.address = fmt::format("10.20.{}.{}:7300", row.number / 250, row.number % 250 + 1);
    row.epoch = epoch_of(about.id);
    row.health = about.frozen ? "frozen" : "serving";
    row.health_why = about.frozen ? "no space is left on the disk" : "";
  };
  if (frame.whole || at % limits::second == 0) tell(of, "alive", of.started);
  const auto& victim = nodes_[story_.dead_node];
  const bool speaks_of_it = &of != &victim && story_.is_suspect(at);
  if (speaks_of_it) {
    const auto second = static_cast<time_us>(story_.second_of(at));
    const bool dead = story_.is_dead(at);
    tell(victim, dead ? "dead" : "suspect", at - (second - (dead ? 32 : 24)) * limits::second);
  }
  for (const auto& name : of.spoken_of)
    if (!speaks_of_it) tell_gone(frame, Kind::node, name);
  of.spoken_of = speaks_of_it ? std::vector{victim.name} : std::vector<std::string>{};
}

void demo_mesh::tell_links(FrameT& frame, const made_node& of) const {
  for (const auto& link : of.links) {
    const auto& other = nodes_[link.to];
    if (other.dead) {
      if (!frame.whole) tell_gone(frame, Kind::link, other.name);
      continue;
    }
    auto& row = add(frame.links);
    row.name = other.name;
    row.id = other.id;
    row.direction = link.dialled ? "out" : "in";
    row.kind = of.zone == other.zone ? "overlay" : "route";
    row.cost = static_cast<std::uint32_t>(1 + link.round_trip_s * 1000);
    row.round_trip_s = link.round_trip_s;
    row.bytes_received = count(link.received);
    row.bytes_sent = count(link.sent);
  }
}

void demo_mesh::tell_log(FrameT& frame, std::size_t index) const {
  const auto& of = nodes_[index];
  frame.log = std::make_unique<LogT>();
  auto& log = *frame.log;
  log.epoch = epoch_of(of.id);
  log.begin = log.epoch + "/1";
  log.head = log.written = of.head;
  log.bytes = count(of.log_bytes);
  log.frozen = of.frozen;
  log.why = of.frozen ? "no space is left on the disk" : "";
  log.version = "0.1.0";
  log.started_us = of.started;
  log.cpu_us = count(of.cpu_us);
  log.memory_bytes = count(of.memory);
  log.disk_bytes = 480'000'000'000;
  log.disk_free_bytes = of.frozen ? 0 : 480'000'000'000 - std::min<std::uint64_t>(log.bytes * 4, 470'000'000'000);
  for (const auto& part : parts_) {
    if (part.node != index || !(frame.whole || part.changed)) continue;
    auto& row = add(frame.topics);
    row.name = topics_[part.topic];
    row.end = count(part.end);
    row.events = std::min<std::uint64_t>(row.end, 5'000'000);
    row.start = row.end - row.events;
    row.bytes = count(part.end * part.event_bytes);
    row.replicas = part.topic % 3 == 2 ? 2 : 1;
    row.copies = story_.told && part.topic == story_.short_topic ? 1 : row.replicas;
    row.contract = fmt::format("{:08x}", part.topic * 2654435761U);
    tell_latency(frame, "publish", row.name, part.publish);
  }
}

void demo_mesh::tell_cursors(FrameT& frame, std::size_t index) const {
  for (const auto& cursor : cursors_) {
    const auto& part = parts_[cursor.part];
    const auto& group = groups_[cursor.group];
    tell_flow(frame, index, cursor);
    if (part.node != index) continue;
    const bool served = !nodes_[group.node].dead;
    auto& row = add(frame.groups);
    row.name = group.name;
    row.kind = "group";
    row.log = nodes_[index].name;
    row.pattern = topics_[group.topic];
    row.members = served ? group.members : 0;
    row.generation = 1;
    row.repeated = count(group.repeated);
    auto& lag = add(frame.lag);
    lag.name = group.name;
    lag.log = row.log;
    lag.topic = row.pattern;
    lag.events = count(cursor.backlog);
    lag.bytes = count(cursor.backlog * part.event_bytes);
    lag.seconds = lag.events == 0 ? 0 : cursor.backlog / std::max(part.base_per_s, 0.01);
    lag.position = fmt::format("{}/{}/{}", row.log, epoch_of(nodes_[index].id),
                               nodes_[index].head - std::min(nodes_[index].head, lag.events / 40));
    row.position = lag.position;
    lag.in_use = served;
    lag.consumer = served ? nodes_[group.node].name : "";
    lag.lease = "7 days";
    lag.held_bytes = lag.bytes;
    lag.processed_per_s = cursor.processed_per_s;
    lag.arrived_per_s = part.per_s;
  }
  std::set<std::string> flow; // one group's end is not that of a stream that others share
  for (const auto& row : frame.flows)
    if (row->name.empty()) flow.insert(key_of(*row));
  std::erase_if(frame.gone, [&](const auto& row) { return row->kind == Kind::flow && flow.contains(row->key); });
}

/// The nodes that a flow passes tell of it, each with the path up to itself. At its end is a program, which is called
/// as its group. Before that, groups that want the same of a log share what goes to the next node.
void demo_mesh::tell_flow(FrameT& frame, std::size_t index, const made_cursor& of) const {
  const auto here = std::ranges::find(of.path, index);
  if (here == of.path.end()) return;
  const auto& part = parts_[of.part];
  const auto& group = groups_[of.group];
  FlowT row;
  row.from = nodes_[part.node].name;
  const auto next = here + 1;
  const bool ends = next == of.path.end();
  row.to = ends ? group.name : nodes_[*next].name;
  row.pattern = topics_[group.topic];
  row.name = ends ? group.name : "";
  for (auto at = of.path.begin(); at != next; ++at)
    row.path.push_back(nodes_[*at].name);
  if (!ends) {
    const auto same = [&](const auto& other) {
      return other->name.empty() && other->to == row.to && other->from == row.from && other->pattern == row.pattern &&
             other->path == row.path;
    };
    if (const auto told = std::ranges::find_if(frame.flows, same); told != frame.flows.end()) {
      auto& shared = **told;
      shared.events = std::max(shared.events, count(of.flowed));
      shared.bytes = std::max(shared.bytes, count(of.flowed * part.event_bytes));
      return;
    }
  }
  if (!of.flows) {
    if (!frame.whole) tell_gone(frame, Kind::flow, key_of(row));
    return;
  }
  row.log = row.from;
  row.events = count(of.flowed);
  row.bytes = count(of.flowed * part.event_bytes);
  row.events_per_s = of.processed_per_s;
  row.bytes_per_s = of.processed_per_s * part.event_bytes;
  row.credit = 1U << 20U;
  row.head = nodes_[part.node].head;
  row.sent_until = row.head;
  row.lag_events = count(of.backlog);
  add(frame.flows) = std::move(row);
}

void demo_mesh::tell_services(FrameT& frame, std::size_t index) const {
  for (std::size_t number = 0; number < groups_.size(); ++number) {
    const auto& group = groups_[number];
    if (group.node != index) continue;
    const bool stalls = number == story_.stalled_group && story_.stalls(now_);
    auto& row = add(frame.services);
    row.name = group.name;
    row.state = stalls ? "waiting" : "running";
    row.why = stalls ? "the database answers slowly" : "";
    row.in_flight = stalls ? 64 : 3;
    row.handled = count(group.handled);
    row.failed = count(group.repeated);
    tell_latency(frame, "handler", group.name, group.handler);
  }
  for (const auto& cursor : cursors_)
    if (groups_[cursor.group].node == index) {
      const auto& topic = topics_[groups_[cursor.group].topic];
      const auto same = [&](const auto& row) { return row->what == "delivery" && row->name == topic; };
      const auto told = std::ranges::find_if(frame.latencies, same);
      if (told == frame.latencies.end()) {
        tell_latency(frame, "delivery", topic, cursor.delivery);
        continue;
      }
      auto sum = sketch_of(**told);
      sum.add(cursor.delivery);
      set_buckets(**told, sum);
    }
}

} // namespace weft::monitor
