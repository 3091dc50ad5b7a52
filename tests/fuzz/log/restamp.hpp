// tests/fuzz/log/restamp.hpp: makes the checksums of a log's files right: a checksum is no proof against somebody who
// means harm.
#pragma once
#include "mesh/base/crc32c.hpp"
#include "mesh/log/index_file.hpp"
#include "mesh/wire/little_endian.hpp"

namespace weft::log {

namespace restamp_detail {

using bytes = std::span<std::byte>;

/// The part [at, at + length) of `of`, as far as it is there.
inline bytes part(bytes of, std::uint64_t at, std::uint64_t length) {
  at = std::min<std::uint64_t>(at, of.size());
  return of.subspan(at, std::min<std::uint64_t>(length, of.size() - at));
}
template <class Integer>
Integer load(bytes from, std::size_t at) {
  return wire::load_le<Integer>(from.data() + at);
}
inline void store(bytes to, std::size_t at, std::uint32_t value) { wire::store_le(to.data() + at, value); }

inline void entry(bytes file, std::size_t at, std::uint32_t seed) {
  const auto header = file.subspan(at, limits::entry_header_bytes);
  const auto body = part(file, at + limits::entry_header_bytes, load<std::uint32_t>(header, 4));
  store(header, 12, wire::body_checksum(seed, body));
  store(header, 8, 0);
  store(header, 8, crc32c(seed, header));
}

} // namespace restamp_detail

/// Whatever may be an entry of the segment, the last first: one may lie in another's body.
inline void restamp_entries(std::span<std::byte> file, std::uint32_t seed) {
  using namespace restamp_detail;
  for (auto at = file.size() / 8 * 8; at > segment_header_bytes; at -= 8) {
    const auto from = at - 8;
    if (file.size() - from < limits::entry_header_bytes) continue;
    if (file[from] == std::byte{'W'} && file[from + 1] == std::byte{'E'}) entry(file, from, seed);
  }
}

inline void restamp_segment(std::span<std::byte> file, std::uint32_t seed) {
  restamp_entries(file, seed);
  if (file.size() >= segment_header_bytes) restamp_detail::store(file, 124, crc32c(0, file.first(124)));
}

/// The topics' lists, the six sections and the header.
inline void restamp_index(std::span<std::byte> file) {
  using namespace restamp_detail;
  if (file.size() < index_header_bytes) return;
  constexpr std::size_t directory = 1;
  constexpr std::size_t extent_bytes = 80;
  std::array<bytes, index_file::sections> sections;
  std::uint64_t offset = index_header_bytes;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    sections.at(i) = part(file, offset, load<std::uint64_t>(file, 112 + 16 * i));
    offset += sections.at(i).size();
  }
  for (auto rest = sections[directory]; rest.size() >= extent_bytes; rest = rest.subspan(extent_bytes))
    store(rest, 76, crc32c(0, part(sections.back(), load<std::uint64_t>(rest, 64), load<std::uint32_t>(rest, 72))));
  for (std::size_t i = 0; i < sections.size(); ++i)
    store(file, 112 + 16 * i + 8, crc32c(0, sections.at(i)));
  store(file, 252, crc32c(0, file.first(252)));
}

} // namespace weft::log
