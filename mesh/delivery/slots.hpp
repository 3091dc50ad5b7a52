// mesh/delivery/slots.hpp: the classes of key that the members of a group share. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/strong.hpp"

#include <bitset>

namespace weft::delivery {

/// Who takes part in a group: chosen at random by the member, and kept while it runs.
using member_id = strong<struct member_id_tag, std::uint64_t>;

using slot_set = std::bitset<limits::slots>;

/// An event as those who share the work speak of it.
struct slot_event {
  log_position at;
  slot of;
  friend bool operator==(const slot_event&, const slot_event&) = default;
};

/// The slot of an event without a key: these are spread evenly, neighbours to different slots.
[[nodiscard]] constexpr slot spread_slot(seq at) noexcept {
  return slot{static_cast<std::uint16_t>(at.value() % limits::slots)};
}

} // namespace weft::delivery
