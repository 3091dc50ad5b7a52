// mesh/log/verify.hpp: checks every byte of the logs in a directory that means something, without changing any.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/base/position.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft::log {

struct finding {
  std::string file;
  std::uint64_t offset = 0; ///< in bytes
  std::string what;
};

struct verify_report {
  std::uint64_t logs = 0, segments = 0, indexes = 0, entries = 0, events = 0, bytes = 0;
  std::vector<finding> damage;
  std::vector<finding> notes; ///< what a crash leaves and an opening tidies up, and files set aside before
};

/// Reads all segments and indexes below `path`, which holds `<log>/<epoch>/<first seq>.seg`: every header, checksum,
/// batch and padding; that seqs, topic offsets and times go on; that each index says what its segment says.
/// Nothing else may write there meanwhile.
/// @error errc::not_found, errc::io_error, errc::version_newer
[[nodiscard]] result<verify_report> verify_directory(disk& from, const std::string& path);

} // namespace weft::log
