// mesh/routing/shared_demand.hpp: which demands a relay may serve from one flow. Pure.
#pragma once
#include "mesh/wire/control.hpp"

#include <optional>
#include <string>

namespace weft::routing {

/// Equal for demands whose consumers get the same bytes: same log, pattern and filter, wherever each starts. Only for
/// use inside a node. Nothing for a demand that is never shared: of what has a cursor, or not for one log.
[[nodiscard]] std::optional<std::string> shared_key(const wire::demand& wanted);

/// Whether it is one consumer's alone: of a named subscription, or of a member of a group.
[[nodiscard]] inline bool has_cursor(const wire::demand& wanted) { return !wanted.name.empty() || wanted.member; }
/// Only the log's own node has the cursors of named subscriptions. Groups go on at copies while it is away.
[[nodiscard]] inline bool may_come_from_copies(const wire::demand& wanted) { return wanted.name.empty(); }
/// As router_in::interest has it.
[[nodiscard]] inline std::string group_of(const wire::demand& wanted) {
  return wanted.member ? wanted.member->group : std::string();
}

} // namespace weft::routing
