#include "mesh/replication/confirm_tracker.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace weft::replication {

static_assert(limits::log_holders_max <= 64, "a bit each");

// --- what is wanted

void confirm_tracker::on(const in::holders& list, mono_time now, effects& fx) {
  if (list.ordered == wanted_) return;
  wanted_ = list.ordered;
  unsettle();
  tick(now, fx);
}

void confirm_tracker::on(const in::topic& topic, mono_time now, effects& fx) {
  auto& known = topics_[topic.name];
  if (known.replicas == topic.replicas) return;
  known.replicas = topic.replicas;
  known.short_since.reset();
  unsettle();
  release(fx);
  tick(now, fx);
}

void confirm_tracker::unsettle() {
  settled_ = false;
  settle_at_ = end_;
}

/// One that the list names says anew what it has, or is gone.
void confirm_tracker::unsettle_for(const node_id& id) {
  if (std::ranges::find(wanted_, id) != wanted_.end()) unsettle();
}

// --- what holders say

std::optional<std::size_t> confirm_tracker::place_of(const node_id& id) const {
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if (holders_[i].id == id) return i;
  return std::nullopt;
}

result<void> confirm_tracker::on(const in::joined& joined) {
  on(in::gone{joined.holder});
  auto place = std::find_if(holders_.begin(), holders_.end(), [](const holder& each) { return !each.id; });
  if (place == holders_.end()) {
    if (holders_.size() == limits::log_holders_max)
      return fail(errc::would_block, fmt::format("{} nodes hold the log already", holders_.size()));
    place = holders_.insert(holders_.end(), holder{});
  }
  *place = {joined.holder, {}};
  unsettle_for(joined.holder);
  return {};
}

void confirm_tracker::on(const in::holds& holds, effects& fx) {
  const auto place = place_of(holds.holder);
  if (!place) return;
  const auto bit = std::uint64_t{1} << *place;
  for (const auto& name : holds.more)
    if (topics_.contains(name) || topics_.size() < limits::topics_told_max) topics_[name].whole_at |= bit;
  for (const auto& name : holds.less)
    if (const auto topic = topics_.find(name); topic != topics_.end()) topic->second.whole_at &= ~bit;
  release(fx);
}

result<void> confirm_tracker::on(const in::confirmed& confirmed, effects& fx) {
  const auto place = place_of(confirmed.holder);
  if (!place) return {};
  if (confirmed.until.epoch > end_.epoch) {
    reached("confirms.higher_epoch");
    fx.emplace_back(out::higher_epoch{confirmed.until.epoch});
    return {};
  }
  if (confirmed.until > end_)
    return fail(errc::ack_beyond_end,
                fmt::format("a holder confirms {}, the log ends at {}", to_string(confirmed.until), to_string(end_)));
  holders_[*place].until = std::max(holders_[*place].until, confirmed.until);
  release(fx);
  return {};
}

void confirm_tracker::on(const in::gone& gone) {
  const auto place = place_of(gone.holder);
  if (!place) return;
  holders_[*place] = {};
  for (auto& [name, topic] : topics_)
    topic.whole_at &= ~(std::uint64_t{1} << *place);
  unsettle_for(gone.holder);
}

void confirm_tracker::on(const in::synced& synced, effects& fx) {
  const bool above = synced.end.epoch > end_.epoch;
  end_ = std::max(end_, synced.end);
  if (above) give_up_left(fx);
}

void confirm_tracker::on(const in::regained& regained, effects& fx) {
  if (regained.epoch >= end_.epoch || !left_.insert(regained.epoch).second) return;
  give_up_left(fx);
  if (left_.size() > limits::epochs_left_kept) left_.erase(left_.begin());
}

void confirm_tracker::give_up_left(effects& fx) {
  std::vector<ticket> left;
  for (const auto& [id, waits] : tickets_)
    if (is_left(waits.second.epoch)) left.push_back(id);
  for (const auto id : left) {
    on(in::give_up{id});
    fx.emplace_back(out::never{id});
  }
}

bool confirm_tracker::is_left(epoch of) const noexcept {
  return of < end_.epoch && (first_ <= of || left_.contains(of));
}

// --- who waits

result<void> confirm_tracker::on(const in::wait& wait, effects& fx) {
  if (is_left(wait.until.epoch)) {
    reached("confirms.epoch_left");
    return fail(errc::outcome_unknown,
                fmt::format("the log has left epoch {}, or has got events of it back: what was published in it "
                            "may have no copies",
                            to_string(wait.until.epoch)));
  }
  if (wait.until <= replicated_until(wait.topic, wait.copies)) {
    fx.emplace_back(out::reached{wait.id});
    return {};
  }
  if (tickets_.size() >= limits::acks_waiting_max)
    return fail(errc::would_block, fmt::format("{} acks wait for copies already", tickets_.size()));
  const wanted_level level{wait.topic, wait.copies};
  waiting_[level][wait.until].push_back(wait.id);
  tickets_[wait.id] = {level, wait.until};
  return {};
}

