// mesh/base/reached.hpp: marks on rare branches, to know that the simulator gets there.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

#ifdef WEFT_PLANTED_BUGS
/// This branch was taken. `name`: a literal, unique in the project, as "overlay.two_dials_at_once".
void reached(std::string_view name);
/// Names and how often since the last call, sorted.
[[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> take_reached();
#else
constexpr void reached(std::string_view) noexcept {}
#endif

} // namespace weft
