// tests/sim/scenarios.hpp: what weft_sim can run: the table that a new scenario gets its line in.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

[[nodiscard]] const std::vector<scenario>& scenarios();
/// Each must be caught within `seeds_a_bug` seeds.
[[nodiscard]] const std::vector<bug_row>& bugs();
inline constexpr std::uint64_t seeds_a_bug = 200;

} // namespace weft::sim
