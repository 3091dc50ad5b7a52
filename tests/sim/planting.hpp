// tests/sim/planting.hpp: deliberate bugs by name, and coverage marks, as far as this build has them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::sim {

/// Whether this build has planted bugs and marks at all.
#ifdef WEFT_PLANTED_BUGS
inline constexpr bool has_planted_bugs = true;
#else
inline constexpr bool has_planted_bugs = false;
#endif

/// Whether mesh/base/planted_bug.hpp has a bug of this name, and this build has it compiled in.
[[nodiscard]] bool plantable(std::string_view bug);

/// Has a bug switched on while it lives. A name that can't be planted is a scenario's own, or none: nothing is done.
class planting {
public:
  explicit planting(std::string_view bug);
  planting(const planting&) = delete;
  planting& operator=(const planting&) = delete;
  ~planting();
};

/// Marks reached since the last call and how often, sorted by name.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> take_marks();

} // namespace weft::sim
