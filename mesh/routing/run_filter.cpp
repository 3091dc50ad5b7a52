#include "mesh/routing/run_filter.hpp"

namespace weft::routing {
namespace {

/// The entry with only the chosen events, under a header that keeps its positions.
result<shared_bytes> extract_entry(const wire::stored_entry& entry, const wire::batch_view& batch,
                                   const std::vector<std::uint16_t>& chosen, std::uint32_t seed) {
  auto extract = wire::make_extract(batch, chosen);
  if (!extract) return fail(std::move(extract.error()));
  auto header = entry.header;
  header.flags = header.flags | wire::entry_flags::extract;
  header.body_length = static_cast<std::uint32_t>(extract->size());
  header.body_checksum = wire::body_checksum(seed, extract->view());
  std::vector<std::byte> bytes(header.stored_bytes());
  wire::encode(header, seed, std::span(bytes).first<limits::entry_header_bytes>());
  std::copy(extract->view().begin(), extract->view().end(), bytes.begin() + limits::entry_header_bytes);
  return shared_bytes::take(std::move(bytes));
}

/// One piece as it is, several behind each other: the one copy that filtering costs.
shared_bytes gather(const std::vector<shared_bytes>& pieces) {
  if (pieces.empty()) return {};
  if (pieces.size() == 1) return pieces.front();
  std::size_t size = 0;
  for (const auto& piece : pieces)
    size += piece.size();
  std::vector<std::byte> all;
  all.reserve(size);
  for (const auto& piece : pieces)
    all.insert(all.end(), piece.view().begin(), piece.view().end());
  return shared_bytes::take(std::move(all));
}

} // namespace

result<run_content> make_run(const log::read_result& read, const wire::event_filter& filter, const log_id& log) {
  run_content content;
  if (filter.passes_all()) {
    for (const auto& entry : read.entries)
      content.events += entry.header.count;
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
    if (chosen->size() == batch.count()) {
      pieces.push_back(entry.bytes);
      continue;
    }
    auto piece = extract_entry(entry, batch, *chosen, seed);
    if (!piece) return fail(std::move(piece.error()));
    pieces.push_back(std::move(*piece));
  }
  content.bytes = gather(pieces);
  return content;
}

} // namespace weft::routing
