// actors/own_facts.hpp: what this node says of itself to its mesh.
#pragma once
#include "actors/membership.hpp"
#include "mesh/membership/announcer.hpp"

namespace weft::actors {

/// As it is now: addresses, zone, roles, topics, and how its log is. Links are left out.
[[nodiscard]] membership::own_facts own_facts_of(const node_services& services, const membership_parts& parts);

} // namespace weft::actors
