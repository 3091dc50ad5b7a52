// mesh/delivery/state_claim.hpp: who has the state of a group, as one log's record has it, and who may have it next.
// Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/wire/group_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

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

/// Of each shard of a state, by its number. There is at least one: of a state that has not several, or of none.
class state_claims {
public:
  state_claims() : all_(1) {}
  /// @pre shards > 0
  explicit state_claims(std::size_t shards) : all_(shards) {}
  state_claims(std::initializer_list<state_claim> all) : all_(all) {}

  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] state_claim& operator[](std::size_t shard) { return all_.at(shard); }
  [[nodiscard]] const state_claim& operator[](std::size_t shard) const { return all_.at(shard); }
  [[nodiscard]] auto begin() noexcept { return all_.begin(); }
  [[nodiscard]] auto end() noexcept { return all_.end(); }
  [[nodiscard]] auto begin() const noexcept { return all_.begin(); }
  [[nodiscard]] auto end() const noexcept { return all_.end(); }
  friend bool operator==(const state_claims&, const state_claims&) = default;

private:
  std::vector<state_claim> all_;
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
/// @error errc::locked            it is at work at another member, or was taken over: later it may be had
/// @error errc::busy              not now: the group has members without state, or the home is away
/// @error errc::invalid_argument  a term that nobody can have given
[[nodiscard]] result<admission> admit(const state_claim& known, const wire::group_membership& member,
                                      const claim_place& at);

/// Whether a member's shard is one of those that the log knows, or their number is not known yet.
/// @error errc::denied  they have another number
[[nodiscard]] result<void> check_shards(const state_claims& known, const wire::group_membership& member,
                                        const claim_place& at);

/// Whether anybody has the state, or a shard of it.
[[nodiscard]] bool has_state(const state_claims& known);

/// What a copy of the log knows of the group is known to the log's node, and the other way round: of each shard what
/// has the higher term.
[[nodiscard]] state_claims merged(const state_claims& one, const state_claims& other);

} // namespace weft::delivery
