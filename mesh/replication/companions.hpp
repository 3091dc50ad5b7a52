// mesh/replication/companions.hpp: topics that a copy has besides, so that groups can go on at it. Pure.
#pragma once
#include <set>
#include <string>
#include <vector>

namespace weft::replication {

/// The topics that a copy has to hold, and with them those without which nobody can share it out among a group: the
/// log's cursors, and what its groups get once more. With none, or the mesh's own only, of which nobody shares anything
/// out, there are no others either.
/// @param of_the_log  the others that the log's node has told of
/// @returns ascending, limits::copy_topics_max at most: companions first
[[nodiscard]] std::vector<std::string> with_companions(std::vector<std::string> topics,
                                                       const std::set<std::string>& of_the_log);

/// Whether one of these has to be with a copy.
[[nodiscard]] bool any_companion(const std::set<std::string>& topics);

} // namespace weft::replication
