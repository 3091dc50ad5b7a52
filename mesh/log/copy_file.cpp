#include "mesh/log/copy_file.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/crc32c.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/log/coding.hpp"

#include <algorithm>
#include <array>

namespace weft::log {
namespace {

constexpr std::string_view magic{"WEFTCPY\0", 8};
constexpr std::uint16_t version_written = 1;
constexpr std::size_t header_bytes = 128;
constexpr std::size_t at_checksum = 124;
constexpr std::uint8_t segment_change = 1, had_change = 2;
constexpr std::uint32_t all_parts = UINT32_MAX;

// --- writing

void put_text(byte_writer& to, std::string_view text) {
  to.put_varint(text.size());
  to.put_bytes(as_bytes(text));
}

void put_segment(byte_writer& to, const copy_segment& segment) {
  to.put(segment.epoch.value());
  to.put(segment.first.value());
  to.put(segment.end.value());
  to.put(segment.used);
}

void put_change(byte_writer& to, const copy_change& change) {
  if (const auto* const segment = std::get_if<copy_segment>(&change)) {
    to.put(segment_change);
    put_segment(to, *segment);
    return;
  }
  const auto& had = std::get<copy_had>(change);
  to.put(had_change);
  to.put(had.part.value_or(all_parts));
  to.put(had.epoch.value());
  to.put(had.from.value());
  to.put(had.until.value());
  to.put(had.time.value());
}

std::vector<std::byte> encode_snapshot(const copy_state& state) {
  byte_writer to;
  to.put(state.next_part);
  to.put_varint(state.parts.size());
  for (const auto& part : state.parts) {
    to.put(part.id);
    to.put_varint(part.topics.size());
    for (const auto& topic : part.topics)
      put_text(to, topic);
    to.put_varint(part.had.size());
    for (const auto& [epoch, had] : part.had) {
      to.put(epoch.value());
      to.put_varint(had.ranges().size());
      for (const auto& range : had.ranges()) {
        to.put(range.from.value());
        to.put(range.until.value());
      }
    }
  }
  to.put_varint(state.segments.size());
  for (const auto& [at, segment] : state.segments)
    put_segment(to, segment);
  to.put_varint(state.starts.size());
  for (const auto& [topic, start] : state.starts) {
    put_text(to, topic);
    to.put(start.offset.value());
    to.put(start.at.epoch.value());
    to.put(start.at.seq.value());
  }
  to.put_varint(state.times.size());
  for (const auto& [epoch, time] : state.times) {
    to.put(epoch.value());
    to.put(time.value());
  }
  return to.take();
}

// --- reading

/// A count that cannot be more than the bytes left, so that what is damaged takes no memory.
std::uint64_t get_count(byte_reader& from) { return std::min<std::uint64_t>(from.get_varint(), from.left()); }

std::string get_text(byte_reader& from) { return std::string(as_text(from.get_bytes(get_count(from)))); }

copy_segment get_segment(byte_reader& from) {
  copy_segment segment;
  segment.epoch = weft::epoch{from.get<std::uint64_t>()};
  segment.first = seq{from.get<std::uint64_t>()};
  segment.end = seq{from.get<std::uint64_t>()};
  segment.used = from.get<std::uint64_t>();
  return segment;
}

copy_part get_part(byte_reader& from) {
  copy_part part;
  part.id = from.get<std::uint32_t>();
  for (auto left = get_count(from); left > 0 && from.ok(); --left)
    part.topics.push_back(get_text(from));
  for (auto left = get_count(from); left > 0 && from.ok(); --left) {
    auto& had = part.had[weft::epoch{from.get<std::uint64_t>()}];
    for (auto ranges = get_count(from); ranges > 0 && from.ok(); --ranges) {
      const seq begin{from.get<std::uint64_t>()};
      had.add(begin, seq{from.get<std::uint64_t>()});
    }
  }
  return part;
}

std::optional<copy_state> decode_snapshot(byte_view bytes) {
  byte_reader from(bytes);
  copy_state state;
  state.next_part = from.get<std::uint32_t>();
  for (auto left = get_count(from); left > 0 && from.ok(); --left)
    state.parts.push_back(get_part(from));
  for (auto left = get_count(from); left > 0 && from.ok(); --left)
    state.apply(get_segment(from));
  for (auto left = get_count(from); left > 0 && from.ok(); --left) {
    auto& start = state.starts[get_text(from)];
    start.offset = topic_offset{from.get<std::uint64_t>()};
    start.at.epoch = weft::epoch{from.get<std::uint64_t>()};
    start.at.seq = seq{from.get<std::uint64_t>()};
  }
  for (auto left = get_count(from); left > 0 && from.ok(); --left) {
    const weft::epoch epoch{from.get<std::uint64_t>()};
    state.times[epoch] = hlc{from.get<std::uint64_t>()};
  }
  if (!from.ok() || from.left() != 0) return std::nullopt;
  return state;
}

/// @returns whether all of the group was understood
bool apply_group(byte_view group, copy_state& state) {
  byte_reader from(group);
  while (from.left() > 0 && from.ok()) {
    const auto kind = from.get<std::uint8_t>();
    if (kind == segment_change) {
      state.apply(get_segment(from));
      continue;
    }
    if (kind != had_change) return false;
    copy_had had;
    if (const auto part = from.get<std::uint32_t>(); part != all_parts) had.part = part;
    had.epoch = weft::epoch{from.get<std::uint64_t>()};
    had.from = seq{from.get<std::uint64_t>()};
    had.until = seq{from.get<std::uint64_t>()};
    had.time = hlc{from.get<std::uint64_t>()};
    state.apply(had);
  }
  return from.ok();
}

std::array<std::byte, header_bytes> encode_header(const log_id& log, byte_view snapshot) {
  byte_writer to;
  to.put_bytes(as_bytes(magic));
  to.put(version_written);
  to.put(static_cast<std::uint16_t>(header_bytes));
  to.put(std::uint32_t{0});
  to.put_bytes(std::as_bytes(std::span(log.node.bytes())));
  to.put(log.ordinal);
  to.put(std::uint32_t{0});
  to.put(std::uint64_t{snapshot.size()});
  to.put(crc32c(0, snapshot));
  std::array<std::byte, header_bytes> header{};
  std::copy(to.view().begin(), to.view().end(), header.begin());
  wire::store_le(header.data() + at_checksum, crc32c(0, byte_view(header).first(at_checksum)));
  return header;
}

} // namespace

std::string copy_file_path(const std::string& log_folder) { return log_folder + "/copy"; }

result<copy_state> copy_file::load(disk& from, const std::string& path, const log_id& log) {
  const auto content = read_file(from, path, limits::copy_state_bytes_max);
  if (!content) return fail(content.error());
  const byte_view bytes(*content);
  const auto damaged = [&](std::string_view what) { return fail(errc::corrupt, path + ": " + std::string(what)); };
  if (bytes.size() < header_bytes || as_text(bytes.first(magic.size())) != magic ||
      crc32c(0, bytes.first(at_checksum)) != wire::load_le<std::uint32_t>(bytes.data() + at_checksum))
    return damaged("the header is damaged");
  if (wire::load_le<std::uint16_t>(bytes.data() + 8) != version_written)
    return fail(errc::version_newer, path + ": of a later format version: use the newer Weft");
  const auto length = wire::load_le<std::uint64_t>(bytes.data() + 56);
  if (length > bytes.size() - header_bytes) return damaged("it is too short");
  const auto snapshot = bytes.subspan(header_bytes, length);
  const auto right = encode_header(log, snapshot);
  if (!std::equal(right.begin(), right.end(), bytes.begin()))
    return damaged("it is another log's, or its snapshot is damaged");
  auto state = decode_snapshot(snapshot);
  if (!state) return damaged("its snapshot is damaged");
  for (auto rest = bytes.subspan(header_bytes + length); rest.size() >= 8;) {
    const auto size = wire::load_le<std::uint32_t>(rest.data());
    if (size == 0 || size > rest.size() - 8) break;
    const auto group = rest.subspan(8, size);
    if (crc32c(0, group) != wire::load_le<std::uint32_t>(rest.data() + 4) || !apply_group(group, *state)) break;
    rest = rest.subspan(8 + size);
  }
  return std::move(*state);
}

result<void> copy_file::write(const copy_state& state) {
  file_.reset();
  const auto snapshot = encode_snapshot(state);
  if (snapshot.size() + header_bytes > limits::copy_state_bytes_max / 2)
    return fail(errc::too_large, path_ + ": the copy has too many ranges, topics or segments");
  const auto header = encode_header(log_, snapshot);
  std::vector<std::byte> content(header.begin(), header.end());
  content.insert(content.end(), snapshot.begin(), snapshot.end());
  if (auto done = write_file_durably(disk_, path_, content); !done) return done;
  auto opened = disk_.open(path_, open_mode::read_write);
  if (!opened) return fail(std::move(opened.error()));
  file_ = std::move(*opened);
  snapshot_ = size_ = content.size();
  return {};
}

result<void> copy_file::append(const std::vector<copy_change>& changes) {
  WEFT_ASSERT(file_ != nullptr);
  byte_writer group;
  for (const auto& change : changes)
    put_change(group, change);
  byte_writer whole;
  whole.put(static_cast<std::uint32_t>(group.size()));
  whole.put(crc32c(0, group.view()));
  whole.put_bytes(group.view());
  if (auto done = file_->write_at(size_, whole.view()); !done) return done;
  if (auto done = file_->sync(); !done) return fail(errc::not_synced, done.error().message());
  size_ += whole.size();
  return {};
}

bool copy_file::long_enough() const noexcept {
  return size_ - snapshot_ > std::max<std::uint64_t>(limits::copy_changes_bytes, snapshot_);
}

} // namespace weft::log
