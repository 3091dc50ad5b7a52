// mesh/routing/shared_demand.hpp: which demands a relay may serve from one flow. Pure.
#pragma once
#include "mesh/wire/control.hpp"

#include <optional>
#include <string>

namespace weft::routing {

/// Equal for demands whose consumers get the same bytes: same log, pattern and filter, wherever each starts. Only for
/// use inside a node. Nothing for a demand that is never shared: of what has a cursor, or not for one log.
[[nodiscard]] std::optional<std::string> shared_key(const wire::demand& wanted);

/// Whether only the log's own node can serve it: it has the cursors of named subscriptions and of groups.
[[nodiscard]] inline bool has_cursor(const wire::demand& wanted) { return !wanted.name.empty() || wanted.member; }

} // namespace weft::routing
