// mesh/delivery/parked_keys.hpp: which keys a group has parked. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/strong.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

namespace weft::delivery {

/// A key, by XXH3-64: its top 16 bits are the hash that its batch has, and of these the top 10 its slot. With none of
/// the lower 48 bits it is a class: all keys of that hash. A class is parked where only the hash is known, as records
/// of former versions have it, or where too many keys are parked to know each.
using hashed_key = strong<struct hashed_key_tag, std::uint64_t>;

[[nodiscard]] hashed_key hashed_key_of(byte_view key) noexcept; ///< never a class
[[nodiscard]] constexpr hashed_key class_of(std::uint16_t hash) noexcept {
  return hashed_key{static_cast<std::uint64_t>(hash) << 48U};
}
[[nodiscard]] constexpr std::uint16_t hash_of(hashed_key key) noexcept {
  return static_cast<std::uint16_t>(key.value() >> 48U);
}
[[nodiscard]] constexpr bool is_class(hashed_key key) noexcept { return key == class_of(hash_of(key)); }

/// So many are known each; then further ones by their class. With the classes, 65,536 at most, they fit into a record.
inline constexpr std::size_t keys_parked_each_max = limits::group_record_bytes_max / sizeof(hashed_key);

using parked_keys = std::set<hashed_key>;
/// As which one this key is parked: itself before its class. Nothing: it is not.
[[nodiscard]] std::optional<hashed_key> parked_as(const parked_keys& parked, hashed_key key);
/// As which one it is parked if it fails.
[[nodiscard]] hashed_key to_park_as(const parked_keys& parked, hashed_key key);
/// Whether what is kept of this key is of that one.
[[nodiscard]] constexpr bool covers(hashed_key parked, hashed_key key) noexcept {
  return parked == key || (is_class(parked) && hash_of(parked) == hash_of(key));
}

} // namespace weft::delivery
