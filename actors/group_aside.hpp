// actors/group_aside.hpp: keeps an event that a group could not process where people find it.
#pragma once
#include "actors/reply.hpp"
#include "mesh/delivery/group_effects.hpp"

#include <string>

namespace weft::actors {

struct node_services;

/// The topic of this log that has what a group set aside: `_weft.parked.<group>` or `_weft.dead-letters.<group>`.
[[nodiscard]] std::string aside_topic(const std::string& group, bool parked);

/// Reads the event from this node's log and appends it to that topic, with its key, type and headers. Added are
/// `weft-topic`, `weft-position`, `weft-cause`, `weft-deliveries`, `weft-first` and `weft-last` (RFC 3339, when it
/// failed).
/// @param to  answered when it is on disk. @thread any
void keep_aside(node_services& services, const std::string& group, const delivery::group_out::set_aside& one,
                const reply<void>& to);

} // namespace weft::actors
