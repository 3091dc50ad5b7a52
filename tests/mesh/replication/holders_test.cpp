#include "mesh/replication/holders.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/random.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <gtest/gtest.h>
#include <set>

namespace weft::replication {
namespace {

using namespace std::chrono_literals;
using presence = storage_nodes::presence;

node_id node(std::uint32_t number) {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < 4; ++i)
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  bytes[31] = 1;
  return node_id{bytes};
}
log_id log_of(std::uint32_t number) { return {node(number), 0}; }

std::vector<storage_node> nodes_in_zones(std::uint32_t count, std::uint32_t zones) {
  std::vector<storage_node> all;
  for (std::uint32_t i = 0; i < count; ++i)
    all.push_back({node(i), zones == 0 ? "" : "z" + std::to_string(i % zones)});
  return all;
}
std::set<node_id> first(const std::vector<node_id>& list, std::size_t count) {
  return {list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size()))};
}

TEST(holders_test, a_log_is_never_held_by_its_own_node) {
  const auto all = nodes_in_zones(5, 0);
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto list = holders_of(log_of(i), all);
    EXPECT_EQ(list.size(), 4U);
    EXPECT_EQ(first(list, 4).count(node(i)), 0U);
  }
}

TEST(holders_test, the_order_of_the_candidates_does_not_matter) {
  auto all = nodes_in_zones(20, 3);
  const auto list = holders_of(log_of(100), all);
  std::reverse(all.begin(), all.end());
  EXPECT_EQ(holders_of(log_of(100), all), list);
}

TEST(holders_test, no_zone_comes_twice_while_another_has_a_candidate) {
  const auto all = nodes_in_zones(12, 4);
  std::map<node_id, std::string> zones;
  for (const auto& each : all)
    zones[each.id] = each.zone;
  for (std::uint32_t log = 100; log < 200; ++log) {
    const auto list = holders_of(log_of(log), all);
    for (std::size_t round = 0; round < 3; ++round) {
      std::set<std::string> seen;
      for (std::size_t i = 0; i < 4; ++i)
        seen.insert(zones[list[round * 4 + i]]);
      EXPECT_EQ(seen.size(), 4U);
    }
  }
}

TEST(holders_test, a_small_zone_does_not_keep_the_others_from_filling_the_list) {
  auto all = nodes_in_zones(6, 1);
  all.push_back({node(50), "small"});
  const auto list = holders_of(log_of(100), all);
  EXPECT_EQ(list.size(), 7U);
  EXPECT_EQ(first(list, 2).count(node(50)), 1U);
}

TEST(holders_test, one_that_joins_or_leaves_moves_only_what_it_must) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random random(seed);
  for (int round = 0; round < 200; ++round) {
    const auto zones = static_cast<std::uint32_t>(random.below(5));
    const auto all = nodes_in_zones(3 + static_cast<std::uint32_t>(random.below(20)), zones);
    auto without = all;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(random.below(all.size())));
    for (std::uint32_t log = 1000; log < 1020; ++log) {
      const auto before = holders_of(log_of(log), all);
      const auto after = holders_of(log_of(log), without);
      for (std::size_t n = 1; n <= after.size(); ++n) {
        std::vector<node_id> moved;
        const auto a = first(before, n), b = first(after, n);
        std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(moved));
        ASSERT_LE(moved.size(), 1U);
      }
    }
  }
}

TEST(holders_test, logs_are_spread_evenly) {
  const auto all = nodes_in_zones(10, 0);
  std::map<node_id, int> held;
  for (std::uint32_t log = 1000; log < 2000; ++log)
    for (const auto& each : first(holders_of(log_of(log), all), 3))
      ++held[each];
  for (const auto& [id, count] : held)
    EXPECT_NEAR(count, 300, 75);
}

struct storage_nodes_test : ::testing::Test {
  mono_time now{1};
  storage_nodes nodes{limits::replace_after};
  bool says(std::uint32_t number, presence is, std::string zone = "a") {
    return nodes.on({node(number), std::move(zone), true, is}, now);
  }
  std::size_t count() { return nodes.candidates().size(); }
};

TEST_F(storage_nodes_test, suspicion_and_a_short_death_change_nothing) {
  EXPECT_TRUE(says(1, presence::alive));
  EXPECT_FALSE(says(1, presence::suspect));
  EXPECT_FALSE(says(1, presence::dead));
  EXPECT_EQ(nodes.next_tick(), now + microseconds(limits::replace_after));
  now = now + (microseconds(limits::replace_after) - 1s);
  EXPECT_FALSE(nodes.tick(now));
  EXPECT_FALSE(says(1, presence::alive));
  EXPECT_EQ(nodes.next_tick(), std::nullopt);
  now = now + 2h;
  EXPECT_FALSE(nodes.tick(now));
  EXPECT_EQ(count(), 1U);
}

TEST_F(storage_nodes_test, one_that_is_dead_for_long_is_replaced_and_may_come_back) {
  says(1, presence::alive);
  says(1, presence::dead);
  now = now + 30min;
  EXPECT_FALSE(says(1, presence::dead)); // said again: the time goes on
  now = now + 30min;
  EXPECT_TRUE(nodes.tick(now));
  EXPECT_EQ(count(), 0U);
  EXPECT_FALSE(says(1, presence::dead));
  EXPECT_TRUE(says(1, presence::alive));
}

TEST_F(storage_nodes_test, one_that_leaves_or_gives_up_the_role_goes_at_once) {
  says(1, presence::alive);
  says(2, presence::alive);
  EXPECT_TRUE(says(1, presence::left));
  EXPECT_FALSE(says(1, presence::left));
  EXPECT_TRUE(nodes.on({node(2), "a", false, presence::alive}, now));
  EXPECT_EQ(count(), 0U);
}

TEST_F(storage_nodes_test, a_changed_zone_is_a_change) {
  says(1, presence::alive);
  EXPECT_TRUE(says(1, presence::alive, "b"));
  EXPECT_EQ(nodes.candidates().at(0).zone, "b");
}

} // namespace
} // namespace weft::replication
