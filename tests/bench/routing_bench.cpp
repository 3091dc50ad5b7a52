// tests/bench/routing_bench.cpp: what computing paths costs in a mesh of 1,000 nodes with 8 links each, in 4 zones, 100
// of which are the targets of each round; and what a source makes of its log for filters that pass 1 % of the events.
#include "mesh/base/limits.hpp"
#include "mesh/routing/run_filter.hpp"
#include "tests/bench/figures.hpp"
#include "tests/mesh/log/piece_of_log.hpp"
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

constexpr std::size_t value_bytes = 100;
constexpr std::size_t one_in = 100; // events that the filters pass

/// Entries full of small events.
log::piece_of_log small_events(std::size_t entries) {
  const std::string value(value_bytes, 'v');
  log::piece_of_log piece;
  for (std::size_t entry = 0; entry < entries; ++entry) {
    wire::batch_builder builder("retail.orders", producer_id{7}, wire::codec::none);
    for (std::size_t i = 0; !builder.full(); ++i)
      if (!builder.add({.type = i % one_in == 0 ? "OrderCancelled" : "OrderPlaced",
                        .key = as_bytes(fmt::format("order-{}", i % one_in)),
                        .value = as_bytes(value)}))
        break;
    piece.append(builder);
  }
  return piece;
}

/// Rounds a second of what one core does for a second.
double rounds_per_s(const std::function<void()>& round) {
  const auto began = std::chrono::steady_clock::now();
  double seconds = 0;
  std::size_t rounds = 0;
  for (; seconds < 1; ++rounds) {
    round();
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }
  return static_cast<double>(rounds) / seconds;
}

/// Read and filtered, on one core.
void add_filter(bench::figures& figures, const log::piece_of_log& piece, const std::string& what,
                const wire::event_filter& filter) {
  const auto events = static_cast<double>(piece.events());
  std::size_t sent = 0, rounds = 0;
  const double limit = rounds_per_s([&] { static_cast<void>(piece.read()); });
  const double filtered = rounds_per_s([&] {
    sent += make_run(piece.read(), filter, piece.id).value().bytes.size();
    ++rounds;
  });
  figures.add(fmt::format("a filter by {} that passes 1 % of {} B events, scanned by one core", what, value_bytes),
              filtered * events, "events/s", limit * events, "the same bytes, only their checksums");
  figures.add(fmt::format("a filter by {} that passes 1 % of {} B events, bytes of the log that are not sent", what,
                          value_bytes),
              100 - 100 * static_cast<double>(sent) / static_cast<double>(piece.size() * rounds), "%");
}

void add_filters(bench::figures& figures) {
  const auto piece = small_events(8);
  wire::event_filter by_type, by_key;
  by_type.types = {"OrderCancelled"};
  by_key.key = "order-7";
  add_filter(figures, piece, "type", by_type);
  add_filter(figures, piece, "key", by_key);
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
  add_filters(figures);
  figures.print(argc, argv);
  return 0;
}
