#include "mesh/delivery/leases.hpp"

#include <algorithm>

namespace weft::delivery {
namespace {

bool means(const std::optional<topic_pattern>& pattern, const std::optional<std::string>& topic) {
  return pattern && topic && pattern->matches(*topic);
}

} // namespace

leases::lease& leases::at(const lease_holder& holder) {
  const auto [found, fresh] = leases_.try_emplace(holder);
  if (auto pattern = topic_pattern::parse(holder.pattern); fresh && pattern) found->second.means = std::move(*pattern);
  return found->second;
}

void leases::published(const lease_holder& holder, const log_position& needed_from, wall_time used) {
  auto& one = at(holder);
  one.needed_from = needed_from;
  if (used > one.used) one.unused_told = false;
  one.used = std::max(one.used, used);
  std::erase_if(one.passed, [&](const auto& pass_of) { return pass_of.second.gone_until <= needed_from; });
}

void leases::use(const lease_holder& holder) {
  auto& one = at(holder);
  one.in_use = true;
  one.unused_told = false;
}

void leases::unused(const lease_holder& holder, wall_time now, bool moved) {
  const auto found = leases_.find(holder);
  if (found == leases_.end()) return;
  auto& one = found->second;
  one.in_use = false;
  one.used = std::max(one.used, now);
  if (!one.needed_from && !moved) leases_.erase(found); // names that come and go leave nothing behind
}

void leases::forget_name(const std::string& name) {
  std::erase_if(leases_, [&](const auto& one) { return one.first.name == name; });
}

void leases::hold(const lease_holder& holder, const log_position& from, wall_time until) {
  // Two were made at once under one name, and this one stays.
  std::erase_if(leases_,
                [&](const auto& one) { return one.first.name == holder.name && one.first.pattern != holder.pattern; });
  auto& one = at(holder);
  if (!one.needed_from) one.needed_from = from;
  one.ends = until;
}

bool leases::is_over(const lease& one, wall_time now) const {
  if (one.ends) return now > *one.ends;
  return !one.in_use && now - one.used > terms_.unused_max;
}

std::optional<log::topic_need> leases::needed(std::string_view topic, wall_time now) const {
  std::optional<log_position> needed, consumed;
  bool all_known = true;
  const auto lower = [](std::optional<log_position>& lowest, const log_position& other) {
    if (!lowest || other < *lowest) lowest = other;
  };
  for (const auto& [holder, one] : leases_) {
    if (is_over(one, now) || !one.means || !one.means->matches(topic)) continue;
    if (!one.needed_from) {
      all_known = false;
      continue;
    }
    lower(needed, *one.needed_from);
    if (!one.ends) lower(consumed, *one.needed_from);
  }
  if (!needed) return std::nullopt;
  return log::topic_need{*needed, terms_.topic_bytes_max, all_known ? consumed : std::nullopt};
}

void leases::on(const std::vector<log::retained_topic>& topics, const namer& name_of, wall_time now, wall_time seen,
                effects& fx) {
  held_.clear();
  for (const auto& topic : topics)
    if (!topic.held.empty()) held_[topic.topic] = topic.held;
  const round of{topics, name_of, now, seen};
  std::erase_if(leases_, [&](const auto& one) {
    const bool ended = one.second.ends && is_over(one.second, now);
    if (ended) fx.emplace_back(lease_out::over{one.first, *one.second.ends});
    return ended;
  });
  for (auto& one : leases_) {
    if (!one.second.needed_from) continue;
    one.second.used = std::min(one.second.used, seen); // of a clock that was ahead
    if (is_over(one.second, now) && !std::exchange(one.second.unused_told, true))
      fx.emplace_back(lease_out::unused{one.first, one.second.used});
    note_held(one.second, of);
    note_passed(one, of, fx);
  }
}

void leases::note_held(lease& one, const round& of) const {
  std::map<topic_id, wall_time> since;
  for (const auto& [topic, parts] : held_) {
    if (held_bytes(one, topic, of.now) == 0 || !means(one.means, of.name_of(topic))) continue;
    const auto before = one.held_since.find(topic);
    since[topic] = before == one.held_since.end() ? of.seen : before->second;
  }
  one.held_since = std::move(since);
}

void leases::note_passed(item& one, const round& of, effects& fx) const {
  auto& [holder, its] = one;
  for (const auto& topic : of.topics) {
    if (!topic.gone_until || *topic.gone_until <= *its.needed_from || !means(its.means, of.name_of(topic.topic)))
      continue;
    const auto why = is_over(its, of.now) ? lease_end::unused : lease_end::bytes; // a cut that is over is gone
    const auto [at, fresh] = its.passed.try_emplace(topic.topic, pass{*topic.gone_until, of.seen, why});
    at->second.gone_until = *topic.gone_until;
    if (fresh) fx.emplace_back(lease_out::passed{holder, topic.topic, *its.needed_from, *topic.gone_until, why});
  }
}

std::uint64_t leases::held_bytes(const lease& one, topic_id topic, wall_time now) const {
  const auto found = held_.find(topic);
  if (found == held_.end() || !one.needed_from || is_over(one, now)) return 0;
  std::uint64_t bytes = 0;
  for (const auto& part : found->second)
    if (part.end > *one.needed_from) bytes += part.bytes;
  return bytes;
}

lease_facts leases::of(const lease_holder& holder, topic_id topic, wall_time now) const {
  const auto found = leases_.find(holder);
  if (found == leases_.end() || !found->second.needed_from) return {};
  const auto& one = found->second;
  const auto passed = one.passed.find(topic);
  const auto bytes = held_bytes(one, topic, now);
  lease_facts facts{lease_state::ready, bytes};
  if (const auto since = one.held_since.find(topic); bytes > 0 && since != one.held_since.end()) {
    facts.state = lease_state::holds;
    facts.held_since = since->second;
  }
  if (passed != one.passed.end()) {
    facts.state = lease_state::ran_out;
    facts.ran_out_at = passed->second.at;
    facts.why = passed->second.why;
  } else if (is_over(one, now)) {
    facts.state = lease_state::ran_out;
    facts.ran_out_at = one.ends.value_or(one.used + terms_.unused_max);
    facts.why = one.ends ? lease_end::over : lease_end::unused;
  }
  return facts;
}

} // namespace weft::delivery
