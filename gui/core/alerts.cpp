#include "gui/core/alerts.hpp"

#include "gui/core/figures.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace weft::monitor {
namespace {

bool holds(const alert_rule& rule, double value) {
  return rule.condition == alert_condition::above ? value > rule.limit : value < rule.limit;
}

/// Nearer than a tenth of the limit; a limit of 0 has no near side.
bool is_near(const alert_rule& rule, double value) {
  const double margin = std::abs(rule.limit) * limits::alert_margin;
  return rule.condition == alert_condition::above ? value > rule.limit - margin : value < rule.limit + margin;
}

const char* page_of(alert_metric what) {
  switch (what) {
  case alert_metric::lag_seconds:
  case alert_metric::lag_events:
  case alert_metric::parked_keys: return "groups";
  case alert_metric::node_failed:
  case alert_metric::silent_seconds: return "node";
  case alert_metric::missing_copies:
  case alert_metric::topic_per_s:
  case alert_metric::delivery_p99_ms:
  case alert_metric::publish_p99_ms: return "topics";
  }
  return "overview";
}

std::string sentence(alert_metric what, const std::string& of, double value) {
  const auto whole = static_cast<std::uint64_t>(std::clamp(value, 0.0, limits::number_max));
  switch (what) {
  case alert_metric::lag_seconds: return fmt::format("{} is {} behind", of, figures::duration(value));
  case alert_metric::lag_events: return fmt::format("{} is {} events behind", of, figures::count(whole));
  case alert_metric::parked_keys: return fmt::format("{} has {} parked keys", of, figures::count(whole));
  case alert_metric::node_failed: return fmt::format("{} has failed", of);
  case alert_metric::silent_seconds: return fmt::format("{} was not heard for {}", of, figures::duration(value));
  case alert_metric::missing_copies: return fmt::format("{} lacks {} of its copies", of, figures::count(whole));
  case alert_metric::topic_per_s: return fmt::format("{} is published at {}", of, figures::per_s(value));
  case alert_metric::delivery_p99_ms:
    return fmt::format("delivery of {} takes {} (p99)", of, figures::duration(value / 1e3));
  case alert_metric::publish_p99_ms:
    return fmt::format("publishing to {} takes {} (p99)", of, figures::duration(value / 1e3));
  }
  return of;
}

bool is_known(const snapshot& of, const group_view& group) {
  const auto rows = std::ranges::equal_range(of.lag, group.name, {}, &lag_view::group);
  return std::ranges::none_of(rows, [](const lag_view& row) { return row.unknown_since.has_value(); });
}

double missing_copies(const topic_view& topic) {
  double most = 0;
  for (const auto& part : topic.logs)
    if (part.copies < part.replicas) most = std::max(most, static_cast<double>(part.replicas - part.copies));
  return most;
}

} // namespace

std::vector<alert_rule> usual_alert_rules() {
  using limits::second;
  std::vector<alert_rule> rules(5);
  rules[0] = {.name = "A group is far behind", .what = alert_metric::lag_seconds, .limit = 30, .size_least = 10};
  rules[1] = {.name = "A node has failed",
              .what = alert_metric::node_failed,
              .limit = 0.5,
              .hold = 3 * second,
              .calm = 10 * second,
              .shown = health::fail};
  rules[2] = {
      .name = "A node is silent", .what = alert_metric::silent_seconds, .limit = 15, .hold = 0, .calm = 5 * second};
  rules[3] = {.name = "Copies are missing", .what = alert_metric::missing_copies, .limit = 0, .hold = 30 * second};
  rules[4] = {.name = "Delivery is slow",
              .what = alert_metric::delivery_p99_ms,
              .limit = 2000,
              .hold = 20 * second,
              .size_least = 100};
  return rules;
}

void alerts::set_rules(std::vector<alert_rule> rules) {
  if (rules.size() > limits::alert_rules_max) rules.resize(limits::alert_rules_max);
  std::erase_if(states_, [&](const auto& item) {
    const auto named = [&](const alert_rule& rule) { return rule.name == item.first.first; };
    const auto before = std::ranges::find_if(rules_, named);
    const auto now = std::ranges::find_if(rules, named);
    if (now == rules.end() || before == rules_.end()) return true;
    auto same = *before; // but for being muted
    same.muted_until = now->muted_until;
    return same != *now;
  });
  rules_ = std::move(rules);
}

