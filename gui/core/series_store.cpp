#include "gui/core/series_store.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace weft::monitor {
namespace {

/// Calls add(key, value) for each figure of a snapshot.
template <class Add>
void for_each_figure(const snapshot& of, Add add) {
  add({figure::published_per_s, {}}, of.sums.published_per_s);
  add({figure::delivered_per_s, {}}, of.sums.delivered_per_s);
  add({figure::nodes_well, {}}, static_cast<double>(of.sums.nodes_well));
  if (of.sums.delivery_p99_s) add({figure::delivery_p99_ms, {}}, *of.sums.delivery_p99_s * 1e3);
  for (const auto& node : of.nodes) {
    if (node.heard_at == 0) continue;
    add({figure::published_per_s, node.name}, node.published_per_s);
    add({figure::delivered_per_s, node.name}, node.delivered_per_s);
  }
  for (const auto& topic : of.topics)
    add({figure::topic_per_s, topic.name}, topic.published_per_s);
  for (const auto& group : of.groups) {
    if (group.lag_rows > 0 && group.lag_unknown == group.lag_rows) continue;
    add({figure::lag_seconds, group.name}, group.worst_seconds);
    add({figure::lag_events, group.name}, static_cast<double>(group.lag_events));
  }
  for (const auto& lag : of.lag) {
    if (lag.unknown_since) continue;
    const auto key = fmt::format("{}/{}/{}", lag.group, lag.log, lag.topic);
    add({figure::lag_seconds, key}, lag.seconds);
    add({figure::lag_events, key}, static_cast<double>(lag.events));
  }
  for (const auto& link : of.links)
    add({figure::link_bytes_per_s, fmt::format("{}/{}", link.a, link.b)},
        link.a_to_b_bytes_per_s + link.b_to_a_bytes_per_s);
  telemetry::sketch publishes;
  for (const auto& latency : of.latencies) {
    if (latency.what != "publish" && latency.what != "delivery") continue;
    const auto what = latency.what == "publish" ? figure::publish_p99_ms : figure::delivery_p99_ms;
    if (what == figure::publish_p99_ms) publishes.add(latency.took);
    if (const auto p99 = latency.took.quantile_us(0.99); p99 && !latency.name.empty())
      add({what, latency.name}, *p99 / 1e3);
  }
  if (const auto p99 = publishes.quantile_us(0.99)) add({figure::publish_p99_ms, {}}, *p99 / 1e3);
}

} // namespace

void series_store::ring::add(std::int64_t span, double value, std::size_t places) {
  if (held == 0 || span - newest >= static_cast<std::int64_t>(places)) {
    cells.clear();
    origin = span;
    newest = span - 1;
    held = 0;
  }
  while (newest < span) {
    const auto at = place(++newest, places);
    if (cells.size() <= at) {
      if (cells.capacity() <= at) cells.reserve(std::min(places, std::max<std::size_t>(8, at + 1 + at / 2)));
      cells.resize(at + 1);
    }
    cells[at] = {};
    held = std::min(held + 1, places);
  }
  auto& now = cells[place(span, places)];
  const auto sample = static_cast<float>(value);
  now.min = now.count == 0 ? sample : std::min(now.min, sample);
  now.max = now.count == 0 ? sample : std::max(now.max, sample);
  now.sum += sample;
  ++now.count;
}

const series_store::cell* series_store::ring::at(std::int64_t span, std::size_t places) const {
  if (span > newest || span <= newest - static_cast<std::int64_t>(held)) return nullptr;
  const auto& found = cells[place(span, places)];
  return found.count == 0 ? nullptr : &found;
}

void series_store::add(const snapshot& of) {
  const std::lock_guard lock(mutex_);
  if (of.at <= newest_) return;
  for_each_figure(of, [&](const series_key& key, double value) { add_locked(key, of.at, value); });
  newest_ = of.at;
}

