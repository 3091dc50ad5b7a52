#include "gui/app/shot_set.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace weft::monitor {
namespace {

constexpr std::size_t pages = 14;

/// Theme, size, ratio, scale, each as a number.
std::array<int, 4> levels(const Shot& shot) {
  return {int(shot.theme), shot.size.width(), int(shot.ratio), shot.scale};
}

TEST(shot_set, shows_each_page_in_each_theme_size_ratio_and_scale) {
  for (std::size_t page = 0; page < pages; ++page) {
    std::array<std::set<int>, 4> seen;
    for (const auto& shot : shotsOf(page))
      for (std::size_t what = 0; what < 4; ++what)
        seen[what].insert(levels(shot)[what]);
    EXPECT_EQ(seen[0].size(), 2U) << page;
    EXPECT_EQ(seen[1].size(), 2U) << page;
    EXPECT_EQ(seen[2].size(), 2U) << page;
    EXPECT_EQ(seen[3].size(), 3U) << page;
  }
}

TEST(shot_set, has_each_pair_of_theme_size_ratio_and_scale) {
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b) {
      std::set<std::pair<int, int>> seen;
      for (std::size_t page = 0; page < pages; ++page)
        for (const auto& shot : shotsOf(page))
          seen.emplace(levels(shot)[a], levels(shot)[b]);
      EXPECT_EQ(seen.size(), b == 3 ? 6U : 4U) << a << " and " << b;
    }
}

} // namespace
} // namespace weft::monitor