std::vector<alerts::reading> alerts::readings(const alert_rule& rule, const snapshot& of) {
  std::vector<reading> found;
  const auto add = [&](const std::string& name, double value, double size = INFINITY, bool is_known = true) {
    if (rule.only.empty() || rule.only == name) found.push_back({name, value, size, is_known});
  };
  const auto add_latency = [&](std::string_view what) {
    for (const auto& row : of.latencies)
      if (row.what == what)
        if (const auto p99 = row.took.quantile_us(0.99))
          add(row.name, *p99 / 1e3, static_cast<double>(row.took.count()));
  };
  switch (rule.what) {
  case alert_metric::lag_seconds:
    for (const auto& group : of.groups)
      add(group.name, group.worst_seconds, static_cast<double>(group.lag_events), is_known(of, group));
    break;
  case alert_metric::lag_events:
    for (const auto& group : of.groups)
      add(group.name, static_cast<double>(group.lag_events), static_cast<double>(group.lag_events),
          is_known(of, group));
    break;
  case alert_metric::parked_keys:
    for (const auto& group : of.groups)
      add(group.name, group.parked_keys);
    break;
  case alert_metric::node_failed:
    for (const auto& node : of.nodes)
      add(node.name, node.shown == health::fail ? 1 : 0);
    break;
  case alert_metric::silent_seconds:
    for (const auto& node : of.nodes)
      if (node.heard_at != 0 && node.state != "left")
        add(node.name, static_cast<double>(of.at - node.heard_at) / limits::second);
    break;
  case alert_metric::missing_copies:
    for (const auto& topic : of.topics)
      add(topic.name, missing_copies(topic));
    break;
  case alert_metric::topic_per_s:
    for (const auto& topic : of.topics)
      add(topic.name, topic.published_per_s);
    break;
  case alert_metric::delivery_p99_ms: add_latency("delivery"); break;
  case alert_metric::publish_p99_ms: add_latency("publish"); break;
  }
  return found;
}

std::vector<mark> alerts::look(const snapshot& of) {
  std::vector<mark> marks;
  ++looks_;
  for (const auto& rule : rules_)
    for (const auto& now : readings(rule, of))
      judge(rule, now, of.at, marks);
  end_unseen(of.at, marks);
  return marks;
}

void alerts::judge(const alert_rule& rule, const reading& now, time_us at, std::vector<mark>& marks) {
  const bool counts = now.size >= rule.size_least;
  const bool bad = counts && holds(rule, now.value);
  const key name(rule.name, now.of);
  auto found = states_.find(name);
  if (found == states_.end()) {
    if (!bad || states_.size() >= limits::alert_states_max) return;
    found = states_.emplace(name, state{}).first;
  }
  auto& in = found->second;
  in.looked = looks_;
  if (!now.is_known && !bad) {
    in.calm_since.reset();
    in.pending_since.reset();
  } else if (in.firing) {
    const bool is_worse =
        rule.condition == alert_condition::above ? now.value > in.firing->value : now.value < in.firing->value;
    if (bad && is_worse) {
      in.firing->value = now.value;
      in.firing->text = sentence(rule.what, now.of, now.value);
    }
    in.firing->muted = at < rule.muted_until;
    if (counts && is_near(rule, now.value))
      in.calm_since.reset();
    else if (!in.calm_since)
      in.calm_since = at;
    if (!in.calm_since || at - *in.calm_since < rule.calm) return;
    end(in, at, marks);
    states_.erase(found);
  } else if (!bad) {
    states_.erase(found);
  } else {
    if (!in.pending_since) in.pending_since = at;
    if (at - *in.pending_since >= rule.hold) fire(rule, now, at, in, marks);
  }
}

void alerts::fire(const alert_rule& rule, const reading& now, time_us at, state& in, std::vector<mark>& marks) {
  alert made{rule.name,
             now.of,
             at,
             {},
             now.value,
             rule.shown,
             at < rule.muted_until,
             sentence(rule.what, now.of, now.value),
             page_of(rule.what)};
  if (!made.muted) marks.push_back({at, made.shown, made.text, made.page, made.of});
  in.firing = std::move(made);
}

void alerts::end(state& in, time_us at, std::vector<mark>& marks) {
  auto& over = *in.firing;
  over.until = at;
  if (!over.muted)
    marks.push_back({at, health::ok, fmt::format("{} is well again: {}", over.of, over.rule), over.page, over.of});
  past_.push_back(std::move(over));
  if (past_.size() > limits::marks_max) past_.pop_front();
}

/// Rows that are gone do not fire for ever.
void alerts::end_unseen(time_us at, std::vector<mark>& marks) {
  for (auto item = states_.begin(); item != states_.end();) {
    auto& in = item->second;
    const auto rule = std::ranges::find(rules_, item->first.first, &alert_rule::name);
    if (in.looked == looks_ || rule == rules_.end()) {
      ++item;
      continue;
    }
    in.pending_since.reset();
    if (!in.calm_since) in.calm_since = at;
    if (in.firing && at - *in.calm_since < rule->calm) {
      ++item;
      continue;
    }
    if (in.firing) end(in, at, marks);
    item = states_.erase(item);
  }
}

std::vector<alert> alerts::between(time_us from, time_us until) const {
  std::vector<alert> found;
  for (const auto& over : past_)
    if (over.since<until&& * over.until> from) found.push_back(over);
  for (const auto& [name, in] : states_)
    if (in.firing && in.firing->since < until) found.push_back(*in.firing);
  std::ranges::stable_sort(found, {}, &alert::since);
  return found;
}

} // namespace weft::monitor