void series_store::add(const series_key& key, time_us at, double value) {
  const std::lock_guard lock(mutex_);
  add_locked(key, at, value);
  newest_ = std::max(newest_, at);
}

void series_store::add_locked(const series_key& key, time_us at, double value) {
  if (!std::isfinite(value) || at < 0) return;
  auto found = all_.find(key);
  if (found == all_.end()) {
    if (all_.size() >= limits::series_max && !make_room(at)) {
      ++refused_;
      return;
    }
    found = all_.emplace(key, series{}).first;
  }
  auto& of = found->second;
  if (at < of.last) return;
  of.last = at;
  for (std::size_t index = 0; index < levels.size(); ++index)
    of.rings[index].add(at / levels[index].step, value, levels[index].places);
}

/// Idle ones are looked for once a minute at most, since it takes a look at all.
bool series_store::make_room(time_us at) {
  if (at - room_looked_at_ < limits::minute) return false;
  room_looked_at_ = at;
  std::erase_if(all_, [at](const auto& item) { return at - item.second.last > limits::series_idle_after; });
  return all_.size() < limits::series_max;
}

/// The finest level that fits and reaches back to `from`, or as far as the series does; else the coarsest.
std::size_t series_store::level_for(const series& of, time_us from, time_us until, std::size_t points_max) const {
  const auto begin = [&](std::size_t index) {
    const auto& held = of.rings[index];
    return (held.newest + 1 - static_cast<std::int64_t>(held.held)) * levels[index].step;
  };
  const auto oldest = begin(levels.size() - 1) + levels.back().step; // its first span begins before its first sample
  for (std::size_t index = 0; index + 1 < levels.size(); ++index) {
    const auto spans = (until - from + levels[index].step - 1) / levels[index].step;
    if (spans <= static_cast<std::int64_t>(points_max) && begin(index) <= std::max(from, oldest)) return index;
  }
  return levels.size() - 1;
}

std::vector<series_point> series_store::points(const series_key& of, time_us from, time_us until,
                                               std::size_t points_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<series_point> found;
  const auto at = all_.find(of);
  if (at == all_.end() || points_max == 0 || until <= from) return found;
  from = std::max<time_us>(from, 0);
  until = std::min(until, newest_ + 1); // what is later than all samples has none
  if (until <= from) return found;
  const auto index = level_for(at->second, from, until, points_max);
  const auto [step, places] = levels[index];
  const auto& held = at->second.rings[index];
  const auto spans = static_cast<std::size_t>((until - from + step - 1) / step);
  const auto together = static_cast<std::int64_t>((spans + points_max - 1) / points_max); // 1 but for the coarsest
  const auto oldest = held.newest + 1 - static_cast<std::int64_t>(held.held);
  auto first = std::max((from + step - 1) / step, oldest);
  first -= first % together;
  for (auto span = first; span * step < until && span <= held.newest; span += together) {
    if ((span + together) * step > newest_) break; // not over yet
    series_point point{.at = span * step};
    for (auto part = span; part < span + together; ++part) {
      const auto* of_span = held.at(part, places);
      if (of_span == nullptr) continue;
      point.min = point.count == 0 ? of_span->min : std::min(point.min, double{of_span->min});
      point.max = point.count == 0 ? of_span->max : std::max(point.max, double{of_span->max});
      point.sum += of_span->sum;
      point.count += of_span->count;
    }
    if (point.count != 0 && found.size() < points_max) found.push_back(point);
  }
  return found;
}

std::vector<std::string> series_store::known(figure what) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (auto at = all_.lower_bound({what, {}}); at != all_.end() && at->first.what == what; ++at)
    names.push_back(at->first.of);
  return names;
}

std::size_t series_store::size_of(const series& of) const {
  auto size = sizeof(series);
  for (const auto& held : of.rings)
    size += held.cells.capacity() * sizeof(cell);
  return size;
}

std::size_t series_store::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [key, of] : all_)
    sum += size_of(of);
  return sum;
}

std::uint64_t series_store::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

} // namespace weft::monitor
