#include "gui/core/demo_mesh.hpp"

#include "gui/core/demo_words.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace weft::monitor {
namespace {

/// Smooth, around 1, never below 0: two waves of different length.
double wave(time_us at, double phase) {
  const auto seconds = static_cast<double>(at % limits::hour) / limits::second;
  const auto turn = 2 * std::numbers::pi;
  return 1 + 0.28 * std::sin(turn * seconds / 300 + phase) + 0.12 * std::sin(turn * seconds / 40 + 3 * phase);
}

/// Some durations that stand for all that came in a step.
void add_durations(telemetry::sketch& to, double events, double middle_ms, std::mt19937_64& drawn) {
  constexpr std::uint64_t samples = 4;
  const auto each = static_cast<std::uint64_t>(events / samples);
  std::lognormal_distribution<double> ms(std::log(middle_ms), 0.55);
  for (std::uint64_t i = 0; i < samples; ++i)
    if (each + i > 0)
      to.add(std::chrono::microseconds(static_cast<std::int64_t>(ms(drawn) * 1000)),
             std::max<std::uint64_t>(each, i == 3 ? 1 : 0));
}

} // namespace

demo_mesh::demo_mesh(const demo_settings& settings) : settings_(settings), drawn_(settings.seed), now_(settings.start) {
  settings_.nodes = std::clamp<std::size_t>(settings_.nodes, 1, limits::speakers_max);
  settings_.frame_every = std::max(settings_.frame_every, limits::second / 100);
  make_nodes();
  make_links();
  make_topics();
  make_groups();
  story_.told = settings_.with_story && settings_.nodes >= 4;
  story_.start = settings_.start;
  story_.dead_node = settings_.nodes - 1; // the last one is on no path but its own
  story_.frozen_node = std::min<std::size_t>(8, settings_.nodes - 2);
  story_.short_topic = std::min<std::size_t>(2, settings_.topics - 1);
}

double demo_mesh::uniform(double from, double until) {
  return std::uniform_real_distribution<double>(from, until)(drawn_);
}

void demo_mesh::make_nodes() {
  for (std::size_t index = 0; index < settings_.nodes; ++index) {
    made_node made;
    made.name = demo::name_of(demo::nodes(), index);
    made.zone = demo::nodes()[index % demo::nodes().size()].zone;
    made.id = fmt::format("{:016x}{:016x}", drawn_(), drawn_());
    made.started = settings_.start - static_cast<time_us>(uniform(2, 40) * 24) * limits::hour;
    made.memory = uniform(90e6, 700e6);
    made.log_bytes = uniform(2e9, 40e9);
    made.head = drawn_() % 1'000'000'000;
    nodes_.push_back(std::move(made));
  }
}

/// A chain, so that all are reached, and more of them, most within a zone.
void demo_mesh::make_links() {
  const auto connect = [this](std::size_t one, std::size_t other) {
    const auto knows = [&](const made_link& of) { return of.to == other; };
    if (one == other || std::ranges::any_of(nodes_[one].links, knows)) return;
    const bool near = nodes_[one].zone == nodes_[other].zone;
    const auto round_trip = near ? uniform(0.0002, 0.001) : uniform(0.002, 0.03);
    nodes_[one].links.push_back({other, 0, 0, round_trip, true});
    nodes_[other].links.push_back({one, 0, 0, round_trip, false});
  };
  for (std::size_t index = 1; index < nodes_.size(); ++index)
    connect(index, drawn_() % index); // to one that is there already
  const auto zones = std::max<std::size_t>(1, nodes_.size() / 6);
  for (std::size_t index = 0; index < nodes_.size(); ++index) {
    for (std::size_t count = 1; count < settings_.links_per_node; ++count) {
      const bool near = uniform(0, 1) < 0.6;
      connect(index, near ? (index % 6 + 6 * (drawn_() % zones)) % nodes_.size() : drawn_() % nodes_.size());
    }
  }
}

void demo_mesh::make_topics() {
  const auto words = demo::topics();
  for (std::size_t index = 0; index < settings_.topics; ++index) {
    topics_.push_back(demo::name_of(words, index));
    const auto& of = words[index % words.size()];
    const auto named = std::ranges::find(nodes_, of.publisher, &made_node::name);
    const auto first = named != nodes_.end() && index < words.size() ? static_cast<std::size_t>(named - nodes_.begin())
                                                                     : drawn_() % nodes_.size();
    const auto count = std::min<std::size_t>(1 + drawn_() % 3, nodes_.size());
    for (std::size_t more = 0; more < count; ++more) {
      made_part made;
      made.topic = index;
      made.node = (first + more * 5) % nodes_.size();
      made.base_per_s = of.per_s / static_cast<double>(more + 1);
      made.phase = uniform(0, 6);
      made.event_bytes = uniform(120, 900);
      made.end = std::floor(uniform(1e5, 9e7));
      const auto same = [&](const made_part& other) { return other.topic == index && other.node == made.node; };
      if (std::ranges::none_of(parts_, same)) parts_.push_back(std::move(made));
    }
  }
}

