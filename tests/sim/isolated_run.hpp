// tests/sim/isolated_run.hpp: runs in processes of their own, several at a time.
#pragma once
#include "tests/sim/run.hpp"

#include <functional>
#include <vector>

namespace weft::sim {

/// Does each of the runs in a fork of this process, `jobs` at a time, and hands over reports in the order of the runs.
/// A run that crashes, fails an assertion or takes longer than `seconds_max` has a report with a failure of
/// "process". Planted bugs and marks are a process's, so here runs don't disturb each other.
/// @param next  the next one; nothing when there are no more
/// @param done  takes a report; false: no further run is begun, those under way are ended
/// @pre this process has one thread
void run_isolated(const std::function<std::optional<planned_run>()>& next,
                  const std::function<bool(const planned_run&, report)>& done, unsigned jobs, unsigned seconds_max);

/// One of them.
[[nodiscard]] report run_isolated(const planned_run& one, unsigned seconds_max);

} // namespace weft::sim
