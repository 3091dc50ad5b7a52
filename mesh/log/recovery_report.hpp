// mesh/log/recovery_report.hpp: what opening a log found and did.
#pragma once
#include "mesh/base/position.hpp"

#include <string>
#include <vector>

namespace weft::log {

/// A range that is known to be missing or unreadable; kept on disk, never served.
struct damage {
  std::string file;
  std::uint64_t offset = 0; ///< in bytes
  weft::epoch epoch;
  seq from, until;  ///< what is not readable
  std::string what; ///< "body checksum", ...
};

struct recovery_report {
  std::uint64_t segments = 0;
  std::uint64_t entries_scanned = 0;
  std::uint64_t torn_entries = 0; ///< cut from the tail: never acknowledged as synced
  std::uint64_t torn_bytes = 0;
  std::vector<damage> quarantined; ///< damage below what was synced
  std::vector<std::string> rebuilt_indexes;
  std::vector<std::string> set_aside; ///< files that could not be understood and were renamed, never deleted
  bool clean_stop = false;            ///< the last closing was clean: nothing had to be scanned
};

} // namespace weft::log
