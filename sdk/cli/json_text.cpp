#include "sdk/cli/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

namespace weft::cli {
namespace {

constexpr bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20; }
constexpr unsigned byte_at(std::string_view s, std::size_t i) noexcept { return static_cast<unsigned char>(s[i]); }

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = bytes.size() - i;
    const auto bits = byte_at(bytes, i) << 16U | (left > 1 ? byte_at(bytes, i + 1) : 0) << 8U |
                      (left > 2 ? byte_at(bytes, i + 2) : 0);
    out += digits[bits >> 18U];
    out += digits[bits >> 12U & 63U];
    out += left > 1 ? digits[bits >> 6U & 63U] : '=';
    out += left > 2 ? digits[bits & 63U] : '=';
  }
}

void append_base64_object(std::string& out, std::string_view bytes) {
  out += "{\"base64\":\"";
  append_base64(out, bytes);
  out += "\"}";
}

void append_escaped(std::string& out, char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u00";
  out += hex[static_cast<unsigned char>(c) >> 4U];
  out += hex[static_cast<unsigned char>(c) & 15U];
}

} // namespace

bool is_json(std::string_view bytes) { return nlohmann::json::accept(bytes.begin(), bytes.end()); }

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0; // from here on nothing had to be escaped
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = text[i];
    if (!is_control(c) && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    append_escaped(out, c);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

void append_json_bytes(std::string& out, std::string_view bytes) {
  if (is_utf8(bytes))
    append_json_string(out, bytes);
  else
    append_base64_object(out, bytes);
}

void append_json_value(std::string& out, std::string_view bytes) {
  if (!is_json(bytes)) return append_json_bytes(out, bytes);
  // nlohmann passes over a byte order mark, which is no JSON to others.
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const auto begin = out.size();
  out.append(bytes);
  // Outside strings JSON has no control characters but white space; inside it has none.
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, ' ');
}

void append_plain(std::string& out, std::string_view bytes) {
  if (!is_utf8(bytes)) {
    out += "base64:";
    return append_base64(out, bytes);
  }
  const auto begin = out.size();
  out.append(bytes);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return is_control(c) || c == 0x7F; },
      ' ');
}

} // namespace weft::cli
