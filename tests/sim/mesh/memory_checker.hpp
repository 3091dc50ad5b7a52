// tests/sim/mesh/memory_checker.hpp: what nodes hold does not grow with time.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// A6, T25, T27: in the last quarter of a long run no node that runs all the time holds clearly more, on average, than
/// in the second.
/// Counts what is allocated in nodes' turns without their disks' content; not what programs have seen. Where nobody
/// counts allocations it knows nothing.
[[nodiscard]] std::unique_ptr<checker> memory_does_not_grow(world& on, microseconds safety);

} // namespace weft::sim
