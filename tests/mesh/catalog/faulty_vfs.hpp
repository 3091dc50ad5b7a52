// tests/mesh/catalog/faulty_vfs.hpp: SQLite's files with a disk that fails when told.
#pragma once
#include <cstdint>

namespace weft::catalog {

/// What happens at a write, truncation or sync of any SQLite file.
enum class fault : std::uint8_t {
  none,
  full,       ///< writes: no space left; syncs succeed
  failed,     ///< writes and syncs: an error of the device
  sudden_end, ///< the process ends without doing it
};

/// Lets `after` calls pass, then `what` happens at every call until the next arm().
void arm(fault what, std::uint64_t after = 0);
/// How many calls there were since arm().
[[nodiscard]] std::uint64_t calls();
/// How many of them were syncs.
[[nodiscard]] std::uint64_t syncs();

/// Makes the faulty files the default of connections opened from now on; once a process.
void install_faulty_vfs();

} // namespace weft::catalog
