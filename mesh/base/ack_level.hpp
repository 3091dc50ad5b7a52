// mesh/base/ack_level.hpp: what an acknowledgement says.
#pragma once
#include <cstdint>

namespace weft {

/// What has happened when a publish is acknowledged.
enum class ack_level : std::uint8_t {
  synced = 0,  ///< fdatasync returned: the default
  written = 1, ///< the operating system has it; unsafe: a power failure within limits::written_sync_within may lose it
};

} // namespace weft