void confirm_tracker::on(const in::give_up& given_up) {
  const auto known = tickets_.find(given_up.id);
  if (known == tickets_.end()) return;
  const auto of_topic = waiting_.find(known->second.first);
  const auto at = of_topic->second.find(known->second.second);
  std::erase(at->second, given_up.id);
  if (at->second.empty()) of_topic->second.erase(at);
  if (of_topic->second.empty()) waiting_.erase(of_topic);
  tickets_.erase(known);
}

void confirm_tracker::release(effects& fx) {
  for (auto of_topic = waiting_.begin(); of_topic != waiting_.end();) {
    auto& waiting = of_topic->second;
    const auto until = replicated_until(of_topic->first.first, of_topic->first.second);
    while (!waiting.empty() && waiting.begin()->first <= until) {
      for (const auto id : waiting.begin()->second) {
        fx.emplace_back(out::reached{id});
        tickets_.erase(id);
      }
      waiting.erase(waiting.begin());
    }
    of_topic = waiting.empty() ? waiting_.erase(of_topic) : std::next(of_topic);
  }
}

log_position confirm_tracker::replicated_until(const std::string& topic, std::uint32_t copies) const {
  const auto known = topics_.find(topic);
  return known == topics_.end() ? log_position{} : until_of(known->second, copies);
}

/// The n-th highest of those who hold the topic.
log_position confirm_tracker::until_of(const topic_state& topic, std::uint32_t copies) const {
  if (copies == 0) return end_;
  std::vector<log_position> untils;
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if ((topic.whole_at >> i & 1U) != 0) untils.push_back(holders_[i].until);
  if (untils.size() < copies) return {};
  const auto nth = untils.begin() + static_cast<std::ptrdiff_t>(copies - 1);
  std::nth_element(untils.begin(), nth, untils.end(), std::greater<>{});
  return *nth;
}

// --- what is short

std::uint32_t confirm_tracker::copies_of(const topic_state& topic, const log_position& until) const {
  const bool nothing = until.seq == seq{}; // was ever published
  std::uint32_t copies = 0;
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if ((topic.whole_at >> i & 1U) != 0 && (nothing || holders_[i].until >= until)) ++copies;
  return copies;
}

void confirm_tracker::tick(mono_time now, effects& fx) {
  if (!settled_ && is_settled()) {
    settled_ = true;
    reached("confirms.settled");
    fx.emplace_back(out::settled{wanted_});
  }
  constexpr microseconds sample = limits::under_replicated_after / 5;
  if (!marks_.empty() && now - marks_.back().at < sample) return;
  marks_.push_back({now, end_});
  while (marks_.size() > 1 && now - marks_[1].at >= limits::under_replicated_after)
    marks_.pop_front();
  if (now - marks_.front().at < limits::under_replicated_after) return;
  for (auto& [name, topic] : topics_) {
    if (copies_of(topic, marks_.front().end) >= topic.replicas)
      topic.short_since.reset();
    else if (!topic.short_since)
      topic.short_since = marks_.front().at;
  }
}

/// Whether the first n nodes of the list have each topic with n replicas, up to where the log was when it changed.
/// While the list is shorter than a topic needs, nobody gives anything up.
bool confirm_tracker::is_settled() const {
  std::vector<std::uint64_t> first{0}; // first[n]: the bits of the first n; all bits when one of them is not ready
  for (const auto& id : wanted_) {
    const auto place = place_of(id);
    const bool ready = place && holders_[*place].until >= settle_at_;
    first.push_back(ready ? first.back() | std::uint64_t{1} << *place : ~std::uint64_t{0});
  }
  return std::all_of(topics_.begin(), topics_.end(), [&](const auto& each) {
    const auto& topic = each.second;
    return topic.replicas < first.size() && (topic.whole_at & first[topic.replicas]) == first[topic.replicas];
  });
}

std::vector<confirm_tracker::standing> confirm_tracker::standings() const {
  std::vector<standing> all;
  for (const auto& [name, topic] : topics_) {
    if (topic.replicas == 0) continue;
    const auto until = until_of(topic, topic.replicas);
    const auto behind = until.epoch == end_.epoch ? end_.seq - until.seq : end_.seq.value();
    const auto lately = marks_.empty() ? log_position{} : marks_.front().end;
    all.push_back({name, topic.replicas, copies_of(topic, lately), topic.short_since, until, behind});
  }
  return all;
}

} // namespace weft::replication
