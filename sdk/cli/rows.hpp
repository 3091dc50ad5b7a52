// sdk/cli/rows.hpp: the rows of an input, each of which becomes one event.
#pragma once
#include "mesh/base/result.hpp"
#include "sdk/cli/input.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weft::cli {

/// One row. The views are valid until the next one is asked for.
struct row {
  std::uint64_t line = 0;             ///< where it begins, from 1
  std::string_view value;             ///< the event's value
  std::string_view key;               ///< empty: none
  std::optional<std::string> problem; ///< why it can't become an event; value and key are empty then
};

/// @thread one at a time
class row_source {
public:
  virtual ~row_source() = default;
  /// The next row; nothing at the end. @error the input can't be read at all: no rows follow
  [[nodiscard]] virtual result<std::optional<row>> next() = 0;
};

enum class row_format : std::uint8_t {
  lines, ///< each line's bytes, without its end
  jsonl, ///< each line a JSON document; empty lines are passed over
  csv,   ///< RFC 4180 with a header line: each row an object of strings by the header's names
};

/// By the file name's end: .csv, .jsonl, .ndjson, .json; else lines.
[[nodiscard]] row_format format_by_name(std::string_view path) noexcept;

/// `key_field`: the column, or the field of the JSON object, that is the event's key; empty: no keys.
/// `from` outlives it. A UTF-8 byte order mark at the beginning is passed over.
[[nodiscard]] std::unique_ptr<row_source> open_rows(row_format format, byte_source& from, std::string key_field);

} // namespace weft::cli
