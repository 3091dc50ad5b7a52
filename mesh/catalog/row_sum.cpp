#include "mesh/catalog/row_sum.hpp"

#include "mesh/base/crc32c.hpp"

#include <array>
#include <sqlite3.h>

namespace weft::catalog {
namespace {

/// Little-endian, so that the sum is the same on every machine.
std::array<std::byte, 8> bytes_of(std::int64_t number) noexcept {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(number) >> (8 * i));
  return bytes;
}

std::uint32_t add(std::uint32_t sum, sqlite3_value* item) noexcept {
  const auto type = sqlite3_value_type(item);
  sum = crc32c(sum, bytes_of(type));
  if (type == SQLITE_NULL) return sum;
  if (type == SQLITE_INTEGER) return crc32c(sum, bytes_of(sqlite3_value_int64(item)));
  const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(item));
  const auto size = sqlite3_value_bytes(item);
  return crc32c(crc32c(sum, bytes_of(size)), {data, static_cast<std::size_t>(size)});
}

void row_sum(sqlite3_context* context, int count, sqlite3_value** items) noexcept {
  std::uint32_t sum = 0;
  for (int i = 0; i < count; ++i)
    sum = add(sum, items[i]);
  sqlite3_result_int64(context, sum);
}

} // namespace

int add_row_sum(sqlite3* connection) noexcept {
  return sqlite3_create_function_v2(connection, "weft_sum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                    nullptr, &row_sum, nullptr, nullptr, nullptr);
}

} // namespace weft::catalog
