// gui/pages/event_facts.hpp: what is known of an event, line by line.
#pragma once
#include "gui/core/events.hpp"
#include "gui/widgets/facts_view.hpp"

namespace weft::monitor {

/// With its headers, and which groups are past it.
[[nodiscard]] QList<Fact> factsOf(const event_row& event, const snapshot& now);

} // namespace weft::monitor
