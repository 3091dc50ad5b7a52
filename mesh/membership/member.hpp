// mesh/membership/member.hpp: what a node knows of one node of the mesh.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/membership/allowance.hpp"
#include "mesh/membership/authority.hpp"
#include "mesh/wire/node_record.hpp"

namespace weft::membership {

/// In their order at one incarnation; `left` is said by the node itself.
enum class member_state : std::uint8_t { alive, suspect, dead, left };

[[nodiscard]] constexpr std::string_view to_string(member_state state) noexcept {
  constexpr std::array<std::string_view, 4> names{"alive", "suspect", "dead", "left"};
  return names.at(static_cast<std::size_t>(state));
}

/// An accusation of a member's present incarnation, and when it was heard.
struct held_accusation {
  wire::accusation word;
  mono_time heard;
};

struct member {
  membership::identity identity;
  wire::node_record record; ///< its newest; name, number and roles are those that the identity gives
  member_state state = member_state::alive;
  mono_time since;                            ///< of the state
  bool concluded_dead = false;                ///< by the detector, at this incarnation
  bool expired = false;                       ///< the identity is past its time: dead, whatever the record says
  std::vector<held_accusation> accusations{}; ///< one an accuser, at most limits::accusers_max, the newest first

  allowance news{limits::member_news_burst, limits::member_news_per_s}; ///< what it may cause to be flooded

  /// Its record was due again and again: it is away, also where nobody has concluded that yet, as after a restart.
  [[nodiscard]] bool is_overdue(wall_time now) const noexcept {
    return now - record.announced > limits::record_overdue;
  }
};

/// What differs between two records of a node.
struct record_changes {
  bool addresses = false, links = false, topics = false, zone = false, roles = false;
  bool health = false, epoch = false, incarnation = false, versions = false;
  bool name = false; ///< the name or the number: it has another certificate
  friend bool operator==(const record_changes&, const record_changes&) = default;
};
[[nodiscard]] record_changes changes_between(const wire::node_record& before, const wire::node_record& after);

} // namespace weft::membership
