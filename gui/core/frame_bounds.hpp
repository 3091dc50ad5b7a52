// gui/core/frame_bounds.hpp: keeps absurd values of a frame out of everything behind it. Pure.
#pragma once
#include "mesh/telemetry/frame.hpp"

namespace weft::monitor {

/// Clips texts (at a whole character of UTF-8) and paths, brings times and figures into their limits, takes rows away
/// that are none. A figure that is no number or negative becomes 0, or absent where it may be.
void bound(telemetry::FrameT& frame);

} // namespace weft::monitor
