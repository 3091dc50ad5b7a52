// gui/pages/trace_facts.hpp: what is known of a row of a trace.
#pragma once
#include "gui/core/trace.hpp"

namespace weft::monitor {

class FactsView;

void showFacts(FactsView& in, const trace_row& of, const trace_picture& trace);

} // namespace weft::monitor
