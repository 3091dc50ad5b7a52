#include "mesh/recording/blocks.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/recording/limits.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::recording {
namespace {

using wire::load_le;

template <class Integer>
void put(std::vector<std::byte>& to, Integer value) {
  const auto at = to.size();
  to.resize(at + sizeof value);
  wire::store_le(to.data() + at, value);
}

constexpr std::size_t index_fixed_bytes = 32;

} // namespace

void add_head(std::vector<std::byte>& to) {
  const auto at = to.size();
  for (const char letter : magic)
    to.push_back(static_cast<std::byte>(letter));
  put(to, version);
  put(to, static_cast<std::uint32_t>(head_bytes));
  to.resize(at + head_bytes);
  wire::store_le(to.data() + at + 16, crc32c(0, byte_view(to).subspan(at, head_bytes)));
}

result<void> check_head(byte_view bytes) {
  if (bytes.size() < head_bytes || as_text(bytes.first(magic.size())) != magic)
    return fail(errc::corrupt, "it is no recording of Weft");
  std::array<std::byte, head_bytes> plain{};
  std::ranges::copy(bytes.first(head_bytes), plain.begin());
  wire::store_le(plain.data() + 16, std::uint32_t{0});
  if (crc32c(0, plain) != load_le<std::uint32_t>(bytes.data() + 16))
    return fail(errc::corrupt, "its first bytes are damaged");
  if (const auto its = load_le<std::uint32_t>(bytes.data() + 8); its != version)
    return fail(errc::version_newer,
                fmt::format("it has version {} of the format and this program reads {}: open it with a newer Weft", its,
                            version));
  return {};
}

void add_block(std::vector<std::byte>& to, block_kind kind, byte_view body) {
  const auto at = to.size();
  put(to, static_cast<std::uint32_t>(kind));
  put(to, static_cast<std::uint32_t>(body.size()));
  put(to, crc32c(0, body));
  put(to, crc32c(0, byte_view(to).subspan(at, 12)));
  to.insert(to.end(), body.begin(), body.end());
  to.resize((to.size() - at + 7) / 8 * 8 + at);
}

result<block_head> read_block_head(byte_view bytes) {
  if (bytes.size() < block_head_bytes) return fail(errc::corrupt, "a block is cut off");
  if (crc32c(0, bytes.first(12)) != load_le<std::uint32_t>(bytes.data() + 12))
    return fail(errc::corrupt, "a block's head is damaged");
  const block_head head{static_cast<block_kind>(load_le<std::uint32_t>(bytes.data())),
                        load_le<std::uint32_t>(bytes.data() + 4), load_le<std::uint32_t>(bytes.data() + 8)};
  if (head.length > limits::block_bytes_max) return fail(errc::corrupt, "a block is longer than any may be");
  return head;
}

bool is_whole(const block_head& head, byte_view body) noexcept {
  return body.size() == head.length && crc32c(0, body) == head.body_checksum;
}

std::vector<std::byte> encode(const index_content& index) {
  std::vector<std::byte> body;
  body.reserve(index_fixed_bytes + index.points.size() * 16 + index.others.size() * 8);
  put(body, static_cast<std::uint32_t>(index.points.size()));
  put(body, static_cast<std::uint32_t>(index.others.size()));
  put(body, index.entries);
  put(body, index.first.us);
  put(body, index.last.us);
  for (const auto& point : index.points) {
    put(body, point.time_us);
    put(body, point.place);
  }
  for (const auto place : index.others)
    put(body, place);
  return body;
}

result<index_content> decode_index(byte_view body) {
  if (body.size() < index_fixed_bytes) return fail(errc::corrupt, "the index is cut off");
  const auto points = load_le<std::uint32_t>(body.data()), others = load_le<std::uint32_t>(body.data() + 4);
  if (body.size() != index_fixed_bytes + std::size_t{points} * 16 + std::size_t{others} * 8)
    return fail(errc::corrupt, "the index does not have the length that it says");
  index_content made;
  made.entries = load_le<std::uint64_t>(body.data() + 8);
  made.first.us = load_le<std::int64_t>(body.data() + 16);
  made.last.us = load_le<std::int64_t>(body.data() + 24);
  const auto* at = body.data() + index_fixed_bytes;
  for (std::uint32_t i = 0; i < points; ++i, at += 16)
    made.points.push_back({load_le<std::int64_t>(at), load_le<std::uint64_t>(at + 8)});
  for (std::uint32_t i = 0; i < others; ++i, at += 8)
    made.others.push_back(load_le<std::uint64_t>(at));
  return made;
}

} // namespace weft::recording
