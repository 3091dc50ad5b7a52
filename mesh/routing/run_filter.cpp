#include "mesh/routing/run_filter.hpp"

#include "mesh/wire/entry_extract.hpp"

namespace weft::routing {

result<run_content> make_run(const log::read_result& read, const wire::event_filter& filter, const log_id& log) {
  run_content content;
  if (filter.passes_all()) {
    for (const auto& entry : read.entries) // one that was compacted has fewer than it covers
      content.events += has(entry.header.flags, wire::entry_flags::extract)
                            ? wire::batch_view::trusted(entry.body()).count()
                            : entry.header.count;
    if (!read.entries.empty()) content.bytes = read.run();
    return content;
  }
  const auto seed = wire::checksum_seed(log, read.epoch);
  std::vector<shared_bytes> pieces;
  for (const auto& entry : read.entries) {
    const auto batch = wire::batch_view::trusted(entry.body());
    const auto chosen = wire::select(batch, filter);
    if (!chosen) return fail(chosen.error());
    content.events += chosen->size();
    if (chosen->empty()) continue;
    auto piece = wire::extract_of(entry, batch, *chosen, seed);
    if (!piece) return fail(std::move(piece.error()));
    pieces.push_back(std::move(*piece));
  }
  content.bytes = wire::join(pieces);
  return content;
}

} // namespace weft::routing
