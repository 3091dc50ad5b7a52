// mesh/catalog/schema.hpp: the numbered versions of the catalog's tables, and how a database gets to the newest.
#pragma once
#include "mesh/catalog/database.hpp"

#include <span>

namespace weft::catalog {

/// What leads from version n to n + 1: SQL, carried out in one transaction together with the new number.
/// Released ones are never edited.
struct migration {
  const char* sql;
};

/// All of them: the first makes version 1.
[[nodiscard]] std::span<const migration> migrations() noexcept;

/// The database's version is SQLite's user_version, with the number in its upper and in its lower half: a flipped bit
/// is damage, not a newer version.
[[nodiscard]] constexpr std::int64_t user_version_of(std::size_t version) noexcept {
  return static_cast<std::int64_t>(version << 16U | version);
}
/// @error errc::corrupt  the halves differ
[[nodiscard]] result<std::size_t> version_from(std::int64_t user_version);

/// "Weft", big-endian: how a tool knows the file.
inline constexpr std::int64_t application_id = 0x57656674;

/// Brings the database from the version it has to that of the last step; each step is all or nothing.
/// @error errc::version_newer  it has more steps behind it than `steps`; nothing was changed
/// @error errc::corrupt        its version can't be read
[[nodiscard]] result<void> migrate(database& target, std::span<const migration> steps);

/// Compares tables and indexes, as they were declared, with those of an empty database of the same steps.
/// @error errc::corrupt
[[nodiscard]] result<void> check_schema(database& looked_at, std::span<const migration> steps);

} // namespace weft::catalog
