// tests/sim/membership/incarnation_file.hpp: a count that survives crashes, on a disk that may tear it.
#pragma once
#include "mesh/base/disk.hpp"

namespace weft::sim {

/// @returns the highest count saved; 0 without a file
[[nodiscard]] result<std::uint64_t> load_count(disk& from);
/// On disk when it returns.
[[nodiscard]] result<void> save_count(disk& to, std::uint64_t count);

} // namespace weft::sim
