// tests/gui/models/fake_mesh.hpp: a small mesh whose clock and figures a test sets by hand.
#pragma once
#include "gui/core/source.hpp"

#include <atomic>
#include <mutex>

namespace weft::monitor {

inline constexpr time_us fakeStart = 1'800'000'000'000'000;

/// Series are ramps: the value at a time is the second of the minute.
class FakeSeries : public series_source {
public:
  std::vector<series_point> points(const series_key& of, time_us from, time_us until,
                                   std::size_t points_max) const override {
    const std::scoped_lock lock(mutex);
    asked.push_back(of);
    std::vector<series_point> points;
    const time_us step =
        std::max<time_us>(1'000'000, (until - from) / static_cast<time_us>(std::max<std::size_t>(1, points_max)));
    for (time_us at = from; at + step <= until; at += step) {
      const auto value = static_cast<double>(at / 1'000'000 % 60);
      points.push_back({at, value, value, value, 1});
    }
    return points;
  }
  std::vector<std::string> known(figure) const override { return {}; }

  mutable std::mutex mutex;
  mutable std::vector<series_key> asked;
};

/// Three nodes, two topics, two groups; `payments` is behind.
inline snapshot fakeSnapshot(std::uint64_t sequence) {
  snapshot now;
  now.at = fakeStart + static_cast<time_us>(sequence) * 100'000;
  now.sequence = sequence;
  now.mesh = "test";
  for (const char* name : {"cart", "ledger", "orders"}) {
    node_view node;
    node.name = name, node.zone = "eu-1", node.roles = "relay", node.state = "alive";
    node.shown = name == std::string("ledger") ? health::fail : health::ok;
    node.why = name == std::string("ledger") ? "its disk is full" : "";
    node.heard_at = now.at, node.published_per_s = 1000, node.delivered_per_s = 400;
    now.nodes.push_back(node);
  }
  now.links = {{"cart", "ledger", "tcp", 0.002, 1000, 20, health::ok},
               {"cart", "orders", "tcp", 0.004, 10, 20, health::ok}};
  flow_view flow;
  flow.from = "orders", flow.to = "ledger", flow.pattern = "retail.orders", flow.name = "payments";
  flow.path = {"orders", "cart", "ledger"}, flow.events_per_s = 900;
  now.flows = {flow};
  now.hops = {{"cart", "ledger", 1, 900, 9000}, {"orders", "cart", 1, 900, 9000}};
  for (const char* name : {"retail.carts", "retail.orders"}) {
    topic_view topic;
    topic.name = name, topic.published_per_s = 10, topic.events = 1000, topic.bytes = 5000;
    topic_log_view log;
    log.node = "cart", log.end = 10, log.replicas = 2, log.copies = 2;
    topic.logs = {log};
    log.node = "orders", log.copies = 1;
    topic.logs.push_back(log);
    now.topics.push_back(topic);
  }
  group_view audit, payments;
  audit.name = "audit", audit.kind = "group", audit.shown = health::ok;
  payments.name = "payments", payments.kind = "group", payments.shown = health::warn, payments.worst_seconds = 41.2,
  payments.lag_events = 38790;
  now.groups = {audit, payments};
  lag_view row;
  row.group = "audit", row.log = "cart", row.topic = "retail.carts", row.shown = health::ok, row.end = 10,
  row.processed = 10;
  now.lag.push_back(row);
  row.group = "payments", row.log = "orders", row.topic = "retail.orders", row.shown = health::warn;
  row.events = 38790, row.end = 1823592, row.processed = 1784802, row.seconds = 41.2, row.never_drains = true,
  row.goes = trend::growing;
  now.lag.push_back(row);
  now.sums.published_per_s = 48213, now.sums.published_change = 0.031, now.sums.delivered_per_s = 46870,
  now.sums.delivered_change = -0.028;
  now.sums.nodes = 3, now.sums.nodes_well = 2, now.sums.nodes_silent = 0, now.sums.delivery_p99_s = 0.131;
  now.sums.worst_lag_group = "payments", now.sums.worst_lag_s = 41.2, now.sums.worst_lag_goes = trend::growing;
  return now;
}

inline snapshot_ptr shared(snapshot now) { return std::make_shared<const snapshot>(std::move(now)); }

/// @thread seek(): any
class FakeMesh : public mesh_source {
public:
  FakeMesh() { set(fakeSnapshot(1)); }
  void set(snapshot now) { now_ = std::make_shared<const snapshot>(std::move(now)); }

  snapshot_ptr latest() const override { return now_; }
  using mesh_source::seek;
  snapshot_ptr seek(time_us at, const std::stop_token& /*stop*/) override {
    ++seeks;
    auto past = fakeSnapshot(1);
    past.at = at;
    return std::make_shared<const snapshot>(std::move(past));
  }
  time_us oldest() const override { return fakeStart - 600'000'000; }
  const series_source& series() const override { return fakeSeries; }
  std::vector<mark> marks(time_us from, time_us until) const override {
    const mark one{fakeStart - 120'000'000, health::warn, "payments falls behind", "groups", "payments"};
    return one.at >= from && one.at < until ? std::vector{one} : std::vector<mark>();
  }
  source_state state() const override { return shown; }

  std::vector<alert> alerts_between(time_us from, time_us until) const override {
    std::vector<alert> found;
    for (const auto& one : alerts)
      if (one.since < until && one.until.value_or(until) >= from) found.push_back(one);
    return found;
  }
  std::vector<alert_rule> alert_rules() const override { return rules; }
  void set_alert_rules(const std::vector<alert_rule>& chosen) override { rules = chosen; }

  FakeSeries fakeSeries;
  std::vector<alert> alerts;
  std::vector<alert_rule> rules;
  source_state shown{true, "test mesh", ""};
  std::atomic<int> seeks = 0;

private:
  snapshot_ptr now_;
};

} // namespace weft::monitor
