#include "mesh/base/planted_bug.hpp"

#include "mesh/base/assert.hpp"

#include <array>
#include <atomic>

namespace weft {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(planted_bug::count_)> names{
    "none",
    "ack_before_sync",
    "serve_before_sync",
    "epoch_not_bumped",
    "higher_own_epoch_ignored",
    "tail_reused",
    "extract_without_place",
    "run_coverage_unchecked",
    "incarnation_not_persisted",
    "refutation_dropped",
    "others_incarnation_raised",
    "one_sided_neighbor",
    "dead_never_expired",
    "equal_distance_accepted",
    "withdrawn_demand_kept",
    "unequal_demands_merged",
    "credit_added",
    "retention_below_lease",
    "start_moved_back",
    "replica_confirms_before_sync",
    "repair_overwrites_valid",
    "slot_moved_while_held",
    "returned_counts_as_done",
    "taken_back_not_again",
    "cursor_beyond_floor",
    "known_event_begun_again",
    "group_lease_ignored",
    "handed_out_before_saved",
    "begun_not_told",
    "group_window_ignored",
    "waiting_slot_goes_on",
    "parked_key_goes_on",
    "rejected_tried_again",
    "taken_up_holders_forgotten",
    "withheld_slot_handed_out",
    "taken_up_floor_for_all",
};
static_assert(!names.back().empty());

} // namespace

std::string_view to_string(planted_bug bug) noexcept { return names[static_cast<std::size_t>(bug)]; }

#ifdef WEFT_PLANTED_BUGS
namespace {
std::atomic<planted_bug> active{planted_bug::none};
} // namespace

bool planted(planted_bug bug) noexcept { return active.load(std::memory_order_relaxed) == bug; }
void plant(planted_bug bug) noexcept { active = bug; }
#endif

} // namespace weft
