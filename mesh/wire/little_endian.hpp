// mesh/wire/little_endian.hpp: integers as the formats write them, at any alignment.
#pragma once
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace weft::wire {

static_assert(std::endian::native == std::endian::little, "columns are read in place, so the machine is little-endian");

template <class Integer>
  requires std::is_integral_v<Integer>
[[nodiscard]] Integer load_le(const std::byte* from) noexcept {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class Integer>
  requires std::is_integral_v<Integer>
void store_le(std::byte* to, Integer value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

} // namespace weft::wire
