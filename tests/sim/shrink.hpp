// tests/sim/shrink.hpp: makes a failing run small: fewer nodes, less time, fewer faults.
#pragma once
#include "tests/sim/run.hpp"

namespace weft::sim {

/// The smallest run found that fails for the same checker.
struct shrunk_run {
  run_options options;
  report failing;
  unsigned runs = 0; ///< that it took
};

/// Runs with these options; in tests in this process, else in one of its own.
using try_run = std::function<report(const run_options&)>;

/// Delta debugging over the list of drawn faults, after tries with fewer nodes and a shorter safety phase.
/// @pre `failing` is what `options` lead to, and has a failure
[[nodiscard]] shrunk_run shrink(const run_options& options, const report& failing, const try_run& run,
                                unsigned runs_max);

} // namespace weft::sim
