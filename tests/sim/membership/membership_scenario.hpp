// tests/sim/membership/membership_scenario.hpp: meshes of members: they find each other, notice who is gone, and
// forget.
#pragma once
#include "tests/sim/scenario.hpp"

namespace weft::sim {

/// Everything goes wrong; afterwards all know all, and the overlay is one, whatever halves it had (T29).
[[nodiscard]] scenario membership_scenario();
/// Pauses of up to ten seconds and lost frames kill nobody.
[[nodiscard]] scenario false_deaths_scenario();
/// More than a day: what is dead for so long is forgotten.
[[nodiscard]] scenario expiry_scenario();

} // namespace weft::sim
