// tests/mesh/routing/mesh_of_nodes.hpp: a small mesh whose nodes each have a map of it.
#pragma once
#include "mesh/routing/network_map.hpp"

#include <fmt/format.h>
#include <random>
#include <set>

namespace weft::routing {

inline node_id node_of(std::uint32_t number) {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < 4; ++i) // spread, as real ids are
    bytes[i] = static_cast<std::uint8_t>((number * 2'654'435'761U) >> (8 * i));
  bytes[31] = static_cast<std::uint8_t>(number);
  bytes[30] = static_cast<std::uint8_t>(number >> 8U);
  return node_id{bytes};
}

/// What is so: who has which zone, role and links.
struct true_mesh {
  struct one {
    std::string zone;
    bool relay = true;
    std::map<std::uint32_t, std::uint8_t> links; // both ends
  };
  std::vector<one> nodes;

  std::uint32_t add(std::string zone = {}, bool relay = true) {
    nodes.push_back({std::move(zone), relay, {}});
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }
  void link(std::uint32_t a, std::uint32_t b, std::uint8_t cost = 3) {
    if (a == b) return;
    nodes[a].links[b] = cost;
    nodes[b].links[a] = cost;
  }
  [[nodiscard]] network_map::member member(std::uint32_t number) const {
    network_map::member made{node_of(number), node_number{number}, nodes[number].zone, nodes[number].relay, {}};
    for (const auto& [to, cost] : nodes[number].links)
      made.links.push_back({node_number{to}, cost});
    return made;
  }
  /// The map that a node has when all records came.
  [[nodiscard]] network_map map_of(std::uint32_t number) const {
    network_map map(member(number));
    for (std::uint32_t other = 0; other < nodes.size(); ++other)
      if (other != number) map.set(member(other));
    for (const auto& [to, cost] : nodes[number].links)
      map.link_up(node_of(to), cost);
    return map;
  }
  [[nodiscard]] std::vector<network_map> maps() const {
    std::vector<network_map> made;
    for (std::uint32_t number = 0; number < nodes.size(); ++number)
      made.push_back(map_of(number));
    return made;
  }
  /// Whether a path over relays leads there.
  [[nodiscard]] bool connected(std::uint32_t from, std::uint32_t to) const {
    std::set<std::uint32_t> seen{from};
    std::vector<std::uint32_t> waiting{from};
    while (!waiting.empty()) {
      const auto here = waiting.back();
      waiting.pop_back();
      if (here == to) return true;
      if (here != from && !nodes[here].relay) continue;
      for (const auto& [next, cost] : nodes[here].links)
        if (seen.insert(next).second) waiting.push_back(next);
    }
    return false;
  }
  [[nodiscard]] std::uint32_t number_of(const node_id& id) const {
    for (std::uint32_t number = 0; number < nodes.size(); ++number)
      if (node_of(number) == id) return number;
    return ~0U;
  }

  /// @param zones  1: no zones
  static true_mesh random(std::mt19937_64& random, std::uint32_t count, std::uint32_t links, std::uint32_t zones,
                          std::uint64_t relays_in_ten) {
    true_mesh mesh;
    for (std::uint32_t i = 0; i < count; ++i)
      mesh.add(zones == 1 ? "" : fmt::format("z{}", random() % zones), random() % 10 < relays_in_ten);
    for (std::uint32_t i = 0; i < count * links / 2; ++i)
      mesh.link(static_cast<std::uint32_t>(random() % count), static_cast<std::uint32_t>(random() % count),
                static_cast<std::uint8_t>(random() % 10));
    return mesh;
  }
};

} // namespace weft::routing
