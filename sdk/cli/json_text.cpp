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

/// Length of the UTF-8 sequence at `i`, 0 when it is none. @source RFC 3629, section 4
std::size_t sequence_at(std::string_view s, std::size_t i) noexcept {
  const auto follows = [&](std::size_t n, unsigned least, unsigned most) {
    return i + n < s.size() && byte_at(s, i + n) >= least && byte_at(s, i + n) <= most;
  };
  const auto tail = [&](std::size_t n) { return follows(n, 0x80, 0xBF); };
  const auto lead = byte_at(s, i);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = lead == 0xE0 ? follows(1, 0xA0, 0xBF) : lead == 0xED ? follows(1, 0x80, 0x9F) : tail(1);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = lead == 0xF0 ? follows(1, 0x90, 0xBF) : lead == 0xF4 ? follows(1, 0x80, 0x8F) : tail(1);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

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

bool is_utf8(std::string_view bytes) noexcept {
  std::size_t i = 0;
  while (i < bytes.size()) {
    std::uint64_t eight = 0;
    if (i + sizeof eight <= bytes.size()) {
      std::memcpy(&eight, bytes.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const auto length = sequence_at(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

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
