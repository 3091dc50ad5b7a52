// mesh/delivery/slot_assignment.hpp: which member of a group gets which slot. Pure.
#pragma once
#include "mesh/delivery/slots.hpp"

#include <array>
#include <map>
#include <optional>
#include <utility>

namespace weft::delivery {

/// Each slot's member, as it ought to be: shares are even, none larger than ceil(1024 / members). Who joins or leaves
/// moves as few slots as that takes. Which ones says rendezvous hashing, so that equal histories give equal
/// assignments.
class slot_assignment {
public:
  using owners = std::array<std::optional<member_id>, limits::slots>;

  slot_assignment() = default;
  /// Goes on with what was; shares are evened out, unless they are shards of a state.
  explicit slot_assignment(const owners& before, bool of_shards = false);

  /// Takes slots from others until it has its share. Without effect when it is there, or limits::group_members_max are.
  /// @returns whether it is there now
  bool add(member_id member);
  /// The slots of a shard are its, whoever had them; from now on nothing is evened out.
  /// @returns whether it is there now
  bool give(member_id member, const state_shard& shard);
  /// Its slots go to the others, or of shards to nobody. Without effect when it is not there.
  void remove(member_id member);

  [[nodiscard]] std::size_t members() const noexcept { return loads_.size(); }
  [[nodiscard]] bool has(member_id member) const { return loads_.contains(member); }
  /// @returns nothing while there are no members
  [[nodiscard]] std::optional<member_id> member_of(slot of) const noexcept { return owners_[of.value()]; }

private:
  using shares = std::map<member_id, std::size_t>;

  void even_out();
  [[nodiscard]] std::optional<std::pair<std::uint64_t, member_id>> best_taker(std::size_t of, const shares& all) const;
  void shed(member_id member, std::size_t down_to, const shares& all);

  owners owners_{};
  shares loads_; // how many slots each has
  bool of_shards_ = false;
};

} // namespace weft::delivery
