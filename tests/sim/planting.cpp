#include "tests/sim/planting.hpp"

#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

namespace weft::sim {

#ifdef WEFT_PLANTED_BUGS

namespace {

/// `none` when there is none of that name.
planted_bug bug_of(std::string_view name) {
  for (unsigned i = 1; i < static_cast<unsigned>(planted_bug::count_); ++i)
    if (to_string(static_cast<planted_bug>(i)) == name) return static_cast<planted_bug>(i);
  return planted_bug::none;
}

} // namespace

bool plantable(std::string_view bug) { return bug_of(bug) != planted_bug::none; }
planting::planting(std::string_view bug) { plant(bug_of(bug)); }
planting::~planting() { plant(planted_bug::none); }

std::vector<std::pair<std::string, std::uint64_t>> take_marks() {
  std::vector<std::pair<std::string, std::uint64_t>> marks;
  for (const auto& [name, times] : take_reached())
    marks.emplace_back(name, times);
  return marks;
}

#else

bool plantable(std::string_view) { return false; }
planting::planting(std::string_view) {}
planting::~planting() = default;
std::vector<std::pair<std::string, std::uint64_t>> take_marks() { return {}; }

#endif

} // namespace weft::sim
