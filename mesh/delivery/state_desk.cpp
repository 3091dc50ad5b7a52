#include "mesh/delivery/state_desk.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::delivery {
namespace {

using enum wire::claim_stage;

state_desk::answer refusal(const error& why) { return {state_desk::verdict::refused, why, false}; }

} // namespace

void state_desk::begin(const state_claims& claims, const std::string& home, mono_time now) {
  claims_.begin(claims, now);
  home_ = home_saving_ = home_on_disk_ = home;
  shares_.reset();
  wanted_.clear();
  to_ask_back_.clear();
}

state_desk::answer state_desk::admit(const wire::group_membership& member, bool has_others, mono_time now) {
  const auto shard = member.shard.number;
  const bool is_known = has_state(claims());
  claim_place at{group_, node_, is_copy_, !is_known && has_others};
  if (const auto good = check_shards(claims(), member, at); !good) return refusal(good.error());
  at.is_held = is_known && member.alone && claims_.is_held_against(member.member, shard, now);
  if (auto away = turned_away(member, at, now)) return *std::move(away);
  const auto known = known_claim(member);
  const auto may = delivery::admit(known, member, at);
  if (!may) return refusal(may.error());
  if (!member.alone) return {};
  if (!is_known && claims().size() != member.shard.of) claims_.divide(member.shard.of);
  claims_.set(shard, may->after);
  claims_.heard(member.member, shard, now);
  const bool is_anothers_term = member.claim == none && member.term > known.term;
  if (is_anothers_term && home_ == node_ && (known.held || known.begun > 0)) home_.clear(); // there is another home
  if (shares_ && member.claim != none) share_out([&](auto& desk) { desk.has(member.process, shard, now); });
  return {is_on_disk() ? verdict::takes_part : verdict::waits, std::nullopt, may->replaces};
}

/// Who has no state may not take part where anybody has one.
state_claim state_desk::known_claim(const wire::group_membership& member) const {
  const auto had = std::ranges::find_if(claims(), [](const auto& one) { return one.only != member_id{}; });
  if (had == claims().end()) return {};
  return member.alone ? claims_.of(member.shard.number) : *had;
}

/// At the home: that is another node by now, or another program is to have this shard.
std::optional<state_desk::answer> state_desk::turned_away(const wire::group_membership& member, const claim_place& at,
                                                          mono_time now) {
  if (member.claim == none || is_copy_ || at.is_used) return std::nullopt;
  if (is_moved_away() && !at.is_held) {
    if (home_ != home_on_disk_)
      return refusal({errc::busy, fmt::format("the home of the state of {} is just being moved", group_)});
    if (member.claim == asks) claims_.left(member.member, member.shard.number); // it has begun anew
    return answer{verdict::sent_on,
                  error(errc::cancelled, fmt::format("the home of the state of {} is {} by now", group_, home_)),
                  false};
  }
  if (member.shard.of == 1) return std::nullopt;
  if (!shares_ || shares_->shards() != member.shard.of) shares_.emplace(member.shard.of);
  if (member.claim != asks) return std::nullopt;
  share_out([&](auto& desk) { desk.asks(member.process, member.shard.number, now); });
  const bool is_meant = shares_->meant_for(member.shard.number) == member.process;
  if (is_meant || has_it_yet(member)) return std::nullopt;
  return refusal(
      {errc::locked, fmt::format("the shard {} of the state of {} is meant for another process: this one has "
                                 "it when that leaves",
                                 member.shard.number, group_)});
}

/// From before this node began, or became the home: nobody else is let in for a lease.
bool state_desk::has_it_yet(const wire::group_membership& member) const {
  if (!has_state(claims())) return false;
  const auto& claim = claims_.of(member.shard.number);
  return claim.held && claim.only == member.member;
}

/// Who has a shard that another is to have by now gives it up when it has finished what it has begun.
void state_desk::share_out(const std::function<void(shard_desk&)>& change) {
  change(*shares_);
  std::set<std::size_t> wanted;
  for (const auto shard : shares_->to_give_up())
    if (shard < claims().size()) {
      wanted.insert(shard);
      if (!wanted_.contains(shard)) to_ask_back_.push_back(claims_.of(shard).only);
    }
  wanted_ = std::move(wanted);
}

bool state_desk::is_wanted_back(const wire::group_membership& member) const {
  return member.claim != none && (wanted_.contains(member.shard.number) || is_moved_away());
}

void state_desk::describe(const wire::group_membership& member, wire::flow_opened& to) const {
  const auto claim = member.alone ? known_claim(member) : claims_.of(0);
  to.term = claim.term;
  to.begun = claim.begun;
  to.begun_by = claim.begun_by.value();
  to.home = home_;
}

void state_desk::describe_sent_on(const wire::group_membership& member, wire::flow_opened& to) const {
  describe(member, to);
  to.given = std::exchange(to.term, 0);
}

void state_desk::heard(const wire::group_membership& who, mono_time now) {
  claims_.heard(who.member, who.shard.number, now);
}

void state_desk::left(const wire::group_membership& who, mono_time now) {
  if (!who.alone) return;
  claims_.left(who.member, who.shard.number);
  tick(now, false);
}

void state_desk::tick(mono_time now, bool gives_up) {
  if (gives_up) claims_.tick(now);
  if (!shares_) return;
  if (shares_->shards() != claims().size()) return shares_.reset();
  share_out([&](auto& desk) {
    for (std::size_t shard = 0; shard < claims().size(); ++shard)
      if (!claims_.of(shard).held) desk.released(shard);
    desk.tick(now);
  });
}

std::vector<std::size_t> state_desk::merge(const state_claims& at_copy, mono_time now) {
  const auto all = merged(claims(), at_copy);
  std::vector<std::size_t> others;
  for (std::size_t shard = 0; shard < all.size(); ++shard)
    if (shard >= claims().size() || all[shard].only != claims_.of(shard).only) others.push_back(shard);
  claims_.set_all(all, now);
  return others;
}

/// At a node that becomes the home nothing is known of what was gone on with last, and who has the state by the one
/// before may have it yet. The one before asks for it back.
void state_desk::move(const std::string& home, mono_time now) {
  const bool is_here = home == node_, was_away = is_moved_away(), was_home = is_any_held();
  if (was_away || (is_here && !was_home)) claims_.forget_begun();
  if (is_here && (was_away || !was_home)) claims_.take_over_home(now);
  home_ = home;
  if (is_here) return;
  for (const auto& claim : claims())
    if (claim.held) to_ask_back_.push_back(claim.only);
}

void state_desk::saving() {
  claims_.saving();
  home_saving_ = home_;
}

void state_desk::saved() {
  claims_.saved();
  home_on_disk_ = home_saving_;
}

} // namespace weft::delivery
