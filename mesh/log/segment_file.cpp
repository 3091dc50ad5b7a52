#include "mesh/log/segment_file.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace weft::log {
namespace {

using wire::load_le;
using wire::store_le;

constexpr std::string_view magic{"WEFTSEG\0", 8};
constexpr std::uint16_t version_written = 1;
constexpr std::uint32_t flag_recycled = 1;
constexpr std::uint32_t flag_cleaned = 2;
constexpr std::uint32_t flag_taken_back = 4;
constexpr std::size_t digits = 20; // every seq, so that names sort as numbers
constexpr std::string_view segment_suffix = ".seg";
constexpr std::string_view index_suffix = ".idx";

namespace at {
constexpr std::size_t version = 8;
constexpr std::size_t length = 10;
constexpr std::size_t flags = 12;
constexpr std::size_t node = 16;
constexpr std::size_t ordinal = 48;
constexpr std::size_t epoch = 56;
constexpr std::size_t first = 64;
constexpr std::size_t end = 72;
constexpr std::size_t bytes = 80;
constexpr std::size_t checksum = 124;
} // namespace at

std::optional<seq> parse_name(std::string_view name, std::string_view suffix) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + digits, value);
  if (problem != std::errc{} || end != name.data() + digits) return std::nullopt;
  return seq{value};
}

} // namespace

void encode(const segment_header& header, std::span<std::byte, segment_header_bytes> into) noexcept {
  auto* const to = into.data();
  std::fill(into.begin(), into.end(), std::byte{0});
  std::memcpy(to, magic.data(), magic.size());
  store_le(to + at::version, version_written);
  store_le(to + at::length, static_cast<std::uint16_t>(segment_header_bytes));
  store_le(to + at::flags, (header.recycled ? flag_recycled : 0U) |
                               (header.cleaned_until.has_value() ? flag_cleaned : 0U) |
                               (header.taken_back ? flag_taken_back : 0U));
  std::memcpy(to + at::node, header.log.node.bytes().data(), header.log.node.bytes().size());
  store_le(to + at::ordinal, header.log.ordinal);
  store_le(to + at::epoch, header.epoch.value());
  store_le(to + at::first, header.first.value());
  store_le(to + at::end, header.cleaned_until.value_or(seq{}).value());
  store_le(to + at::bytes, header.cleaned_until ? header.cleaned_bytes : 0);
  store_le(to + at::checksum, crc32c(0, into.first(at::checksum)));
}

read_header decode_segment_header(byte_view bytes) noexcept {
  if (bytes.size() < segment_header_bytes) return {};
  bytes = bytes.first(segment_header_bytes);
  if (std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; }))
    return {header_state::blank, {}};
  const auto* const from = bytes.data();
  if (std::memcmp(from, magic.data(), magic.size()) != 0 ||
      crc32c(0, bytes.first(at::checksum)) != load_le<std::uint32_t>(from + at::checksum))
    return {};
  if (load_le<std::uint16_t>(from + at::version) != version_written) return {header_state::newer, {}};

  segment_header header;
  std::array<std::uint8_t, 32> node{};
  std::memcpy(node.data(), from + at::node, node.size());
  header.log = {node_id{node}, load_le<std::uint32_t>(from + at::ordinal)};
  header.epoch = weft::epoch{load_le<std::uint64_t>(from + at::epoch)};
  header.first = seq{load_le<std::uint64_t>(from + at::first)};
  const auto flags = load_le<std::uint32_t>(from + at::flags);
  header.recycled = (flags & flag_recycled) != 0;
  header.taken_back = (flags & flag_taken_back) != 0;
  if ((flags & flag_cleaned) != 0) {
    header.cleaned_until = seq{load_le<std::uint64_t>(from + at::end)};
    header.cleaned_bytes = load_le<std::uint64_t>(from + at::bytes);
  }
  return {header_state::valid, header};
}

std::string log_paths::segment(weft::epoch of, seq first) const {
  return fmt::format("{}/{}/{:020}{}", log_, to_string(of), first.value(), segment_suffix);
}

std::string log_paths::index(weft::epoch of, seq first) const {
  return fmt::format("{}/{}/{:020}{}", log_, to_string(of), first.value(), index_suffix);
}

std::optional<seq> parse_segment_name(std::string_view name) { return parse_name(name, segment_suffix); }
std::optional<seq> parse_index_name(std::string_view name) { return parse_name(name, index_suffix); }

std::string index_path_of(const std::string& segment_path) {
  return segment_path.substr(0, segment_path.size() - segment_suffix.size()) + std::string(index_suffix);
}

} // namespace weft::log
