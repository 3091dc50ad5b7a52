#include "mesh/log/segment_scanner.hpp"

#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {

/// The bytes from `offset`, at least so many unless the range or the file ends.
result<byte_view> segment_scanner::look(std::uint64_t offset, std::size_t at_least) {
  const auto wanted = std::min<std::uint64_t>(at_least, end_ - offset);
  if (!window_ || !window_->reaches(offset, wanted)) {
    const auto size = std::min<std::uint64_t>(std::max<std::uint64_t>(chunk_, wanted), end_ - offset);
    window_ = std::make_shared<read_window>(offset, size);
  }
  return window_->look(from_, offset, wanted);
}

result<wire::entry_header> segment_scanner::peek() {
  if (offset_ >= end_) return fail(errc::end_of_log, "the file ends");
  const auto bytes = look(offset_, limits::entry_header_bytes);
  if (!bytes) return fail(bytes.error());
  return wire::decode_header(*bytes, seed_);
}

result<wire::stored_entry> segment_scanner::next() {
  const auto header = peek();
  if (!header) return fail(header.error());
  const auto stored = header->stored_bytes();
  const auto bytes = look(offset_, stored);
  if (!bytes) return fail(bytes.error());
  if (bytes->size() < stored)
    return fail(errc::corrupt, fmt::format("an entry of {} bytes, {} are left", stored, bytes->size()));
  wire::stored_entry entry{*header, window_->share(bytes->first(stored))};
  if (wire::body_checksum(seed_, entry.body().view()) != header->body_checksum)
    return fail(errc::corrupt, "body checksum does not match");
  const auto padding = bytes->first(stored).subspan(limits::entry_header_bytes + header->body_length);
  if (std::any_of(padding.begin(), padding.end(), [](std::byte b) { return b != std::byte{0}; }))
    return fail(errc::corrupt, "padding is not zero");
  offset_ += stored;
  return entry;
}

result<std::optional<wire::entry_header>> segment_scanner::resync(seq above) {
  constexpr std::size_t step = 8; // entries begin at multiples of it
  while (offset_ < end_) {
    const auto bytes = look(offset_, limits::entry_header_bytes);
    if (!bytes) return fail(bytes.error());
    const auto view = *bytes;
    if (view.empty()) break; // the file is shorter than it was
    // A header at the very end of the buffer is looked at again with more behind it.
    const auto whole =
        view.size() >= limits::entry_header_bytes ? view.size() - limits::entry_header_bytes + 1 : view.size();
    std::size_t at = 0;
    for (; at < whole; at += step) {
      if (view.size() - at >= step && wire::load_le<std::uint64_t>(view.data() + at) == 0) continue;
      nonzero_until_ = offset_ + at + step;
      if (view[at] != std::byte{'W'}) continue;
      const auto header = wire::decode_header(view.subspan(at), seed_);
      if (!header || header->first_seq <= above) continue;
      offset_ += at;
      return *header;
    }
    offset_ += at;
  }
  offset_ = end_;
  return std::optional<wire::entry_header>{};
}

} // namespace weft::log
