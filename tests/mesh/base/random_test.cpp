#include "mesh/base/random.hpp"

#include <gtest/gtest.h>
#include <set>

namespace weft {
namespace {

TEST(seeded_random, gives_the_published_numbers_and_replays) {
  seeded_random random{1234567};
  EXPECT_EQ(random.next(), 6457827717110365317U); // of the reference implementation
  EXPECT_EQ(random.next(), 3203168211198807973U);
  auto copy = random;
  EXPECT_EQ(copy.next(), random.next());
}

TEST(random_source, below_stays_below_and_reaches_every_number) {
  seeded_random random{1};
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(random.below(7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(random.below(1), 0U);
}

TEST(random_source, below_draws_again_instead_of_favouring_small_numbers) {
  struct scripted final : random_source {
    std::uint64_t drawn = 0;
    std::uint64_t next() override { return drawn++; }
  } source;
  constexpr auto bound = (std::uint64_t{1} << 63U) + 1; // 2^64 mod bound = 2^63 - 1 numbers are refused
  source.drawn = (std::uint64_t{1} << 63U) - 2;
  EXPECT_EQ(source.below(bound), (std::uint64_t{1} << 63U) - 1);
}

TEST(os_random, does_not_repeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(os_random().next());
  EXPECT_EQ(seen.size(), 1000U);
}

} // namespace
} // namespace weft
