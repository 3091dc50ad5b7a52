// mesh/base/instant.hpp: one moment on both clocks: intervals go by the one, dates by the other.
#pragma once
#include "mesh/base/time.hpp"

namespace weft {

struct instant {
  mono_time mono; ///< for timeouts and rates
  wall_time wall; ///< for certificates, tokens, invitations and what others have dated
};

} // namespace weft
