// actors/lease_document.hpp: what a cursor holds of a topic, as listings say it.
#pragma once
#include "actors/node_services.hpp"

#include <nlohmann/json_fwd.hpp>

namespace weft::actors {

/// {"lease": "none", "ready", "holds" or "ran-out", "held_bytes": bytes, "held_since_us": time or null, "ran_out_us":
/// time or null, "ran_out_why": "unused", "bytes", "over" (a cut's) or null}; times in microseconds since 1970.
[[nodiscard]] nlohmann::json lease_document(const node_services& services, const delivery::lease_holder& holder,
                                            topic_id topic);

/// One row a topic of this log that the holder's pattern means, with its name as "topic".
[[nodiscard]] nlohmann::json leases_document(const node_services& services, const delivery::lease_holder& holder);

} // namespace weft::actors
