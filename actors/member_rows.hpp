// actors/member_rows.hpp: what `weft nodes` shows of each member.
#pragma once
#include "actors/node_services.hpp"
#include "mesh/base/instant.hpp"
#include "mesh/membership/directory.hpp"
#include "mesh/membership/peer_link.hpp"

#include <map>
#include <nlohmann/json_fwd.hpp>

namespace weft::actors {

/// {"nodes": [...]}, this node first, then by number. What is not known is null.
/// @param linked  members with a link   @param neighbors  those of them that the overlay holds
[[nodiscard]] nlohmann::json member_rows(const node_services& services, const membership::directory& members,
                                         const std::map<node_id, membership::peer_link>& linked,
                                         const std::vector<node_id>& neighbors, instant now);

} // namespace weft::actors
