// tests/sim/command_line.hpp: what weft_sim is asked to do.
#pragma once
#include "tests/sim/scenario.hpp"

#include <span>

namespace weft::sim {

struct command {
  std::string scenario;    ///< empty: all, each with its share of the seeds
  std::uint64_t seed = 1;  ///< the first
  std::uint64_t seeds = 1; ///< so many, one after the other
  std::optional<std::uint32_t> nodes;
  std::optional<microseconds> safety;
  std::optional<std::vector<std::size_t>> only_faults;
  std::string bug;
  std::string trace_file; ///< of the first seed
  unsigned jobs = 2;
  unsigned seconds_max = 600; ///< real ones, of a run
  unsigned shrink_runs = 200; ///< 0: a failure is printed as it is
  bool marks = false;
  bool all_bugs = false;
  bool list = false;
  bool help = false;
};

[[nodiscard]] std::string usage();
/// @error errc::invalid_argument  a word that is not known, or a value that does not fit
[[nodiscard]] result<command> parse(std::span<const char* const> words);

/// Which scenario a seed is for when all are run.
/// @pre some have a share
[[nodiscard]] const scenario& scenario_of_seed(std::span<const scenario> all, std::uint64_t seed);
/// The options of one of its runs.
[[nodiscard]] run_options options_of(const command& c, const scenario& of, std::uint64_t seed);
/// Those that replay a run, as words of a command: "--scenario toy --seed 7 --nodes 3".
[[nodiscard]] std::string replay_options(const scenario& of, const run_options& options);

} // namespace weft::sim