void demo_mesh::make_groups() {
  const auto words = demo::groups();
  for (std::size_t index = 0; index < settings_.groups && !topics_.empty(); ++index) {
    const auto& of = words[index % words.size()];
    made_group made;
    made.name = demo::name_of(words, index);
    const auto topic = std::ranges::find(topics_, of.topic);
    made.topic = topic != topics_.end() && index < words.size() ? static_cast<std::size_t>(topic - topics_.begin())
                                                                : drawn_() % topics_.size();
    const auto named = std::ranges::find(nodes_, of.consumer, &made_node::name);
    made.node = named != nodes_.end() && index < words.size() ? static_cast<std::size_t>(named - nodes_.begin())
                                                              : drawn_() % nodes_.size();
    made.members = 1 + static_cast<std::uint32_t>(drawn_() % 4);
    for (std::size_t part = 0; part < parts_.size(); ++part)
      if (parts_[part].topic == made.topic)
        cursors_.push_back({index, part, 0, 0, 0, 0, shortest(parts_[part].node, made.node), true, {}});
    groups_.push_back(std::move(made));
  }
}

/// By breadth; the last node is not gone through, so that its death cuts no route but its own.
std::vector<std::size_t> demo_mesh::shortest(std::size_t from, std::size_t to) const {
  std::vector<std::size_t> before(nodes_.size(), nodes_.size());
  std::vector<std::size_t> queue{from};
  before[from] = from;
  for (std::size_t at = 0; at < queue.size() && before[to] == nodes_.size(); ++at) {
    if (queue[at] == nodes_.size() - 1 && queue[at] != from) continue;
    for (const auto& link : nodes_[queue[at]].links)
      if (before[link.to] == nodes_.size()) {
        before[link.to] = queue[at];
        queue.push_back(link.to);
      }
  }
  if (before[to] == nodes_.size()) return {from, to};
  std::vector<std::size_t> path{to};
  while (path.back() != from)
    path.push_back(before[path.back()]);
  std::ranges::reverse(path);
  return path;
}

void demo_mesh::advance_to(time_us until, time_us frame_every, const heard& take) {
  while (now_ + frame_every <= until) {
    step(frame_every);
    for (std::size_t index = 0; index < nodes_.size(); ++index)
      if (!nodes_[index].dead) take(frame_of(index, now_), now_);
  }
}

void demo_mesh::step(time_us passed) {
  now_ += passed;
  const auto seconds = static_cast<double>(passed) / limits::second;
  step_nodes(seconds);
  for (auto& part : parts_)
    publish(part, seconds);
  for (auto& cursor : cursors_)
    consume(cursor, seconds);
}

void demo_mesh::step_nodes(double seconds) {
  for (std::size_t index = 0; index < nodes_.size(); ++index) {
    auto& of = nodes_[index];
    const bool dead = index == story_.dead_node && story_.is_silent(now_);
    if (of.dead && !dead) { // its process is a new one
      of.started = now_;
      of.sequence = 0;
      of.whole_at = 0;
      of.cpu_us = 0;
    }
    of.dead = dead;
    of.frozen = index == story_.frozen_node && story_.is_frozen(now_);
    if (!dead) of.cpu_us += seconds * 1e4 * (4 + 9 * wave(now_, static_cast<double>(index)));
  }
}

void demo_mesh::publish(made_part& of, double seconds) {
  auto& by = nodes_[of.node];
  of.per_s = by.dead || by.frozen ? 0 : of.base_per_s * wave(now_, of.phase) * uniform(0.96, 1.04);
  const auto before = std::floor(of.end);
  of.end += of.per_s * seconds;
  const auto events = std::floor(of.end) - before;
  of.changed = events > 0;
  if (!of.changed) return;
  by.head += static_cast<std::uint64_t>(1 + events / 40);
  by.log_bytes += events * of.event_bytes;
  by.cpu_us += events * 2;
  add_durations(of.publish, events, 2.5, drawn_);
}

void demo_mesh::consume(made_cursor& of, double seconds) {
  auto& by = groups_[of.group];
  const auto& from = parts_[of.part];
  of.flows = !nodes_[by.node].dead && !nodes_[from.node].dead;
  const bool stalls = of.group == story_.stalled_group && story_.stalls(now_);
  const double capacity = from.base_per_s * (stalls ? 0.35 : 2.1) * uniform(0.9, 1.1);
  const double arrived = from.per_s * seconds;
  const double wanted = of.flows ? std::min(of.backlog + arrived, capacity * seconds) : 0;
  const double waits = stalls ? 0 : std::min(from.per_s * uniform(0.01, 0.05), of.backlog + arrived); // in flight
  const double processed = std::max(0.0, std::min(wanted, of.backlog + arrived - waits));
  of.backlog = std::max(0.0, of.backlog + arrived - processed);
  of.processed_per_s = processed / seconds;
  if (processed <= 0) return;
  of.flowed += processed;
  by.handled += processed;
  if (stalls) by.repeated += processed * 0.02;
  carry(of, processed, processed * from.event_bytes);
  add_durations(of.delivery, processed, stalls ? 90 : 4 + 3 * static_cast<double>(of.path.size()), drawn_);
  add_durations(by.handler, processed, stalls ? 60 : 1.5, drawn_);
}

void demo_mesh::carry(const made_cursor& of, double events, double bytes) {
  nodes_[groups_[of.group].node].cpu_us += events * 3;
  const auto link_to = [this](std::size_t from, std::size_t to) {
    return std::ranges::find(nodes_[from].links, to, &made_link::to);
  };
  for (std::size_t hop = 0; hop + 1 < of.path.size(); ++hop) {
    const auto out = link_to(of.path[hop], of.path[hop + 1]);
    const auto in = link_to(of.path[hop + 1], of.path[hop]);
    if (out == nodes_[of.path[hop]].links.end() || in == nodes_[of.path[hop + 1]].links.end()) return;
    out->sent += bytes;
    in->received += bytes;
  }
}

} // namespace weft::monitor
