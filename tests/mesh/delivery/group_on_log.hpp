// tests/mesh/delivery/group_on_log.hpp: a log of keys and a group that reads it, for tests.
#pragma once
#include "mesh/delivery/group_source.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace weft::delivery {

inline constexpr epoch first_epoch{1, 7};
inline log_position at(std::uint64_t place) { return {first_epoch, seq{place}}; }

/// A key of a slot.
inline hashed_key key_in(std::uint16_t of) { return hashed_key{static_cast<std::uint64_t>(of) << 54U | 1U}; }

/// Carries out what a group_source decides, with reads of at most `read_events` answered at once unless `holds_reads`.
class group_on_log {
public:
  /// @param slots  of the log's events, from seq 0 on
  explicit group_on_log(std::vector<std::uint16_t> slots, const group_cursor& from = {0, at(0), {}},
                        const group_holders& holders = {}, const failure_policy& policy = {},
                        const parked_keys& keys_parked = {}, const slot_set& withheld = {})
      : log(std::move(slots)), source({from, holders, policy, keys_parked, withheld}, seq{log.size()}, now) {}

  std::vector<std::uint16_t> log;
  mono_time now{};
  group_source source;
  group_holders saved;      ///< as the source asked last
  bool holds_saves = false; ///< they are not answered
  std::size_t read_events = 16;
  std::uint64_t readable = ~std::uint64_t{0}; ///< what lies from here on is there, and can't be read yet
  bool holds_reads = false;
  std::size_t reads = 0;

  /// What each member has had over its present flow, by number from 1.
  std::map<member_id, std::vector<std::uint64_t>> got;
  std::map<member_id, slot_set> revoked;
  std::vector<group_source::out::expel> expelled;
  std::vector<group_source::out::gap> gaps;
  std::vector<group_source::out::renewal> renewals;
  std::vector<group_source::out::verdict> verdicts;
  std::vector<group_source::out::set_aside> set_aside;
  std::vector<group_source::out::skipped> skipped;
  std::vector<tried_event> tried;                       ///< of all hand-outs
  std::map<std::uint64_t, std::uint64_t> replayed;      ///< where an event was published first, by where it is again
  std::map<hashed_key, std::set<std::uint64_t>> parked; ///< by key: where what is kept aside was published first
  std::map<std::uint64_t, hashed_key> keys;             ///< of places with another key than key_in() their slot
  bool holds_replays = false;

