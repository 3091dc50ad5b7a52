#include "mesh/wire/entry_extract.hpp"

#include "mesh/wire/event_filter.hpp"

#include <algorithm>

namespace weft::wire {

result<shared_bytes> extract_of(const stored_entry& entry, const batch_view& batch,
                                std::span<const std::uint16_t> chosen, std::uint32_t seed) {
  if (chosen.size() == batch.count()) return entry.bytes;
  auto extract = make_extract(batch, chosen);
  if (!extract) return fail(std::move(extract.error()));
  auto header = entry.header;
  header.flags = header.flags | entry_flags::extract;
  header.body_length = static_cast<std::uint32_t>(extract->size());
  header.body_checksum = body_checksum(seed, extract->view());
  std::vector<std::byte> bytes(header.stored_bytes());
  encode(header, seed, std::span(bytes).first<limits::entry_header_bytes>());
  std::copy(extract->view().begin(), extract->view().end(), bytes.begin() + limits::entry_header_bytes);
  return shared_bytes::take(std::move(bytes));
}

shared_bytes join(const std::vector<shared_bytes>& pieces) {
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

} // namespace weft::wire
