#include "gui/core/picture.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::monitor::picture {
namespace {

/// What the mesh publishes of itself is not what people count.
bool is_own(std::string_view topic) { return topic.starts_with("_weft."); }

void judge(const scene& of, topic_view& topic) {
  for (const auto& part : topic.logs) {
    if (part.copies >= part.replicas || !is_heard(of, part.node)) continue;
    topic.shown = health::warn;
    topic.why = fmt::format("{} of {} copies of what is in the log of {}", part.copies, part.replicas, part.node);
    return;
  }
  const bool heard = std::ranges::any_of(topic.logs, [&](const auto& part) { return is_heard(of, part.node); });
  if (heard) return;
  topic.shown = health::unknown;
  topic.why = "no node that has it is heard";
}

std::pair<std::string, std::string> split(const std::string& key) {
  const auto at = key.find('/');
  return at == std::string::npos ? std::pair(key, std::string()) : std::pair(key.substr(0, at), key.substr(at + 1));
}

} // namespace

void add_topics(const scene& of) {
  std::map<std::string, topic_view> topics;
  for (auto& node : of.out.nodes) {
    const auto speaker = of.speakers.find(node.name);
    if (speaker == of.speakers.end()) continue;
    const auto& by = speaker->second;
    for (const auto& [name, told] : by.topics()) {
      if (!topics.contains(name) && !has_room(of, topics.size())) continue;
      auto& topic = topics[name];
      const auto& row = told.row;
      topic_log_view part{node.name, row.start,    row.end,    row.events,
                          row.bytes, row.replicas, row.copies, rate(of, by, told.published)};
      topic.events += part.events;
      topic.bytes += part.bytes;
      topic.published_per_s += part.published_per_s;
      if (topic.contract.empty()) topic.contract = row.contract;
      if (!is_own(name)) {
        node.published_per_s += part.published_per_s;
        node.published_bytes_per_s += rate(of, by, told.bytes);
      }
      topic.logs.push_back(std::move(part));
    }
  }
  for (auto& [name, topic] : topics) {
    topic.name = name;
    judge(of, topic);
    of.out.topics.push_back(std::move(topic));
  }
}

void add_latencies(const scene& of) {
  std::map<std::string, latency_view> latencies;
  for (const auto& [name, by] : of.speakers) {
    if (by.is_silent(of.now)) continue;
    for (const auto& [key, told] : by.latencies()) {
      const auto& recent = told.window.recent(by.said_at());
      if (recent.empty() || (!latencies.contains(key) && !has_room(of, latencies.size()))) continue;
      auto& latency = latencies[key];
      if (latency.what.empty()) std::tie(latency.what, latency.name) = split(key);
      for (const auto& bucket : recent)
        latency.took.add_at(bucket.index(), bucket.count());
    }
  }
  for (auto& [key, latency] : latencies)
    of.out.latencies.push_back(std::move(latency));
  std::ranges::sort(of.out.latencies, {}, [](const latency_view& row) { return std::tie(row.what, row.name); });
}

void add_totals(const scene& of) {
  auto& sums = of.out.sums;
  for (const auto& node : of.out.nodes) {
    sums.published_per_s += node.published_per_s;
    sums.delivered_per_s += node.delivered_per_s;
    sums.nodes_well += node.shown == health::ok ? 1 : 0;
    if (node.state == "left" && node.shown == health::unknown) continue; // nobody misses it
    ++sums.nodes;
    sums.nodes_silent += node.shown == health::unknown ? 1 : 0;
  }
  telemetry::sketch delivery;
  telemetry::sketch publish;
  for (const auto& latency : of.out.latencies) {
    if (latency.what == "delivery") delivery.add(latency.took);
    if (latency.what == "publish") publish.add(latency.took);
  }
  if (const auto p99 = delivery.quantile_us(0.99)) sums.delivery_p99_s = *p99 / 1e6;
  if (const auto p99 = publish.quantile_us(0.99)) sums.publish_p99_s = *p99 / 1e6;
  for (const auto& group : of.out.groups)
    sums.groups_unknown += group.lag_rows > 0 && group.lag_unknown == group.lag_rows ? 1 : 0;
  for (const auto& row : of.out.lag) {
    if (row.unknown_since || row.seconds <= sums.worst_lag_s) continue;
    sums.worst_lag_s = row.seconds;
    sums.worst_lag_group = row.group;
    sums.worst_lag_goes = row.goes;
  }
  std::map<std::string, double> repeated;
  for (const auto& [name, by] : of.speakers)
    for (const auto& [key, told] : by.groups())
      if (const auto per_s = rate(of, by, told.repeated); per_s > 0) repeated[told.row.name] += per_s * 60;
  double most = 0;
  for (const auto& [group, per_min] : repeated) {
    sums.repeated_per_min += per_min;
    if (per_min > most) sums.most_repeated_group = group;
    most = std::max(most, per_min);
  }
}

} // namespace weft::monitor::picture
