#include "gui/core/figures.hpp"
#include "gui/core/picture.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace weft::monitor::picture {
namespace {

std::optional<double> said(const auto& value) { return value ? std::optional<double>(*value) : std::nullopt; }

/// The node's own rates where it knows them; else from its counters.
void add_rates(const scene& of, lag_view& lag, const speaker& by, const told_lag& told) {
  lag.processed_per_s = said(told.row.processed_per_s);
  lag.arrived_per_s = said(told.row.arrived_per_s);
  lag.drain_s = said(told.row.drain_s);
  if (!lag.processed_per_s && told.processed.is_known()) lag.processed_per_s = rate(of, by, told.processed);
  if (const auto topic = by.topics().find(lag.topic);
      !lag.arrived_per_s && topic != by.topics().end() && topic->second.published.is_known())
    lag.arrived_per_s = rate(of, by, topic->second.published);
}

/// When nothing is left, at these rates; never, when it grows.
void add_drain(lag_view& lag, const told_lag& told) {
  if (lag.events == 0) {
    lag.drain_s = 0;
    return;
  }
  if (told.row.drain == "never") lag.never_drains = true;
  if (lag.drain_s || lag.never_drains || !lag.processed_per_s || !lag.arrived_per_s) return;
  const double gain = *lag.processed_per_s - *lag.arrived_per_s;
  if (gain > 0)
    lag.drain_s = std::min(static_cast<double>(lag.events) / gain, limits::number_max);
  else
    lag.never_drains = lag.goes == trend::growing;
}

void judge(const scene& of, lag_view& lag, const speaker& by, const told_lag& told) {
  if (by.is_silent(of.now)) {
    lag.unknown_since = by.heard_at();
    lag.shown = health::unknown;
    return;
  }
  if (!lag.problem.empty() || told.row.ran_out_us) lag.shown = health::fail;
  if (lag.events == 0 || lag.shown == health::fail) return;
  if (lag.seconds >= limits::lag_fail_s && (lag.goes == trend::growing || lag.never_drains))
    lag.shown = health::fail;
  else if (lag.seconds >= limits::lag_warn_s)
    lag.shown = health::warn;
}

lag_view view_of(const scene& of, const std::string& name, const speaker& by, const told_lag& told) {
  const auto& row = told.row;
  lag_view lag;
  lag.group = row.name;
  lag.log = row.log.empty() ? name : row.log;
  lag.topic = row.topic;
  lag.events = row.events;
  lag.bytes = row.bytes;
  lag.held_bytes = row.held_bytes;
  lag.at_most = row.at_most;
  lag.seconds = row.seconds;
  lag.end = told.end;
  lag.processed = told.end - std::min(told.end, row.events);
  lag.goes = told.seconds.goes();
  lag.position = row.position;
  lag.consumer = row.consumer;
  lag.lease = row.lease;
  lag.problem = row.problem.empty() && row.ran_out_us
                    ? fmt::format("its lease ran out{}{}", row.ran_out_why.empty() ? "" : ": ", row.ran_out_why)
                    : row.problem;
  add_rates(of, lag, by, told);
  add_drain(lag, told);
  judge(of, lag, by, told);
  return lag;
}

int weight(health of) {
  switch (of) {
  case health::ok: return 0;
  case health::unknown: return 1;
  case health::warn: return 2;
  case health::fail: return 3;
  }
  return 0;
}

void worsen(group_view& group, health shown, std::string why) {
  if (weight(shown) <= weight(group.shown)) return;
  group.shown = shown;
  group.why = std::move(why);
}

std::string reason(const lag_view& lag) {
  if (lag.unknown_since) return fmt::format("the log of {} is not heard", lag.log);
  if (!lag.problem.empty()) return fmt::format("{} in the log of {}: {}", lag.topic, lag.log, lag.problem);
  return fmt::format("{} behind in {} of {}{}", figures::duration(lag.seconds), lag.topic, lag.log,
                     lag.goes == trend::growing ? ", growing" : "");
}

/// All rows of a group's lag, which follow one another.
void add_lag_of(const scene& of, group_view& group) {
  const auto rows = std::ranges::equal_range(of.out.lag, group.name, {}, &lag_view::group);
  const lag_view* worst = nullptr;
  std::uint64_t waiting = 0; // where it is known who takes it
  for (const auto& lag : rows) {
    group.lag_events += lag.events;
    ++group.lag_rows;
    if (lag.unknown_since) ++group.lag_unknown;
    if (!lag.unknown_since) {
      group.worst_seconds = std::max(group.worst_seconds, lag.seconds);
      waiting += lag.events;
    }
    if (worst == nullptr || std::pair(weight(lag.shown), lag.seconds) > std::pair(weight(worst->shown), worst->seconds))
      worst = &lag;
  }
  if (worst != nullptr && worst->shown != health::ok) worsen(group, worst->shown, reason(*worst));
  if (group.members == 0 && waiting > 0) worsen(group, health::warn, "nobody processes what waits");
  if (group.parked_keys > 0) worsen(group, health::warn, fmt::format("{} keys are parked", group.parked_keys));
}

} // namespace

void add_lag(const scene& of) {
  for (const auto& [name, by] : of.speakers)
    for (const auto& [key, told] : by.lag())
      if (has_room(of, of.out.lag.size())) of.out.lag.push_back(view_of(of, name, by, told));
  const auto key = [](const lag_view& lag) { return std::tie(lag.group, lag.log, lag.topic); };
  // Two nodes may speak of one log while it changes hands: the first that is heard counts.
  std::ranges::stable_sort(of.out.lag, [&](const lag_view& one, const lag_view& other) {
    return key(one) < key(other) || (key(one) == key(other) && !one.unknown_since && other.unknown_since);
  });
  const auto same = [&](const lag_view& one, const lag_view& other) { return key(one) == key(other); };
  of.out.lag.erase(std::ranges::unique(of.out.lag, same).begin(), of.out.lag.end());
}

void add_groups(const scene& of) {
  std::map<std::string, group_view> groups;
  for (const auto& [name, by] : of.speakers) {
    for (const auto& [key, told] : by.groups()) {
      const auto& row = told.row;
      if (row.name.empty() || (!groups.contains(row.name) && !has_room(of, groups.size()))) continue;
      auto& group = groups[row.name];
      group.name = row.name;
      group.kind = row.kind;
      group.pattern = row.pattern;
      group.logs.push_back(row.log.empty() ? name : row.log);
      if (!by.is_silent(of.now)) group.members = std::max(group.members, row.members);
      group.parked_keys += std::min(row.parked_keys, ~std::uint32_t{0} - group.parked_keys);
      group.repeated += row.repeated;
    }
  }
  for (auto& [name, group] : groups) {
    std::ranges::sort(group.logs);
    group.logs.erase(std::ranges::unique(group.logs).begin(), group.logs.end());
    add_lag_of(of, group);
    of.out.groups.push_back(std::move(group));
  }
}

} // namespace weft::monitor::picture
