#include "mesh/membership/detector.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

using wire::accusation_cause;

// --- neighbours ----------------------------------------------------------------------------------------------------

void detector::on(const in::neighbor_up& up, mono_time now, effects& fx) {
  begin_to_watch(now);
  const auto [at, fresh] = watched_.try_emplace(up.id);
  auto& one = at->second;
  one.incarnation = std::max(one.incarnation, up.incarnation);
  one.neighbor = true;
  one.redial_told = false;
  one.lost.reset();
  heard(up.id, now, fx);
  if (fresh) beat(up.id, one, now, fx);
}

void detector::on(const in::neighbor_down& down) {
  const auto at = watched_.find(down.id);
  if (at == watched_.end()) return;
  at->second.neighbor = false;
  if (!at->second.lost) watched_.erase(at);
}

void detector::on(const in::frame& frame, mono_time now, effects& fx) { heard(frame.id, now, fx); }

/// A link closed for silence is no proof that the process is gone: it may be paused, and what is paused does not take
/// up a redial either.
void detector::on(const in::link_lost& lost, mono_time now) {
  if (lost.how == link_end::replaced) return;
  heard_.erase(lost.id);
  const auto at = watched_.find(lost.id);
  if (at == watched_.end()) return;
  at->second.lost = now;
  at->second.redial_timed = lost.how != link_end::silent;
  at->second.trips.forget_sent();
}

void detector::on(const in::relinked& again, mono_time now, effects& fx) {
  heard_[again.id] = now;
  const auto at = watched_.find(again.id);
  const bool was_lost = at != watched_.end() && at->second.lost;
  if (was_lost) {
    at->second.lost.reset();
    at->second.redial_told = false;
  }
  heard(again.id, now, fx);
  if (was_lost && !at->second.neighbor) watched_.erase(at);
}

void detector::on(const in::redial_failed& failed, effects& fx) {
  const auto at = watched_.find(failed.id);
  if (at == watched_.end() || !at->second.lost) return;
  at->second.redial_told = true;
  accuse(failed.id, accusation_cause::broken, fx);
  if (!at->second.neighbor) watched_.erase(at);
}

void detector::on(const node_id& from, const wire::heartbeat& beat, mono_time now, effects& fx) {
  heard(from, now, fx);
  fx.emplace_back(out::send{from, wire::heartbeat_reply{beat.number}});
}

void detector::on(const node_id& from, const wire::heartbeat_reply& reply, mono_time now, effects& fx) {
  heard(from, now, fx);
  if (const auto at = watched_.find(from); at != watched_.end()) at->second.trips.replied(reply.number, now);
}

// --- accusations ---------------------------------------------------------------------------------------------------

void detector::on(const in::accusation& word, mono_time now, effects& fx) {
  if (word.accused == self_) return defend(word, now, fx);
  begin_to_watch(now);
  const auto [at, fresh] = suspicions_.try_emplace(word.accused);
  auto& against = at->second;
  if (!fresh && word.incarnation < against.incarnation) return;
  if (fresh || word.incarnation > against.incarnation)
    against = {word.incarnation, now, {}, {}, word.accuser, false, now};
  weigh(against, word, now);
  if (lives(word.accused, now)) warn_once(word.accused, fx);
}

void detector::on(const in::refuted& refuted) {
  if (const auto at = watched_.find(refuted.id); at != watched_.end())
    at->second.incarnation = std::max(at->second.incarnation, refuted.incarnation);
  if (const auto at = suspicions_.find(refuted.id);
      at != suspicions_.end() && at->second.incarnation < refuted.incarnation)
    suspicions_.erase(at);
  if (const auto at = own_words_.find(refuted.id);
      at != own_words_.end() && at->second.incarnation < refuted.incarnation)
    own_words_.erase(at);
}

void detector::on(const in::gone& gone) {
  watched_.erase(gone.id);
  suspicions_.erase(gone.id);
  own_words_.erase(gone.id);
}

void detector::on(const in::own_incarnation& own) noexcept {
  if (own.incarnation <= own_) return;
  own_ = own.incarnation;
  refuted_.reset();
}

/// Once an incarnation and cause: who is reachable and lives has refuted it, and then has another incarnation.
void detector::accuse(const node_id& id, accusation_cause cause, effects& fx) {
  const auto& incarnation = watched_.at(id).incarnation;
  auto& word = own_words_[id];
  if (word.incarnation != incarnation) word = {incarnation};
  auto& said = cause == accusation_cause::broken ? word.broken : word.silent;
  if (std::exchange(said, true)) return;
  fx.emplace_back(out::accuse{id, cause});
}

void detector::weigh(suspicion& against, const in::accusation& word, mono_time now) {
  against.accuser = word.accuser;
  if (word.cause != accusation_cause::broken || against.confirmed) return;
  const bool second = against.broken_by && *against.broken_by != word.accuser;
  if (!against.broken_by) against.broken_by = word.accuser;
  if (second || word.possible_accusers <= 1) against.confirmed = now;
}

void detector::defend(const in::accusation& word, mono_time now, effects& fx) {
  if (word.incarnation < own_) return;
  if (refuted_ && now - *refuted_ < limits::member_heartbeat) return; // under way
  if (planted(planted_bug::refutation_dropped)) return;
  refuted_ = now;
  fx.emplace_back(out::refute{word.incarnation});
}

