// gui/core/csv.hpp: tables for other programs, as RFC 4180 has it. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace weft::monitor::csv {

/// A field as it stands in a line: in quotes when it has a comma, a quote, a line's end or a space at an edge.
[[nodiscard]] std::string field(std::string_view text);
/// Adds a record and its line end, CR LF. A record of one empty field is written "", or it would be no record.
void add_record(std::string& to, std::span<const std::string> fields);

} // namespace weft::monitor::csv
