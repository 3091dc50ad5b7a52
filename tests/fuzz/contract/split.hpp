// tests/fuzz/contract/split.hpp: several texts in one input.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::fuzz {

/// The input's parts, of which a zero byte ends all but the last.
template <std::size_t Parts>
std::array<std::string, Parts> split(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string, Parts> parts;
  for (std::size_t i = 0; i + 1 < Parts; ++i) {
    const auto end = rest.find('\0');
    parts[i] = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  parts.back() = rest;
  return parts;
}

} // namespace weft::fuzz
