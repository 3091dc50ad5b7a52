// weft_sim: runs scenarios of the simulator; `weft_sim --help` says how.
#include "tests/sim/campaign.hpp"
#include "tests/sim/planting.hpp"
#include "tests/sim/scenarios.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iostream>

namespace weft::sim {
namespace {

constexpr int wrong_usage = 2;

#ifndef WEFT_VERSION
#define WEFT_VERSION "unknown"
#endif

bool known_bug(std::string_view name) {
  return name.empty() || plantable(name) || std::ranges::find(bugs(), name, &bug_row::bug) != bugs().end();
}

int list() {
  for (const auto& s : scenarios())
    std::cout << fmt::format("scenario {} ({}): {}\n", s.name, s.share, s.summary);
  for (const auto& row : bugs())
    std::cout << fmt::format("bug {} in {}\n", row.bug, row.scenario);
  return 0;
}

int main(std::span<const char* const> words) {
  const auto parsed = parse(words);
  if (!parsed) {
    std::cerr << "weft_sim: " << parsed.error().message() << '\n';
    return wrong_usage;
  }
  const auto& c = *parsed;
  if (c.help) return std::cout << usage(), 0;
  if (c.list) return list();
  if (c.all_bugs) {
    const auto results = run_bugs(c, bugs(), scenarios(), seeds_a_bug, std::cout);
    return std::ranges::all_of(results, [](const bug_result& r) { return r.caught_by.has_value(); }) ? 0 : 1;
  }
  const bool known = c.scenario.empty() || std::ranges::count(scenarios(), c.scenario, &scenario::name) > 0;
  if (!known || !known_bug(c.bug)) {
    std::cerr << fmt::format("weft_sim: there is no {} in this build; --list says what there is\n",
                             known ? "bug " + c.bug : "scenario " + c.scenario);
    return wrong_usage;
  }
  return run_seeds(c, scenarios(), WEFT_VERSION, std::cout) ? 0 : 1;
}

} // namespace
} // namespace weft::sim

int main(int count, char** words) {
  return weft::sim::main({const_cast<const char* const*>(words) + 1, static_cast<std::size_t>(count - 1)});
}
