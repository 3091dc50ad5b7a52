// mesh/wire/batch_rules.hpp: what holds for every batch, whoever made it. Internal to mesh/wire.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weft::wire {

/// Bytes of one event in all columns together: time, hash, type, three ends, place.
inline constexpr std::size_t columns_item_bytes = 8 + 2 + 2 + 3 * 4 + 2;
/// What FlatBuffers adds for one event that is the first with a type and with each of the columns.
inline constexpr std::size_t one_event_frame_bytes = 7 * 15 + 28;

/// A type's name: 1 to 255 bytes without control characters.
/// @error errc::too_large, errc::invalid_argument
[[nodiscard]] result<void> check_type_name(std::string_view name);

/// Top 16 bits of xxh3_64(key); 0 without a key. Inline for loops over columns.
[[nodiscard]] inline std::uint16_t hash_of_key(byte_view key) noexcept {
  return key.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(XXH3_64bits(key.data(), key.size()) >> 48U);
}

} // namespace weft::wire
