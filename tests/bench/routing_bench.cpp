// tests/bench/routing_bench.cpp: what computing paths costs in a mesh of 1,000 nodes with 8 links each, in 4 zones, 100
// of which are the targets of each round; and what a source makes of its log for filters that pass 1 % of the events.
#include "mesh/base/limits.hpp"
#include "mesh/routing/run_filter.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/entry.hpp"
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

constexpr std::size_t value_bytes = 100;
constexpr std::size_t one_in = 100; // events that the filters pass

/// A piece of a log as it lies in a segment: entries full of small events.
struct piece_of_log {
  log_id id{};
  epoch opening{1, 7};
  shared_bytes bytes;
  std::uint64_t events = 0;

  explicit piece_of_log(std::size_t entries) {
    const std::string value(value_bytes, 'v');
    const auto seed = wire::checksum_seed(id, opening);
    std::vector<std::byte> all;
    for (std::size_t entry = 0; entry < entries; ++entry) {
      wire::batch_builder builder("retail.orders", producer_id{7}, wire::codec::none);
      for (std::size_t i = 0; !builder.full(); ++i)
        if (!builder.add({.type = i % one_in == 0 ? "OrderCancelled" : "OrderPlaced",
                          .key = as_bytes(fmt::format("order-{}", i % one_in)),
                          .value = as_bytes(value)}))
          break;
      append(builder, seed, all);
    }
    bytes = shared_bytes::take(std::move(all));
  }

private:
  void append(wire::batch_builder& builder, std::uint32_t seed, std::vector<std::byte>& all) {
    wire::entry_header header;
    header.count = static_cast<std::uint32_t>(builder.count());
    header.first_seq = seq{events};
    header.epoch = opening;
    const auto batch = builder.seal(events);
    header.body_length = static_cast<std::uint32_t>(batch.size());
    header.body_checksum = wire::body_checksum(seed, batch.view());
    events += header.count;
    const auto at = all.size();
    all.resize(at + header.stored_bytes());
    wire::encode(header, seed, std::span(all).subspan(at).first<limits::entry_header_bytes>());
    std::copy(batch.view().begin(), batch.view().end(),
              all.begin() + static_cast<std::ptrdiff_t>(at + limits::entry_header_bytes));
  }
};

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

/// Its entries, with their checksums looked at.
log::read_result read(const piece_of_log& piece) {
  log::read_result read;
  read.epoch = piece.opening;
  wire::entry_walker walker(piece.bytes, wire::checksum_seed(piece.id, piece.opening));
  for (auto entry = walker.next(); entry; entry = walker.next())
    read.entries.push_back(std::move(*entry));
  return read;
}

/// Read and filtered, on one core.
void add_filter(bench::figures& figures, const piece_of_log& piece, const std::string& what,
                const wire::event_filter& filter) {
  const auto events = static_cast<double>(piece.events);
  std::size_t sent = 0, rounds = 0;
  const double limit = rounds_per_s([&] { static_cast<void>(read(piece)); });
  const double filtered = rounds_per_s([&] {
    sent += make_run(read(piece), filter, piece.id).value().bytes.size();
    ++rounds;
  });
  figures.add(fmt::format("a filter by {} that passes 1 % of {} B events, scanned by one core", what, value_bytes),
              filtered * events, "events/s", limit * events, "the same bytes, only their checksums");
  figures.add(fmt::format("a filter by {} that passes 1 % of {} B events, bytes of the log that are not sent", what,
                          value_bytes),
              100 - 100 * static_cast<double>(sent) / static_cast<double>(piece.bytes.size() * rounds), "%");
}

void add_filters(bench::figures& figures) {
  const piece_of_log piece(8);
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
