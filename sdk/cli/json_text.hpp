// sdk/cli/json_text.hpp: bytes as JSON text, fast.
#pragma once
#include "mesh/base/utf8.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weft::cli {

/// Whether the bytes are one JSON document (RFC 8259).
[[nodiscard]] bool is_json(std::string_view bytes);

/// Appends a JSON string. @pre is_utf8(text)
void append_json_string(std::string& out, std::string_view text);
/// Appends UTF-8 as a JSON string, other bytes as {"base64":"..."}.
void append_json_bytes(std::string& out, std::string_view bytes);
/// Appends a JSON document as it is, on one line; other text as a string; other bytes as {"base64":"..."}.
void append_json_value(std::string& out, std::string_view bytes);
/// The bytes on one line for people: control characters as spaces; other bytes than UTF-8 as base64.
void append_plain(std::string& out, std::string_view bytes);

} // namespace weft::cli
