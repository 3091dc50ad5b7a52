// gui/core/layout_stay.hpp: a layout beside the one before, so that people find what they know. Used by layout only.
#pragma once
#include "gui/core/layout.hpp"

namespace weft::monitor {

/// @returns nothing when it has to begin anew (most boxes are new, or those from before are over one another), or when
///          it was stopped
[[nodiscard]] std::optional<std::vector<layout_point>> lay_out_beside(const layout_task& task,
                                                                      const std::stop_token& stop);

} // namespace weft::monitor
