// tests/mesh/wire/hex.hpp: bytes as text, for golden bytes.
#pragma once
#include "mesh/base/bytes.hpp"

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// Two lower-case digits a byte, without spaces.
inline std::string hex(byte_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte) >> 4U];
    text += digits[std::to_integer<std::size_t>(byte) & 15U];
  }
  return text;
}

/// The bytes of hexadecimal digits; everything else is passed over.
inline std::vector<std::byte> unhex(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

} // namespace weft
