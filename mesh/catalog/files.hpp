// mesh/catalog/files.hpp: the catalog's files in a data directory, looked at and moved without SQLite.
#pragma once
#include "mesh/base/disk.hpp"

#include <string>

namespace weft::catalog {

/// The main file; SQLite keeps its write-ahead log beside it, as `catalog.db-wal`.
[[nodiscard]] std::string main_path(const std::string& directory);

/// What the first 100 bytes say.
enum class file_state : std::uint8_t {
  absent,
  usable,  ///< as far as the header goes
  damaged, ///< no header of a catalog: not our file, cut, or a flipped bit
};

/// Reads the header. @error errc::version_newer  with the file's name; nothing was touched
[[nodiscard]] result<file_state> look_at(disk& in, const std::string& directory, std::size_t newest_version);

/// Whether a damaged catalog was set aside here before.
[[nodiscard]] result<bool> has_damaged(disk& in, const std::string& directory);

/// Renames the main file and what SQLite put beside it to the first free `catalog.damaged-<n>`; nothing is deleted.
/// @returns the new path of the main file
[[nodiscard]] result<std::string> set_aside(disk& in, const std::string& directory);

} // namespace weft::catalog
