// tests/sim/run.hpp: one run of a scenario: safety phase with faults, then healing, then a report.
#pragma once
#include "tests/sim/scenario.hpp"

#include <iosfwd>
#include <utility>

namespace weft::sim {

/// What became of a run.
struct report {
  std::uint64_t seed = 0;
  std::optional<sim::failure> failure;
  bool healing = false; ///< the failure, if any, came after the safety phase
  virtual_time ended;
  std::uint64_t events = 0;
  std::uint64_t trace_hash = 0;
  std::vector<std::pair<std::string, std::uint64_t>> marks; ///< reached, and how often; none unless compiled in
  std::vector<std::pair<std::size_t, std::string>> faults;  ///< that were played: place among the drawn, and text

  friend bool operator==(const report&, const report&) = default;
};
/// Several lines; from_text reads them back. @error errc::corrupt  it is no report
[[nodiscard]] std::string to_text(const report& r);
[[nodiscard]] result<report> report_from(std::string_view text);

/// Runs in this process and thread. The planted bug, if any, is on meanwhile; marks are taken afterwards.
/// @param trace_to  where the trace is written, if anywhere
[[nodiscard]] report run(const scenario& what, const run_options& options, std::ostream* trace_to = nullptr);

} // namespace weft::sim
