// mesh/delivery/group_cursor.hpp: how far a group has got in one log, as one value. Pure.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/delivery/slots.hpp"

#include <vector>

namespace weft::delivery {

/// Of one slot: everything below the floor is processed, and these above it.
struct slot_progress {
  slot of;
  log_position floor;
  std::vector<log_position> finished; ///< ascending, above the floor
  friend bool operator==(const slot_progress&, const slot_progress&) = default;
};

/// The cursor of (group, log). In it everything counts as not processed that nobody said is.
struct group_cursor {
  std::uint64_t generation = 0;       ///< raised by a seek: an older one's cursors are of no account then
  log_position floor;                 ///< of all slots that are not named below
  std::vector<slot_progress> apart{}; ///< by slot
  friend bool operator==(const group_cursor&, const group_cursor&) = default;

  /// What one slot has.
  [[nodiscard]] slot_progress of(slot which) const;
  /// Everything below is processed, whatever the slot: what lies above is what the group still needs.
  [[nodiscard]] log_position needed_from() const;
};

/// The value of 1024 slots, in as few words as it takes. @param slots  one a slot, in order
[[nodiscard]] group_cursor gather(std::uint64_t generation, const std::vector<slot_progress>& slots);

/// What either of them knows to be processed, of one generation; else the newer one.
[[nodiscard]] group_cursor merge(const group_cursor& a, const group_cursor& b);

} // namespace weft::delivery