void detector::heard(const node_id& id, mono_time now, effects& fx) {
  if (const auto linked = heard_.find(id); linked != heard_.end()) linked->second = now;
  if (const auto at = watched_.find(id); at != watched_.end()) {
    at->second.heard = now;
    at->second.silence_told = false;
  }
  if (suspicions_.contains(id) && lives(id, now)) warn_once(id, fx);
}

void detector::warn_once(const node_id& id, effects& fx) {
  auto& against = suspicions_.at(id);
  if (!std::exchange(against.warned, true)) fx.emplace_back(out::warn{id, against.accuser});
}

/// By what this node itself hears: of a neighbour each second, of another linked node as often as traffic is told.
bool detector::lives(const node_id& id, mono_time now) const {
  if (const auto at = watched_.find(id); at != watched_.end())
    return !at->second.lost && now - at->second.heard < patience();
  const auto linked = heard_.find(id);
  return linked != heard_.end() && now - linked->second < limits::traffic_told_every + patience();
}

// --- time ----------------------------------------------------------------------------------------------------------

void detector::tick(mono_time now, effects& fx) {
  notice_own_pause(now);
  look_at_neighbors(now, fx);
  conclude(now, fx);
  last_tick_ = now;
  expected_ = next_tick();
}

/// At least every heartbeat while there is anything to watch: else a pause would not be noticed.
std::optional<mono_time> detector::next_tick() const {
  if (watched_.empty() && suspicions_.empty()) return std::nullopt;
  auto when = last_tick_ + limits::member_heartbeat;
  for (const auto& [id, one] : watched_) {
    if (one.neighbor && !one.lost) when = std::min(when, one.next_beat);
    if (const auto accusable = accusable_at(one)) when = std::min(when, *accusable);
  }
  for (const auto& [id, against] : suspicions_)
    when = std::min(when, due(against));
  return when;
}

microseconds detector::patience() const noexcept {
  return limits::silent_after + limits::silent_after * static_cast<int>(slowness_ / 2);
}

std::optional<microseconds> detector::round_trip_to(const node_id& id) const {
  const auto at = watched_.find(id);
  return at == watched_.end() ? std::nullopt : at->second.trips.smoothed();
}

mono_time detector::due(const suspicion& against) noexcept {
  auto when = against.since + limits::dead_after_silent;
  if (against.confirmed) when = std::min(when, *against.confirmed + limits::dead_after_broken);
  return std::max(when, against.not_before);
}

void detector::notice_own_pause(mono_time now) {
  const auto late = expected_ ? now - *expected_ : microseconds{0};
  if (late > limits::late_after) {
    slowness_ = std::min(slowness_ + 1, limits::slowness_max);
    slow_since_ = now;
  } else if (slowness_ > 0 && now - slow_since_ >= limits::slowness_fades) {
    --slowness_;
    slow_since_ = now;
  }
  if (late <= limits::paused_after) return;
  reached("detector.own_pause");
  for (auto& [id, one] : watched_) {
    one.heard = now;
    one.trips.forget_sent();
    if (one.lost) one.lost = now;
  }
  for (auto& [id, heard] : heard_)
    heard = now;
  for (auto& [id, against] : suspicions_) {
    against.since = against.since + late;
    if (against.confirmed) against.confirmed = *against.confirmed + late;
  }
}

void detector::beat(const node_id& id, watched& one, mono_time now, effects& fx) {
  one.next_beat = now + limits::member_heartbeat;
  fx.emplace_back(out::send{id, wire::heartbeat{one.trips.sent(now)}});
}

/// The first time that something can be held against it that was not said yet.
std::optional<mono_time> detector::accusable_at(const watched& one) const noexcept {
  if (one.redial_told) return std::nullopt;
  if (one.lost && one.redial_timed) return *one.lost + limits::redial_within;
  if (one.silence_told) return std::nullopt;
  return one.heard + patience();
}

void detector::look_at_neighbors(mono_time now, effects& fx) {
  for (auto at = watched_.begin(); at != watched_.end();) {
    auto& [id, one] = *at;
    if (one.neighbor && !one.lost && one.next_beat <= now) beat(id, one, now, fx);
    if (const auto when = accusable_at(one); when && *when <= now) {
      const bool broken = one.lost && one.redial_timed;
      (broken ? one.redial_told : one.silence_told) = true;
      accuse(id, broken ? accusation_cause::broken : accusation_cause::silent, fx);
    }
    at = !one.neighbor && (one.redial_told || one.silence_told) ? watched_.erase(at) : std::next(at);
  }
}

void detector::conclude(mono_time now, effects& fx) {
  for (auto at = suspicions_.begin(); at != suspicions_.end();) {
    auto& [id, against] = *at;
    if (due(against) > now) {
      ++at;
    } else if (lives(id, now)) {
      reached("detector.accused_is_heard_here");
      against.not_before = now + limits::dead_after_broken;
      against.warned = false;
      warn_once(id, fx);
      ++at;
    } else {
      fx.emplace_back(out::dead{id, against.incarnation});
      own_words_.erase(id);
      at = suspicions_.erase(at);
    }
  }
}

/// Its clock starts with the first thing to watch.
void detector::begin_to_watch(mono_time now) noexcept {
  if (!watched_.empty() || !suspicions_.empty()) return;
  last_tick_ = now;
  expected_.reset();
}

} // namespace weft::membership
