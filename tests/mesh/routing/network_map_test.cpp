#include "mesh/routing/network_map.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

log_id log_of(std::uint32_t number) { return {node_of(number), 0}; }

struct network_map_fixture : ::testing::Test {
  true_mesh mesh;

  network_map::path path(std::uint32_t from, std::uint32_t to) const {
    auto map = mesh.map_of(from);
    return map.to(log_of(to), node_of(to));
  }
  /// The best hops from node to node.
  std::vector<std::uint32_t> way(std::uint32_t from, std::uint32_t to) const {
    std::vector<std::uint32_t> nodes{from};
    while (nodes.back() != to && nodes.size() <= mesh.nodes.size()) {
      const auto next = path(nodes.back(), to);
      if (next.hops.empty()) break;
      nodes.push_back(mesh.number_of(next.hops.front().node));
    }
    return nodes;
  }
};
using way_of = std::vector<std::uint32_t>;

TEST_F(network_map_fixture, the_cheapest_path_is_the_first_and_every_nearer_neighbour_is_there) {
  for (int i = 0; i < 4; ++i)
    mesh.add();
  mesh.link(0, 1, 2);
  mesh.link(1, 3, 2);
  mesh.link(0, 2, 4);
  mesh.link(2, 3, 1);
  const auto found = path(0, 3);
  EXPECT_EQ(found.distance, (wire::distance{0, 1, 6}));
  EXPECT_EQ(found.hops, (std::vector<network_map::hop>{{node_of(1), {0, 1, 3}, 6}, {node_of(2), {0, 1, 2}, 7}}));
}

TEST_F(network_map_fixture, the_way_names_every_node_to_the_log) {
  for (int i = 0; i < 4; ++i)
    mesh.add();
  mesh.link(0, 1, 2);
  mesh.link(1, 2, 2);
  auto map = mesh.map_of(0);
  EXPECT_EQ(map.way(log_of(2), node_of(2)), (std::vector<node_id>{node_of(0), node_of(1), node_of(2)}));
  EXPECT_EQ(map.way(log_of(0), node_of(0)), std::vector<node_id>{node_of(0)});
  EXPECT_TRUE(map.way(log_of(3), node_of(3)).empty());
  EXPECT_TRUE(map.way(log_of(9), node_of(9)).empty());
}

TEST_F(network_map_fixture, the_log_s_own_node_comes_first_where_it_is_linked) {
  for (int i = 0; i < 3; ++i)
    mesh.add();
  mesh.link(0, 1, 1);
  mesh.link(1, 2, 1);
  mesh.link(0, 2, 9);
  EXPECT_EQ(way(0, 2), (way_of{0, 2}));
}

TEST_F(network_map_fixture, only_relays_are_passed_through) {
  mesh.add();
  mesh.add("", false);
  mesh.add("", false);
  mesh.link(0, 1);
  mesh.link(1, 2);
  EXPECT_FALSE(path(0, 2).distance);
  mesh.nodes[1].relay = true;
  EXPECT_EQ(way(0, 2), (way_of{0, 1, 2}));
}

TEST_F(network_map_fixture, a_link_costs_what_the_end_says_that_says_more) {
  mesh.add();
  mesh.add();
  mesh.add();
  mesh.link(0, 1, 1);
  mesh.nodes[1].links[2] = 2;
  EXPECT_EQ(path(0, 2).distance, (wire::distance{0, 1, 5})); // one end is enough
  mesh.nodes[2].links[1] = 6;
  EXPECT_EQ(path(0, 2).distance, (wire::distance{0, 1, 9}));
}

TEST_F(network_map_fixture, a_lost_link_of_its_own_does_not_count_whatever_the_peer_announces) {
  mesh.add();
  mesh.add();
  mesh.link(0, 1);
  auto map = mesh.map_of(0);
  EXPECT_TRUE(map.link_down(node_of(1)));
  EXPECT_FALSE(map.to(log_of(1), node_of(1)).distance);
  map.link_up(node_of(1), 0);
  EXPECT_EQ(map.to(log_of(1), node_of(1)).distance, (wire::distance{0, 1, 4}));
}

