#include "mesh/membership/contacts.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using out = contacts::out;

/// When seeds are wanted, from the start on.
std::vector<microseconds> seeds_wanted_at(microseconds until) {
  seeded_random random(1);
  contacts machine(random, mono_time{});
  std::vector<microseconds> wanted;
  for (mono_time now{}; now < mono_time{} + until; now = now + microseconds{1'000'000}) {
    contacts::effects fx;
    machine.tick(now, fx);
    for (const auto& effect : fx)
      if (const auto* seeds = std::get_if<out::seeds>(&effect); seeds != nullptr && seeds->wanted)
        wanted.push_back(now - mono_time{});
  }
  return wanted;
}

TEST(contacts, seeds_are_met_soon_after_the_start_and_then_seldom) {
  const auto at = seeds_wanted_at(std::chrono::minutes(20));
  ASSERT_GE(at.size(), 3U);
  EXPECT_LE(at[0], limits::contact_interval + std::chrono::seconds(1));
  for (std::size_t i = 1; i < at.size(); ++i)
    EXPECT_GE(at[i] - at[i - 1], limits::seed_interval / 2 - std::chrono::seconds(1));
}

} // namespace
} // namespace weft::membership
