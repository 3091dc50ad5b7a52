// mesh/delivery/claim_keeper.hpp: who has which shard of a group's state at work, and how much of that is on the log's
// disk. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/state_claim.hpp"

#include <algorithm>
#include <vector>

namespace weft::delivery {

/// Of two members that want a shard the second has it when the first has left, or was silent for its lease and the
/// margin: then the first knows, by its own clock, that it has it no longer.
/// @thread one at a time
class claim_keeper {
public:
  /// Who had it when the node ended may have it yet: its lease counts from now.
  void begin(const state_claims& on_disk, mono_time now) {
    is_ = saved_ = durable_ = on_disk;
    heard_.assign(is_.size(), now);
  }
  [[nodiscard]] const state_claims& is() const noexcept { return is_; }
  [[nodiscard]] const state_claim& of(std::size_t shard) const { return is_[shard]; }
  void set(std::size_t shard, const state_claim& claim) { is_[shard] = claim; }
  /// From elsewhere: who has what counts as heard of now.
  void set_all(const state_claims& claims, mono_time now) {
    is_ = claims;
    heard_.assign(is_.size(), now);
  }
  /// What was gone on with last is known elsewhere.
  void forget_begun() {
    for (auto& claim : is_) {
      claim.begun = 0;
      claim.begun_by = {};
    }
  }
  /// This node is the home from now on: who has a shard by the one before may have it yet.
  void take_over_home(mono_time now) {
    for (std::size_t shard = 0; shard < is_.size(); ++shard)
      if (is_[shard].only != member_id{}) {
        is_[shard].held = true;
        heard_[shard] = now;
      }
  }
  /// How many shards there are, which nobody has yet. @pre !has_state(is())
  void divide(std::size_t shards) { set_all(state_claims(shards), {}); }

  // the disk
  void saving() { saved_ = is_; }
  void saved() { durable_ = saved_; }
  [[nodiscard]] bool is_on_its_way() const noexcept { return saved_ == is_; }
  [[nodiscard]] bool is_on_disk() const noexcept { return durable_ == is_; }

  // who has it
  void heard(member_id who, std::size_t shard, mono_time now) {
    if (has(who, shard)) heard_[shard] = now;
  }
  void left(member_id who, std::size_t shard) {
    if (has(who, shard)) is_[shard].held = false;
  }
  /// Whether another has it, and may be at work.
  [[nodiscard]] bool is_held_against(member_id who, std::size_t shard, mono_time now) const {
    return is_[shard].held && is_[shard].only != who && !is_over(shard, now);
  }
  [[nodiscard]] bool is_any_held() const { return std::ranges::any_of(is_, &state_claim::held); }
  /// Who was silent for so long has it no longer, also for a node that starts later.
  void tick(mono_time now) {
    for (std::size_t shard = 0; shard < is_.size(); ++shard)
      if (is_[shard].held && is_over(shard, now)) is_[shard].held = false;
  }

private:
  [[nodiscard]] bool has(member_id who, std::size_t shard) const {
    return shard < is_.size() && is_[shard].only == who;
  }
  [[nodiscard]] bool is_over(std::size_t shard, mono_time now) const {
    return now > heard_[shard] + limits::group_lease + limits::group_lease_margin;
  }

  state_claims is_, saved_, durable_;
  std::vector<mono_time> heard_{mono_time{}}; // the holder, last, by shard
};

} // namespace weft::delivery
