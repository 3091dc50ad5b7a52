// tests/sim/scenario.hpp: what a run is made of: processes, what they are asked to do, and who checks.
#pragma once
#include "tests/sim/fault.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weft::sim {

/// All that decides a run besides the scenario: equal options, equal traces.
struct run_options {
  std::uint64_t seed = 1;
  world_options world;                   ///< `hosts` is the number of nodes; its seed is set by the run
  microseconds safety{30'000'000};       ///< virtual time with faults
  microseconds heal_within{120'000'000}; ///< virtual time after it, until everything has converged
  microseconds converged_every{100'000}; ///< how often checkers are asked
  std::uint64_t events_max = 50'000'000; ///< more of them fail the run: something goes round in circles
  fault_options faults;
  std::optional<std::vector<std::size_t>> only_faults; ///< of the drawn ones, by place; all without it
  std::string bug; ///< a deliberate one that is switched on; for scenarios that have their own
};

/// What clients do during the safety phase.
class workload {
public:
  virtual ~workload() = default;
  /// Does the next thing. @returns when to go on; nothing when there is no more to do
  virtual std::optional<microseconds> act(world& on, random_source& random) = 0;
};

/// Knows what must hold. Fails a run by world::fail with its name; told of each step as an observer.
class checker : public observer {
public:
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Whether all is as it must become when faults have ended.
  [[nodiscard]] virtual bool converged(world& on) {
    static_cast<void>(on);
    return true;
  }
  /// What `converged` still misses, for the report.
  [[nodiscard]] virtual std::string missing(world& on) {
    static_cast<void>(on);
    return "not converged";
  }
  /// After convergence: what only a whole run shows.
  virtual void at_end(world& on) { static_cast<void>(on); }
};

/// The parts of one run.
struct cast {
  process_factory processes;
  std::unique_ptr<sim::workload> workload; ///< may be null
  std::vector<std::unique_ptr<checker>> checkers;
};

/// A kind of run that `weft_sim --scenario NAME` does.
struct scenario {
  std::string name;
  std::string summary;
  run_options defaults;
  /// Called once a run. The world is made, its machines are down; nothing may be kept beyond the run.
  std::function<cast(world& on, const run_options& options)> make;
  std::vector<std::string> marks = {}; ///< of mesh/base/reached.hpp, that some seed must reach
  unsigned share = 1;                  ///< of the seeds when all scenarios are run
};

/// A run to be done. The scenario outlives it.
struct planned_run {
  const scenario* what = nullptr;
  run_options options;
};

/// A deliberate bug and the scenario that must catch it.
struct bug_row {
  std::string bug; ///< of mesh/base/planted_bug.hpp, or one that the scenario knows
  std::string scenario;
  std::uint64_t seed = 1; ///< to be tried first: one that was seen to catch it
};

} // namespace weft::sim
