// sdk/src/gaps.hpp: a range that can't be had, as programs hear of it.
#pragma once
#include "sdk/src/flow_book.hpp"
#include "weft/event.hpp"

#include <vector>

namespace weft::detail {

/// One for the whole range, or one for each topic that misses something.
[[nodiscard]] std::vector<gap> gaps_of(const waiting_run& run);

} // namespace weft::detail
