// mesh/catalog/row_sum.hpp: a checksum in each row, as SQLite has none for its pages.
#pragma once

struct sqlite3;

namespace weft::catalog {

/// Teaches the connection the SQL function `weft_sum(column, ...)`: CRC-32C over type and content of its arguments.
/// Each table ends with `sum INTEGER NOT NULL CHECK (sum = weft_sum(...))`, so that SQLite's integrity check finds a
/// bit that flipped inside a row. @returns SQLite's result code
[[nodiscard]] int add_row_sum(sqlite3* connection) noexcept;

} // namespace weft::catalog
