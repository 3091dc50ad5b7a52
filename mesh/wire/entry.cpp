#include "mesh/wire/entry.hpp"

#include "mesh/wire/entry_glance.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::wire {
namespace {

constexpr std::array<std::byte, 2> magic{std::byte{'W'}, std::byte{'E'}};
constexpr std::uint8_t version_written = 1;

/// Where each field lies; the picture is in the header file.
namespace at {
constexpr std::size_t version = 2;
constexpr std::size_t header_length = 3;
constexpr std::size_t body_length = 4;
constexpr std::size_t header_checksum = 8;
constexpr std::size_t body_checksum = 12;
constexpr std::size_t epoch = 16;
constexpr std::size_t first_seq = 24;
constexpr std::size_t first_offset = 32;
constexpr std::size_t appended = 40;
constexpr std::size_t unsynced = 48;
constexpr std::size_t topic = 52;
constexpr std::size_t count = 56;
constexpr std::size_t flags = 60;
constexpr std::size_t spare = 62;
} // namespace at

/// The checksum of a header of any version and length, its own field taken as zero.
std::uint32_t header_checksum(byte_view header, std::uint32_t seed) noexcept {
  constexpr std::array<std::byte, 4> zero{};
  const auto before = crc32c(seed, header.first(at::header_checksum));
  return crc32c(crc32c(before, zero), header.subspan(at::header_checksum + zero.size()));
}

entry_header read_fields(const std::byte* from) noexcept {
  entry_header header;
  header.body_length = load_le<std::uint32_t>(from + at::body_length);
  header.body_checksum = load_le<std::uint32_t>(from + at::body_checksum);
  header.epoch = epoch{load_le<std::uint64_t>(from + at::epoch)};
  header.first_seq = seq{load_le<std::uint64_t>(from + at::first_seq)};
  header.first_offset = topic_offset{load_le<std::uint64_t>(from + at::first_offset)};
  header.appended = hlc{load_le<std::uint64_t>(from + at::appended)};
  header.unsynced = load_le<std::uint32_t>(from + at::unsynced);
  header.topic = topic_id{load_le<std::uint32_t>(from + at::topic)};
  header.count = load_le<std::uint32_t>(from + at::count);
  header.flags = entry_flags{load_le<std::uint16_t>(from + at::flags)};
  return header;
}

/// What holds in every header that a log wrote, so that sums of its fields can't overflow later.
result<void> check_bounds(const entry_header& header) {
  if (header.body_length == 0 || header.body_length > limits::batch_bytes_max)
    return fail(errc::corrupt, fmt::format("entry header: a body of {} bytes, not 1 to {}", header.body_length,
                                           limits::batch_bytes_max));
  if (header.count == 0 || header.count > limits::batch_events_max)
    return fail(errc::corrupt,
                fmt::format("entry header: {} events, not 1 to {}", header.count, limits::batch_events_max));
  if (header.first_seq.value() > UINT64_MAX - header.count || header.first_offset.value() > UINT64_MAX - header.count)
    return fail(errc::corrupt, fmt::format("entry header: {} events at seq {}, topic offset {} go past 64 bits",
                                           header.count, header.first_seq.value(), header.first_offset.value()));
  if (header.unsynced > header.first_seq.value())
    return fail(errc::corrupt, fmt::format("entry header: unsynced {} reaches below seq 0 from seq {}", header.unsynced,
                                           header.first_seq.value()));
  return {};
}

} // namespace

std::uint32_t checksum_seed(const log_id& log, epoch opening) noexcept {
  std::array<std::byte, 32 + 4 + 8> bytes{};
  std::memcpy(bytes.data(), log.node.bytes().data(), 32);
  store_le(bytes.data() + 32, log.ordinal);
  store_le(bytes.data() + 36, opening.value());
  return crc32c(0, bytes);
}

std::uint32_t body_checksum(std::uint32_t seed, byte_view batch) noexcept { return crc32c(seed, batch); }

void encode(const entry_header& header, std::uint32_t seed,
            std::span<std::byte, limits::entry_header_bytes> into) noexcept {
  auto* const to = into.data();
  std::copy(magic.begin(), magic.end(), to);
  to[at::version] = std::byte{version_written};
  to[at::header_length] = std::byte{limits::entry_header_bytes};
  store_le(to + at::body_length, header.body_length);
  store_le(to + at::body_checksum, header.body_checksum);
  store_le(to + at::epoch, header.epoch.value());
  store_le(to + at::first_seq, header.first_seq.value());
  store_le(to + at::first_offset, header.first_offset.value());
  store_le(to + at::appended, header.appended.value());
  store_le(to + at::unsynced, header.unsynced);
  store_le(to + at::topic, header.topic.value());
  store_le(to + at::count, header.count);
  store_le(to + at::flags, static_cast<std::uint16_t>(header.flags));
  store_le(to + at::spare, std::uint16_t{0});
  store_le(to + at::header_checksum, header_checksum(into, seed));
}

result<entry_header> decode_header(byte_view bytes, std::uint32_t seed) {
  if (bytes.size() < limits::entry_header_bytes)
    return fail(errc::corrupt,
                fmt::format("entry header: {} bytes left, a header has {}", bytes.size(), limits::entry_header_bytes));
  if (!std::equal(magic.begin(), magic.end(), bytes.begin()))
    return fail(errc::corrupt, "entry header: does not start with WE");
  const auto version = std::to_integer<std::uint8_t>(bytes[at::version]);
  const auto length = std::to_integer<std::size_t>(bytes[at::header_length]);
  if (length < limits::entry_header_bytes || length > bytes.size())
    return fail(errc::corrupt, fmt::format("entry header: its length is said to be {}", length));
  if (header_checksum(bytes.first(length), seed) != load_le<std::uint32_t>(bytes.data() + at::header_checksum))
    return fail(errc::corrupt, "entry header: checksum does not match: damaged, or of another log or epoch");
  if (version > version_written)
    return fail(errc::version_newer, fmt::format("entry header: format version {}, this build reads up to {}: upgrade",
                                                 version, version_written));
  if (version == 0 || length != limits::entry_header_bytes)
    return fail(errc::corrupt, fmt::format("entry header: version {} with length {}", version, length));
  const auto header = read_fields(bytes.data());
  if (auto within = check_bounds(header); !within) return fail(std::move(within.error()));
  return header;
}

std::optional<entry_header> glance_at(byte_view bytes) noexcept {
  if (bytes.size() < limits::entry_header_bytes || !std::equal(magic.begin(), magic.end(), bytes.begin()))
    return std::nullopt;
  const auto header = read_fields(bytes.data());
  if (header.stored_bytes() > bytes.size()) return std::nullopt;
  return header;
}

result<stored_entry> entry_walker::next() {
  const auto left = bytes_.size() - offset_;
  if (left == 0) return fail(errc::end_of_log, "no entry left");
  const auto place = [&] { return fmt::format("entry at byte {}", offset_); };

  const auto header = decode_header(bytes_.view().subspan(offset_), seed_);
  if (!header) return fail(header.error().within(place()));
  const auto stored = header->stored_bytes();
  if (stored > left)
    return fail(errc::corrupt, fmt::format("{}: {} bytes are needed, {} are left", place(), stored, left));
  stored_entry entry{*header, bytes_.slice(offset_, stored)};
  if (body_checksum(seed_, entry.body().view()) != header->body_checksum)
    return fail(errc::corrupt, fmt::format("{}: body checksum does not match: the batch is damaged", place()));
  offset_ += stored;
  return entry;
}

} // namespace weft::wire
