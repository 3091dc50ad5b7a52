// mesh/catalog/numbers.hpp: counters whose values are never given twice. Used inside a transaction.
#pragma once
#include "mesh/catalog/database.hpp"

namespace weft::catalog {

/// The next number of `name`; the counter moves behind it.
/// @error errc::corrupt       the catalog that knew it was lost: raise_number() first
/// @error errc::out_of_range  all 32 bits are used up
[[nodiscard]] result<std::uint32_t> take_number(database& in, std::string_view name);
/// Makes sure that the next number is at least `least`; makes a lost counter known again.
[[nodiscard]] result<void> raise_number(database& in, std::string_view name, std::uint64_t least);
/// Whether the counter is known: raise_number() makes a lost one known.
[[nodiscard]] result<bool> knows_number(database& in, std::string_view name);
/// The last number that was taken, 0 before the first; nothing when the counter is lost.
[[nodiscard]] result<std::optional<std::uint32_t>> last_number(database& in, std::string_view name);
/// Marks all counters as lost.
[[nodiscard]] result<void> forget_numbers(database& in);
/// Marks one counter as lost.
[[nodiscard]] result<void> forget_number(database& in, std::string_view name);

} // namespace weft::catalog