TEST_F(network_map_fixture, a_member_that_went_is_on_no_path) {
  for (int i = 0; i < 3; ++i)
    mesh.add();
  mesh.link(0, 1);
  mesh.link(1, 2);
  auto map = mesh.map_of(0);
  EXPECT_TRUE(map.to(log_of(2), node_of(2)).distance);
  map.remove(node_of(1));
  EXPECT_FALSE(map.to(log_of(2), node_of(2)).distance);
  map.remove(node_of(2));
  EXPECT_TRUE(map.to(log_of(2), node_of(2)).hops.empty());
}

TEST_F(network_map_fixture, nonsense_in_records_is_survived) {
  mesh.add();
  mesh.add();
  mesh.link(0, 1);
  auto map = mesh.map_of(0);
  auto hostile = mesh.member(1);
  hostile.links = {{node_number{1}, 0}, {node_number{77}, 0}, {node_number{0}, 255}, {node_number{0}, 0}};
  map.set(hostile);
  EXPECT_EQ(map.to(log_of(1), node_of(1)).distance, (wire::distance{0, 1, 1U + limits::link_cost_max}));
}

TEST_F(network_map_fixture, what_changes_no_path_keeps_them) {
  mesh.add();
  mesh.add();
  mesh.link(0, 1);
  auto map = mesh.map_of(0);
  const auto* before = &map.to(log_of(1), node_of(1));
  EXPECT_FALSE(map.set(mesh.member(1)));
  EXPECT_FALSE(map.link_up(node_of(1), 3));
  EXPECT_EQ(&map.to(log_of(1), node_of(1)), before);
}

/// Two zones of four relays, everybody linked with its zone and with one node across.
TEST_F(network_map_fixture, paths_to_logs_of_strangers_are_not_kept_without_end) {
  const auto node = mesh.add(), target = mesh.add();
  mesh.link(node, target);
  auto map = mesh.map_of(node);
  for (std::uint32_t i = 0; i <= 2 * limits::demands_max; ++i) {
    ASSERT_TRUE(map.to({node_of(1000 + i), 0}, node_of(target)).distance);
    ASSERT_LE(map.paths_kept(), limits::demands_max);
  }
}

struct zones_fixture : network_map_fixture {
  zones_fixture() {
    for (std::uint32_t i = 0; i < 8; ++i)
      mesh.add(i < 4 ? "east" : "west");
    for (std::uint32_t a = 0; a < 8; ++a)
      for (std::uint32_t b = 0; b < a; ++b)
        if (a / 4 == b / 4) mesh.link(a, b, 1);
    for (std::uint32_t i = 0; i < 4; ++i)
      mesh.link(i, i + 4, 8);
  }
  std::uint32_t crossing(std::uint32_t log) const {
    for (std::uint32_t i = 0; i < 4; ++i)
      if (path(i, log).distance->rank == 0) return i;
    return 99;
  }
};

TEST_F(zones_fixture, one_relay_of_a_zone_crosses_for_all) {
  for (std::uint32_t log = 4; log < 8; ++log)
    for (std::uint32_t from = 0; from < 4; ++from) {
      const auto hops = way(from, log);
      const auto last_here = from == crossing(log) ? 0U : 1U;
      ASSERT_EQ(hops.at(last_here), crossing(log)) << from << " to " << log;
      ASSERT_EQ(hops.back(), log);
      ASSERT_GE(hops.at(last_here + 1), 4U);
    }
}

TEST_F(zones_fixture, logs_are_spread_over_the_relays_of_a_zone) {
  std::set<std::uint32_t> who;
  for (std::uint32_t log = 4; log < 8; ++log)
    who.insert(crossing(log));
  EXPECT_GT(who.size(), 1U);
}

TEST_F(zones_fixture, another_relay_crosses_when_the_first_can_not) {
  const auto first = crossing(4);
  mesh.nodes[first].links.erase(first + 4);
  mesh.nodes[first + 4].links.erase(first);
  const auto second = crossing(4);
  EXPECT_NE(second, first);
  EXPECT_EQ(way(first, 4).at(1), second);
}

TEST_F(zones_fixture, a_node_without_its_zone_crosses_itself) {
  const auto alone = mesh.add("east", false);
  mesh.link(alone, 4);
  EXPECT_EQ(way(alone, 4), (way_of{alone, 4}));
}

TEST_F(zones_fixture, a_zone_in_two_pieces_is_reached_from_both) {
  for (const std::uint32_t a : {0, 1})
    for (const std::uint32_t b : {2, 3}) {
      mesh.nodes[a].links.erase(b);
      mesh.nodes[b].links.erase(a);
    }
  for (std::uint32_t from = 0; from < 4; ++from) {
    EXPECT_EQ(way(from, 6).back(), 6U);
    EXPECT_EQ(way(from, (from + 2) % 4).back(), (from + 2) % 4); // out of the zone and back
  }
}

