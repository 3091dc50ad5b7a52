// mesh/contract/short_text.hpp: what somebody published, short enough for a message. Internal to mesh/contract.
#pragma once
#include "mesh/contract/json_value.hpp"

#include <string>
#include <string_view>

namespace weft::contract {

inline constexpr std::size_t shown_bytes_max = 64;

/// The text's beginning; never ends inside of a character.
[[nodiscard]] inline std::string short_text(std::string_view text, std::size_t bytes_max = shown_bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return std::string(text.substr(0, end)).append("...");
}

/// A value as JSON; of a large one what kind it is.
[[nodiscard]] inline std::string short_text(const json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return json(short_text(std::string_view(text))).dump(-1, ' ', false, json::error_handler_t::replace);
  }
  if (!value.is_structured()) return value.dump();
  if (value.empty()) return value.is_array() ? "an empty array" : "an empty object";
  return value.is_array() ? "an array" : "an object";
}

} // namespace weft::contract
