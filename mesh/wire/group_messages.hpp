// mesh/wire/group_messages.hpp: what a member of a group and the source of its flow say to each other.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/strong.hpp"
#include "mesh/base/time.hpp"

#include <bitset>
#include <optional>
#include <string>
#include <vector>

namespace weft::wire {

/// Who takes part in a group: chosen at random by the member, and kept while it runs.
using member_id = strong<struct member_id_tag, std::uint64_t>;

using slot_set = std::bitset<limits::slots>;

/// An event as those who share the work speak of it.
struct slot_event {
  log_position at;
  slot of;
  friend bool operator==(const slot_event&, const slot_event&) = default;
};

/// Hand-outs of one member's flow, by their numbers: [from, until).
struct number_range {
  std::uint64_t from = 0, until = 0;
  friend bool operator==(const number_range&, const number_range&) = default;
};

/// An event that was tried before, by its number in a member's flow.
struct tried_event {
  std::uint64_t number = 0;
  std::uint32_t trials = 0; ///< in vain
  microseconds after{0};    ///< not to be tried again before so long
  friend bool operator==(const tried_event&, const tried_event&) = default;
};

/// What is done with an event that keeps failing.
enum class after_failing : std::uint8_t {
  block,       ///< it is tried for ever; its key waits, others go on
  park,        ///< it is kept aside, and so are all later events of its key, in order
  skip,        ///< it counts as processed
  dead_letter, ///< it is kept aside; its key goes on
};

/// How a group treats failures.
struct failure_policy {
  after_failing then = after_failing::block;
  std::uint32_t deliveries_max = limits::group_deliveries_max; ///< before `then`
  microseconds backoff_first = limits::group_backoff_first;
  microseconds backoff_most = limits::group_backoff_most;
  friend bool operator==(const failure_policy&, const failure_policy&) = default;
};

/// How far a member is with a group's state that moves, told at the group's home.
enum class claim_stage : std::uint8_t {
  none,    ///< this log is not the home, or the state does not move
  asks,    ///< it wants a term
  reads,   ///< it was given its term, and brings the state up to it
  at_work, ///< all of the state is published under its term
};

/// A part of a group's state, which one member has as a whole: of equal ranges of slots the one of this number.
struct state_shard {
  std::uint16_t number = 0;
  std::uint16_t of = 1; ///< ranges: 1 to limits::state_shards_max
  [[nodiscard]] constexpr bool has(std::size_t slot) const noexcept { return slot * of / limits::slots == number; }
  friend bool operator==(const state_shard&, const state_shard&) = default;
};

/// A program that has members of a group: kept over its restarts.
using process_id = strong<struct process_id_tag, std::uint64_t>;

/// Who demands as a member of a group.
struct group_membership {
  std::string group; ///< named as nodes are
  member_id member;
  std::uint32_t events_max = 1; ///< that it has at once; in bytes it is the demand's window
  failure_policy policy;
  std::vector<slot_event> begun{};     ///< over older flows of the log, and not finished
  std::vector<slot_event> processed{}; ///< the same, and the source may not have heard of it; with `begun` at most
                                       ///< limits::group_window_events_max
  bool alone = false;                  ///< it has the state of its shard: nobody else may have its slots, now or later
  std::uint64_t term = 0;              ///< that the home gave it, or while it asks the highest that it knows of; a
                                       ///< higher one takes the group from who had it. 0: the state stays
  claim_stage claim = claim_stage::none;
  state_shard shard{};  ///< that it has, alone: other members have the others
  process_id process{}; ///< that it is part of: the home shares the shards out among those
  friend bool operator==(const group_membership&, const group_membership&) = default;
};

/// From a member: what became of its events; at most limits::group_window_events_max items in all.
struct handled {
  std::uint64_t flow = 0;
  std::vector<number_range> done, returned;         ///< the latter are given back undone
  std::vector<slot_event> processed{}, abandoned{}; ///< that came over older flows; the latter undone
  friend bool operator==(const handled&, const handled&) = default;
};
/// It tried this one in vain: answered with a verdict.
struct failed {
  std::uint64_t flow = 0;
  std::uint64_t number = 0;
  std::string cause;     ///< at most limits::group_cause_bytes_max
  bool rejected = false; ///< it can never be processed: trying it again is of no use
  friend bool operator==(const failed&, const failed&) = default;
};
/// It wants no more; what it has it finishes or gives back, then closes the flow.
struct leaving {
  std::uint64_t flow = 0;
  friend bool operator==(const leaving&, const leaving&) = default;
};
/// A sign of life, each limits::group_renew_every: answered with a renewal.
struct renew {
  std::uint64_t flow = 0;
  std::uint64_t number = 0;
  friend bool operator==(const renew&, const renew&) = default;
};

/// To a member that tried an event in vain: try it again after so long, or drop it.
struct verdict {
  std::uint64_t flow = 0;
  std::uint64_t number = 0;
  std::optional<microseconds> again{};
  friend bool operator==(const verdict&, const verdict&) = default;
};
/// Finish what is begun of these slots, and give the rest back.
struct revoke {
  std::uint64_t flow = 0;
  slot_set slots;
  std::uint64_t before = 0; ///< meant are events of lower numbers: runs that carry some may come later than this
  bool state = false;       ///< by the home: another is to have their state, so the member ends when that is done
  friend bool operator==(const revoke&, const revoke&) = default;
};
/// All that was sent before `renew` was heard, and the share is the member's for a lease from when it was sent.
struct renewal {
  std::uint64_t flow = 0;
  std::uint64_t number = 0;
  friend bool operator==(const renewal&, const renewal&) = default;
};

} // namespace weft::wire
