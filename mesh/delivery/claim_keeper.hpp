// mesh/delivery/claim_keeper.hpp: who has the state of a group at work, and how much of that is on the log's disk.
// Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/state_claim.hpp"

namespace weft::delivery {

/// Of two members that want the state the second has it when the first has left, or was silent for its lease and the
/// margin: then the first knows, by its own clock, that it has it no longer.
/// @thread one at a time
class claim_keeper {
public:
  /// Who had it when the node ended may have it yet: its lease counts from now.
  void begin(const state_claim& on_disk, mono_time now) {
    is_ = saved_ = durable_ = on_disk;
    heard_ = now;
  }
  [[nodiscard]] const state_claim& is() const noexcept { return is_; }
  void set(const state_claim& claim) { is_ = claim; }

  // the disk
  void saving() { saved_ = is_; }
  void saved() { durable_ = saved_; }
  [[nodiscard]] bool is_on_its_way() const noexcept { return saved_ == is_; }
  [[nodiscard]] bool is_on_disk() const noexcept { return durable_ == is_; }

  // its holder
  void heard(member_id who, mono_time now) {
    if (who == is_.only) heard_ = now;
  }
  void left(member_id who) {
    if (who == is_.only) is_.held = false;
  }
  /// Whether another has it, and may be at work.
  [[nodiscard]] bool is_held_against(member_id who, mono_time now) const {
    return is_.held && is_.only != who && !is_over(now);
  }
  /// Who was silent for so long has it no longer, also for a node that starts later.
  void tick(mono_time now) {
    if (is_.held && is_over(now)) is_.held = false;
  }

private:
  [[nodiscard]] bool is_over(mono_time now) const {
    return now > heard_ + limits::group_lease + limits::group_lease_margin;
  }

  state_claim is_, saved_, durable_;
  mono_time heard_; // the holder, last
};

} // namespace weft::delivery
