// mesh/catalog/columns.hpp: our types as columns and rows as our types.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/catalog/database.hpp"

#include <algorithm>
#include <array>

namespace weft::catalog {

/// Unsigned 64-bit numbers are kept as the signed ones of the same bits.
[[nodiscard]] constexpr std::int64_t to_column(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(number);
}
[[nodiscard]] constexpr std::uint64_t from_column(std::int64_t number) noexcept {
  return static_cast<std::uint64_t>(number);
}

template <class T, class Convert>
[[nodiscard]] value to_column(const std::optional<T>& item, Convert convert) {
  return item ? value(convert(*item)) : value();
}

[[nodiscard]] inline byte_view to_column(const std::array<std::uint8_t, 32>& bytes) noexcept {
  return std::as_bytes(std::span(bytes));
}
/// Bytes of another length leave `into` zero: the row's checksum would have told of damage.
template <std::size_t N>
void fill(std::array<std::uint8_t, N>& into, byte_view bytes) noexcept {
  if (bytes.size() == N) std::memcpy(into.data(), bytes.data(), N);
}
[[nodiscard]] inline node_id node_from_column(byte_view bytes) noexcept {
  std::array<std::uint8_t, 32> id{};
  fill(id, bytes);
  return node_id{id};
}

[[nodiscard]] inline log_position position_from_columns(std::int64_t in_epoch, std::int64_t at) noexcept {
  return {epoch{from_column(in_epoch)}, seq{from_column(at)}};
}

/// The first row as `read` makes it, if there is one.
template <class Read>
[[nodiscard]] auto first(result<rows> asked, Read read) -> result<std::optional<decltype(read(*asked))>> {
  if (!asked) return fail(asked.error());
  const auto row = asked->next();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  return read(*asked);
}

/// All rows as `read` makes them.
template <class Read>
[[nodiscard]] auto every(result<rows> asked, Read read) -> result<std::vector<decltype(read(*asked))>> {
  if (!asked) return fail(asked.error());
  std::vector<decltype(read(*asked))> all;
  for (;;) {
    const auto row = asked->next();
    if (!row) return fail(row.error());
    if (!*row) return all;
    all.push_back(read(*asked));
  }
}

} // namespace weft::catalog