  result<void> join(member_id member, std::uint32_t events_max = 1000, std::vector<slot_event> begun = {},
                    std::vector<slot_event> processed = {}) {
    got[member].clear();
    group_source::effects fx;
    auto joined = source.on(
        group_source::in::joined{member, events_max, 1U << 20U, std::move(begun), std::move(processed)}, now, fx);
    carry_out(fx);
    return joined;
  }
  void leave(member_id member) { say(group_source::in::leaving{member}); }
  void lose(member_id member) {
    group_source::effects fx;
    source.on(group_source::in::left{member}, now, fx);
    carry_out(fx);
  }
  void fail(member_id member, std::uint64_t number, bool rejected = false) {
    group_source::effects fx;
    source.on(group_source::in::failed{member, number, "no stock", rejected}, now, fx);
    carry_out(fx);
  }
  void reject(member_id member, std::uint64_t number) { fail(member, number, true); }
  void keep_aside() {
    for (const auto& one : std::exchange(aside_, {})) {
      if (one.parked) parked[*one.key].insert(first_place(one.event.at.seq.value()));
      say(group_source::in::kept{one.event});
    }
  }
  [[nodiscard]] std::uint64_t first_place(std::uint64_t place) const {
    const auto again = replayed.find(place);
    return again == replayed.end() ? place : again->second;
  }
  /// What a member got, by where it was published first.
  [[nodiscard]] std::vector<std::uint64_t> got_first(member_id member) const {
    std::vector<std::uint64_t> all;
    for (const auto place : got.at(member))
      all.push_back(first_place(place));
    return all;
  }
  void unpark(hashed_key key) { say(group_source::in::unpark{key, at(log.size())}); }
  void answer_replay() {
    ASSERT_TRUE(replay_asked_);
    const auto key = *std::exchange(replay_asked_, std::nullopt);
    std::set<std::uint64_t> kept;
    for (auto& [of, places] : parked)
      if (covers(key, of)) kept.merge(std::exchange(places, {}));
    for (const auto first : kept) {
      replayed[log.size()] = first;
      if (keys.contains(first)) keys.emplace(log.size(), keys.at(first));
      log.push_back(log[first]);
    }
    say(group_source::in::advanced{seq{log.size()}});
    say(group_source::in::replayed{key, at(log.size())});
  }
  [[nodiscard]] hashed_key key_at(std::uint64_t place) const {
    const auto other = keys.find(place);
    return other == keys.end() ? key_in(log[place]) : other->second;
  }
  void publish(std::uint16_t of) {
    log.push_back(of);
    say(group_source::in::advanced{seq{log.size()}});
  }
  void done(member_id member, std::uint64_t from, std::uint64_t until) { handled({member, {{from, until}}, {}}); }
  void give_back(member_id member, std::uint64_t from, std::uint64_t until) { handled({member, {}, {{from, until}}}); }
  void handled(const group_source::in::handled& what) {
    group_source::effects fx;
    source.on(what, now, fx);
    carry_out(fx);
  }
  void done_all(member_id member) { done(member, 1, got[member].size() + 1); }
  void pass(microseconds time) {
    now = now + time;
    group_source::effects fx;
    source.tick(now, fx);
    carry_out(fx);
  }
  void renew(member_id member, std::uint64_t number) {
    group_source::effects fx;
    source.on(group_source::in::renewed{member, number}, now, fx);
    carry_out(fx);
  }
  template <class What>
  void say(const What& what) {
    group_source::effects fx;
    source.on(what, fx);
    carry_out(fx);
  }
  void answer_save() {
    ASSERT_TRUE(save_asked_);
    say(group_source::in::saved{*std::exchange(save_asked_, std::nullopt)});
  }
  void answer_read() {
    ASSERT_TRUE(asked_);
    const auto wanted = *std::exchange(asked_, std::nullopt);
    ++reads;
    group_source::in::read_done found{first_epoch, wanted.from.seq, wanted.from.seq, {}};
    const auto end =
        std::max(wanted.from.seq.value(), std::min({readable, log.size(), wanted.from.seq.value() + read_events}));
    found.until = seq{end};
    for (auto place = wanted.from.seq.value(); place < end; ++place)
      if (wanted.slots[log[place]])
        found.offers.push_back({seq{place}, slot{log[place]}, 100, key_at(place), replayed.contains(place)});
    offers_ = found.offers;
    group_source::effects fx;
    source.on(found, now, fx);
    carry_out(fx);
  }

private:
  void carry_out(const group_source::effects& fx) {
    using out = group_source::out;
    for (const auto& effect : fx) {
      if (const auto* save = std::get_if<out::save>(&effect)) {
        saved = save->holders;
        save_asked_ = save->version;
      }
      if (const auto* read = std::get_if<out::read>(&effect)) asked_ = *read;
      if (const auto* hand = std::get_if<out::hand_out>(&effect)) {
        auto& all = got[hand->member];
        EXPECT_EQ(hand->first_number, all.size() + 1);
        for (const auto place : hand->offers)
          all.push_back(offers_[place].at.value());
        tried.insert(tried.end(), hand->tried.begin(), hand->tried.end());
      }
      if (const auto* verdict = std::get_if<out::verdict>(&effect)) verdicts.push_back(*verdict);
      if (const auto* aside = std::get_if<out::set_aside>(&effect)) {
        set_aside.push_back(*aside);
        aside_.push_back(*aside);
      }
      if (const auto* replay = std::get_if<out::replay>(&effect)) replay_asked_ = replay->key;
      if (const auto* skip = std::get_if<out::skipped>(&effect)) skipped.push_back(*skip);
      if (const auto* revoke = std::get_if<out::revoke>(&effect)) revoked[revoke->member] |= revoke->slots;
      if (const auto* expel = std::get_if<out::expel>(&effect)) expelled.push_back(*expel);
      if (const auto* gap = std::get_if<out::gap>(&effect)) gaps.push_back(*gap);
      if (const auto* renewal = std::get_if<out::renewal>(&effect)) renewals.push_back(*renewal);
    }
    if (save_asked_ && !holds_saves) answer_save();
    if (asked_ && !holds_reads) answer_read();
    if (replay_asked_ && !holds_replays) answer_replay();
  }

  std::optional<std::uint64_t> save_asked_;
  std::optional<group_source::out::read> asked_;
  std::vector<group_source::in::offer> offers_;
  std::vector<group_source::out::set_aside> aside_; // on their way
  std::optional<hashed_key> replay_asked_;
};

} // namespace weft::delivery
