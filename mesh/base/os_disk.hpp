// mesh/base/os_disk.hpp: the disk that Linux gives.
#pragma once
#include "mesh/base/disk.hpp"

namespace weft {

/// The operating system's files: pread, pwritev, fdatasync; mode 0600, directories 0700, never inherited by programs
/// that are started. From the first call on, limits::spare_descriptors descriptors are held back: an open that finds
/// none left takes one of them, and they fill up again when others are closed.
/// Locks are flock's on the file and on its directory; they end with the process.
/// @thread any
[[nodiscard]] disk& os_disk() noexcept;

} // namespace weft
