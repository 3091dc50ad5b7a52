// mesh/base/planted_bug.hpp: deliberate bugs, to show that the simulator's checkers catch them.
#pragma once
#include <cstdint>
#include <string_view>

namespace weft {

/// A mistake that somebody could make. tests/sim switches one on and expects a checker to notice.
enum class planted_bug : std::uint8_t {
  none,
  ack_before_sync,
  serve_before_sync,
  epoch_not_bumped,
  higher_own_epoch_ignored,
  tail_reused,
  extract_without_place,
  run_coverage_unchecked,
  incarnation_not_persisted,
  refutation_dropped,
  others_incarnation_raised,
  one_sided_neighbor,
  dead_never_expired,
  equal_distance_accepted,
  withdrawn_demand_kept,
  unequal_demands_merged,
  credit_added,
  retention_below_lease,
  start_moved_back,
  replica_confirms_before_sync,
  repair_overwrites_valid,
  slot_moved_while_held,
  returned_counts_as_done,
  taken_back_not_again,
  cursor_beyond_floor,
  known_event_begun_again,
  group_lease_ignored,
  handed_out_before_saved,
  begun_not_told,
  group_window_ignored,
  waiting_slot_goes_on,
  parked_key_goes_on,
  rejected_tried_again,
  taken_up_holders_forgotten,
  withheld_slot_handed_out,
  taken_up_floor_for_all,
  count_,
};

/// "one_sided_neighbor"
[[nodiscard]] std::string_view to_string(planted_bug bug) noexcept;

#ifdef WEFT_PLANTED_BUGS
/// Whether this one is switched on.
[[nodiscard]] bool planted(planted_bug bug) noexcept;
/// Switches one on in this process; `none`: back to normal.
void plant(planted_bug bug) noexcept;
#else
/// Builds for use have none: what asks is compiled away.
[[nodiscard]] constexpr bool planted(planted_bug) noexcept { return false; }
#endif

} // namespace weft
