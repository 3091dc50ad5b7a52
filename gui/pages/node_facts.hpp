// gui/pages/node_facts.hpp: what is known of one node, line by line.
#pragma once
#include "gui/widgets/facts_view.hpp"

namespace weft::monitor {

/// @returns its figures, and with `flows` what comes in and goes out, the fastest first
[[nodiscard]] QList<Fact> factsOf(const node_view& node, const snapshot& now, bool flows);

} // namespace weft::monitor
