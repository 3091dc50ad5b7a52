#include "mesh/security/z85.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::string_view digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(digits.size() == 85);

constexpr std::size_t text_size = 40;
constexpr std::size_t group_bytes = 4;
constexpr std::size_t group_digits = 5;

} // namespace

std::string to_z85(const curve_key& key) {
  std::string text(text_size, '0');
  for (std::size_t group = 0; group < text_size / group_digits; ++group) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < group_bytes; ++i)
      value = value << 8U | key.bytes()[group * group_bytes + i];
    for (std::size_t i = group_digits; i-- > 0; value /= 85)
      text[group * group_digits + i] = digits[value % 85];
  }
  return text;
}

result<curve_key> from_z85(std::string_view text) {
  if (text.size() != text_size)
    return fail(errc::invalid_argument,
                fmt::format("a CURVE key has {} characters of Z85, this text has {}", text_size, text.size()));
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t group = 0; group < text_size / group_digits; ++group) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < group_digits; ++i) {
      const auto at = group * group_digits + i;
      const auto digit = digits.find(text[at]);
      if (digit == std::string_view::npos)
        return fail(errc::invalid_argument, fmt::format("character {} of the CURVE key is not one of Z85", at));
      value = value * 85 + digit;
    }
    if (value > 0xffff'ffffU)
      return fail(errc::invalid_argument, fmt::format("characters {} to {} of the CURVE key mean more than four bytes",
                                                      group * group_digits, group * group_digits + group_digits - 1));
    for (std::size_t i = group_bytes; i-- > 0; value >>= 8U)
      bytes[group * group_bytes + i] = static_cast<std::uint8_t>(value & 255U);
  }
  return curve_key(bytes);
}

} // namespace weft::security
