// tests/sim/campaign.hpp: many runs, and what is said of them.
#pragma once
#include "tests/sim/command_line.hpp"
#include "tests/sim/isolated_run.hpp"
#include "tests/sim/shrink.hpp"

#include <iosfwd>
#include <span>

namespace weft::sim {

/// A bug's way through the seeds.
struct bug_result {
  bug_row row;
  std::optional<std::uint64_t> caught_by; ///< a seed; nothing when none did
  std::string who;                        ///< the checker that did
};

/// Runs the seeds of a command, of one scenario or of all; says each failure, shortened, with what replays it, then
/// marks that were not reached. SIGINT and SIGTERM end it before its last seed, with what it has to say.
/// @param all      that there are
/// @param version  of the tree, as failures name it
/// @returns whether all is well
/// @pre the command's scenario, if it names one, is among `all`
bool run_seeds(const command& c, std::span<const scenario> all, std::string_view version, std::ostream& out);

/// Runs each bug of the rows whose scenario there is until a seed catches it, and says which: first the row's seed,
/// then one after the other. A seed whose run fails without the bug too has caught nothing. A planted bug that this
/// build does not have counts as not caught.
std::vector<bug_result> run_bugs(const command& c, const std::vector<bug_row>& rows, std::span<const scenario> all,
                                 std::uint64_t seeds_max, std::ostream& out);

} // namespace weft::sim
