// mesh/wire/entry.hpp: a batch in a log: the header that the log gives it, and runs of such entries.
#pragma once
#include "mesh/base/hlc.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"
#include "mesh/wire/batch_view.hpp"

#include <array>
#include <span>

namespace weft::wire {

enum class entry_flags : std::uint16_t {
  none = 0,
  extract = 1U << 0U,     ///< the body is an extract
  group_begin = 1U << 1U, ///< first entry of an atomic group
  group_end = 1U << 2U,   ///< last entry of an atomic group
  in_group = 1U << 3U,    ///< part of an atomic group
};
[[nodiscard]] constexpr entry_flags operator|(entry_flags a, entry_flags b) noexcept {
  return entry_flags(std::uint16_t(a) | std::uint16_t(b));
}
[[nodiscard]] constexpr bool has(entry_flags set, entry_flags flag) noexcept {
  return (std::uint16_t(set) & std::uint16_t(flag)) != 0;
}

/// What the log assigns to a batch. 64 bytes, little-endian:
///
///     0  magic "WE" 2 | version 1 | header length 1 | body length 4
///     8  header checksum 4            | body checksum 4
///    16  epoch 8
///    24  first seq 8
///    32  first topic offset 8
///    40  append HLC 8
///    48  unsynced 4                   | topic id 4
///    56  count 4                      | flags 2 | spare 2
///
/// `count` is how many seqs the entry covers: for an extract those of the original entry. The header checksum covers
/// the header with itself as zero. Both checksums are crc32c seeded with (log, epoch); the body's covers the batch
/// without padding.
struct entry_header {
  std::uint32_t body_length = 0; ///< bytes of the batch, without the padding to 8
  std::uint32_t body_checksum = 0;
  weft::epoch epoch;
  seq first_seq;
  topic_offset first_offset;
  hlc appended;
  std::uint32_t unsynced = 0; ///< distance from first_seq back to the first seq not yet synced when this was written
  topic_id topic;
  std::uint32_t count = 0;
  entry_flags flags = entry_flags::none;

  [[nodiscard]] seq end_seq() const noexcept { return first_seq + count; }
  /// Bytes that the entry takes on disk and in runs: header, batch, padding to 8.
  [[nodiscard]] std::size_t stored_bytes() const noexcept {
    return limits::entry_header_bytes + ((std::size_t{body_length} + 7) & ~std::size_t{7});
  }
  friend bool operator==(const entry_header&, const entry_header&) = default;
};

/// The seed of all checksums of one epoch of a log.
[[nodiscard]] std::uint32_t checksum_seed(const log_id& log, epoch opening) noexcept;
[[nodiscard]] std::uint32_t body_checksum(std::uint32_t seed, byte_view batch) noexcept;

/// Writes the 64 bytes with their checksum.
void encode(const entry_header& header, std::uint32_t seed,
            std::span<std::byte, limits::entry_header_bytes> into) noexcept;

/// Reads a header and checks its checksum, version and bounds (body at most limits::batch_bytes_max, count at least 1).
/// @error errc::corrupt        not an entry of this log and epoch, or damaged
/// @error errc::version_newer  valid, but of a later format version
[[nodiscard]] result<entry_header> decode_header(byte_view bytes, std::uint32_t seed);

/// One entry inside bytes that hold many.
struct stored_entry {
  entry_header header;
  shared_bytes bytes; ///< header, batch and padding
  [[nodiscard]] shared_bytes body() const noexcept {
    return bytes.slice(limits::entry_header_bytes, header.body_length);
  }
};

/// Walks the entries of a run or of a piece of a segment. Stops at the first that is not valid.
class entry_walker {
public:
  /// `bytes` start 8-aligned at an entry's header.
  entry_walker(shared_bytes bytes, std::uint32_t seed) noexcept : bytes_(std::move(bytes)), seed_(seed) {}

  /// The next entry, header and body checksums checked.
  /// @error errc::end_of_log  no bytes left   @error errc::corrupt  with the offset of the entry
  [[nodiscard]] result<stored_entry> next();
  /// Where the next entry would start.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

private:
  shared_bytes bytes_;
  std::uint32_t seed_;
  std::size_t offset_ = 0;
};

} // namespace weft::wire
