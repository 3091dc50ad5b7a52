// mesh/delivery/state_claim.hpp: who has the state of a group, as one log's record has it, and who may have it next.
// Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/wire/group_messages.hpp"

#include <cstdint>
#include <string_view>

namespace weft::delivery {

using wire::member_id;

/// A state that moves has terms. Its home, the node of one log, gives each to one member, and never one twice: it is on
/// that log's disk before the member hears of it. So of two terms that any log is told, the higher one holds.
///
///     asks ──▶ given ──▶ reads: the state of `begun` is read and published as the new term's ──▶ at_work: `begun`
///
/// @see ADR 20
struct state_claim {
  member_id only{};        ///< who has the state: no other may take part; 0: the group has none
  std::uint64_t term = 0;  ///< of a state that moves: the last that was given, as far as this log knows; 0: it stays
  std::uint64_t begun = 0; ///< at the home: the last that was gone on with; 0: none
  member_id begun_by{};
  bool held = false; ///< at the home: who has it has neither said that it left nor been silent for its lease
  friend bool operator==(const state_claim&, const state_claim&) = default;
};

/// Where a member asks.
struct claim_place {
  std::string_view group;
  std::string_view node; ///< whose log it is
  bool is_copy = false;  ///< that node is away
  bool is_used = false;  ///< others are members, or were not long enough silent to be none
  bool is_held = false;  ///< `only` is another, and may be at work yet
};

struct admission {
  state_claim after;     ///< what has to be on disk before the member has a flow
  bool replaces = false; ///< others that have the group here have lost it
};

/// @error errc::denied            the state is another's
/// @error errc::locked            it is at work at another member; later it may be had
/// @error errc::busy              not now: the group has members without state, or the home is away
/// @error errc::invalid_argument  a term that nobody can have given
[[nodiscard]] result<admission> admit(const state_claim& known, const wire::group_membership& member,
                                      const claim_place& at);

/// What a copy of the log knows of the group is known to the log's node, and the other way round.
[[nodiscard]] state_claim merged(const state_claim& one, const state_claim& other);

} // namespace weft::delivery
