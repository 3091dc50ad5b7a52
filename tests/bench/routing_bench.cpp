// tests/bench/routing_bench.cpp: what computing paths costs in a mesh of 1,000 nodes with 8 links each, in 4 zones. 100
// of them are the targets of each round.
#include "tests/bench/figures.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <chrono>

namespace {

using namespace weft;
using namespace weft::routing;

constexpr std::uint32_t nodes = 1000;
constexpr std::uint32_t targets = 100;

double milliseconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

int main(int argc, char** argv) {
  std::mt19937_64 random(1);
  const auto mesh = true_mesh::random(random, nodes, 8, 4, 9);
  auto map = mesh.map_of(0);
  double with_graph = 1e9, search = 1e9;
  std::size_t found = 0;
  for (std::uint8_t round = 0; round < 20; ++round) {
    map.link_up(node_of(mesh.nodes[0].links.begin()->first), round); // everything is computed again
    with_graph = std::min(with_graph, milliseconds_of([&] {
                            found += map.to({node_of(1), 0}, node_of(1)).hops.size();
                          }));
    search = std::min(search, milliseconds_of([&] {
                                for (std::uint32_t i = 2; i < targets + 2; ++i)
                                  found += map.to({node_of(i), 0}, node_of(i)).hops.size();
                              }) / targets);
  }
  if (found == 0) return 1;
  bench::figures figures;
  figures.add("first target after a change", with_graph, "ms");
  figures.add("each further target", search, "ms");
  figures.print(argc, argv);
  return 0;
}
