// mesh/delivery/takeup.hpp: a group that goes on at a copy while the log's node is away: from where, and what that node
// makes of it. Pure.
#pragma once
#include "mesh/delivery/failing.hpp"
#include "mesh/delivery/group_record.hpp"

#include <optional>
#include <vector>

namespace weft::delivery {

// --- at a holder of a copy

/// The record that the group goes on from at the copy.
/// @param owners  the last one that the copy has of the log's node
/// @param before  what this holder has of an earlier time, and the log's node has not taken over
/// @param since   now; of an earlier time that one holds
[[nodiscard]] group_record taken_up(const log_id& log, group_record owners, const std::optional<group_record>& before,
                                    wall_time since);

/// The slots of its parked keys: what is parked is in the log's own topics, which nobody else may append to.
[[nodiscard]] slot_set withheld(const group_record& record);

/// Nothing can be set aside at a copy: where the group would do that, the event is tried until the log's node is back.
[[nodiscard]] failure_policy at_copy(failure_policy policy);

// --- at the log's node

/// What it goes on from when a holder took the group up. Of one generation: what either knows to be processed, and who
/// may have events of a slot by the holder's word, which is younger; else the higher one.
/// @param taken  of this log
[[nodiscard]] group_record merged(group_record own, const group_record& taken);

/// The cursor without what lies at or beyond the log's end: that nobody can have processed.
[[nodiscard]] group_cursor within(group_cursor cursor, const log_position& log_end);

/// Events of a slot in [from, until).
struct slot_range {
  slot of;
  log_position from, until;
  friend bool operator==(const slot_range&, const slot_range&) = default;
};
/// What both say is processed since the group was taken up: members may have had these events twice. By slot.
[[nodiscard]] std::vector<slot_range> counted_twice(const group_cursor& own, const group_record& taken);

} // namespace weft::delivery