struct random_mesh : ::testing::Test {
  std::uint64_t seed = test_seed();
  std::mt19937_64 random{seed};

  true_mesh draw() {
    const auto count = 2 + static_cast<std::uint32_t>(random() % 24);
    const auto zones = 1 + static_cast<std::uint32_t>(random() % 4);
    return true_mesh::random(random, count, 2 + static_cast<std::uint32_t>(random() % 4), zones, 4 + random() % 7);
  }
};

TEST_F(random_mesh, every_hop_is_nearer_and_the_log_is_reached_whenever_relays_lead_there) {
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  for (int round = 0; round < 150; ++round) {
    const auto mesh = draw();
    auto maps = mesh.maps();
    const auto target = static_cast<std::uint32_t>(random() % maps.size());
    for (std::uint32_t from = 0; from < maps.size(); ++from) {
      const auto& start = maps[from].to(log_of(target), node_of(target));
      ASSERT_EQ(start.distance.has_value(), mesh.connected(from, target)) << from << " to " << target;
      auto here = from;
      while (start.distance && here != target) {
        const auto& path = maps[here].to(log_of(target), node_of(target));
        ASSERT_FALSE(path.hops.empty()) << here << " to " << target;
        for (const auto& hop : path.hops) { // whichever is taken: it is nearer, and knows it
          ASSERT_LT(hop.distance, *path.distance);
          const auto number = mesh.number_of(hop.node);
          ASSERT_EQ(maps[number].to(log_of(target), node_of(target)).distance, hop.distance);
          ASSERT_TRUE(number == target || mesh.nodes[number].relay);
        }
        here = mesh.number_of(path.hops[random() % path.hops.size()].node);
      }
    }
  }
}

TEST_F(random_mesh, demands_never_run_in_a_circle_though_each_node_has_another_map) {
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  for (int round = 0; round < 150; ++round) {
    auto mesh = draw();
    auto maps = mesh.maps();
    for (auto& map : maps) // each knows something else of the past
      for (std::uint32_t other = 0; other < mesh.nodes.size(); ++other) {
        if (random() % 3 != 0 || node_of(other) == map.self().id) continue;
        auto old = mesh.member(other);
        if (!old.links.empty())
          old.links.erase(old.links.begin() + static_cast<std::ptrdiff_t>(random() % old.links.size()));
        for (auto& link : old.links)
          link.cost = static_cast<std::uint8_t>(random() % 10);
        if (random() % 5 == 0)
          old.links.push_back({node_number{static_cast<std::uint32_t>(random() % maps.size())}, 1});
        map.set(old);
      }
    const auto target = static_cast<std::uint32_t>(random() % maps.size());
    for (std::uint32_t from = 0; from < maps.size(); ++from) {
      std::set<std::uint32_t> passed{from};
      auto here = from;
      for (bool accepted = true; accepted && here != target;) {
        const auto& path = maps[here].to(log_of(target), node_of(target));
        accepted = false;
        for (const auto& hop : path.hops) {
          const auto number = mesh.number_of(hop.node);
          const auto own = maps[number].to(log_of(target), node_of(target)).distance;
          if (!own || *own >= *path.distance) continue; // it refuses
          accepted = true;
          here = number;
          ASSERT_TRUE(passed.insert(here).second) << "a circle through " << here;
          break;
        }
      }
    }
  }
}

TEST_F(random_mesh, each_piece_of_a_zone_leaves_it_at_one_node) {
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  for (int round = 0; round < 100; ++round) {
    auto mesh = true_mesh::random(random, 24, 6, 3, 10);
    auto maps = mesh.maps();
    const auto target = static_cast<std::uint32_t>(random() % maps.size());
    for (std::uint32_t from = 0; from < maps.size(); ++from) {
      const auto& path = maps[from].to(log_of(target), node_of(target));
      if (!path.distance || path.distance->boundaries == 0) continue;
      for (const auto& hop : path.hops) {
        const bool crosses = mesh.nodes[mesh.number_of(hop.node)].zone != mesh.nodes[from].zone;
        ASSERT_EQ(crosses, path.distance->rank == 0) << from;
      }
    }
  }
}

} // namespace
} // namespace weft::routing
