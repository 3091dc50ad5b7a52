// mesh/delivery/slots.hpp: the classes of key that the members of a group share. Pure.
#pragma once
#include "mesh/wire/group_messages.hpp"

namespace weft::delivery {

using wire::member_id;
using wire::number_range;
using wire::slot_event;
using wire::slot_set;
using wire::state_shard;
using wire::tried_event;

/// The slot of an event without a key: these are spread evenly, neighbours to different slots.
[[nodiscard]] constexpr slot spread_slot(seq at) noexcept {
  return slot{static_cast<std::uint16_t>(at.value() % limits::slots)};
}

} // namespace weft::delivery
