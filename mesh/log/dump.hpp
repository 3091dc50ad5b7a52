// mesh/log/dump.hpp: shows what is in one segment file.
#pragma once
#include "mesh/log/segment_file.hpp"
#include "mesh/log/verify.hpp"
#include "mesh/wire/entry.hpp"

#include <functional>

namespace weft::log {

struct dump_result {
  segment_header header;
  std::uint64_t end = 0;       ///< where the last entry ends
  std::string rest;            ///< what lies behind it: "nothing", "zeros", "bytes that are no entry"
  std::vector<finding> damage; ///< passed over
};

/// Visits the entries that are whole, in the file's order, each with its offset, until the visitor says false. Works on
/// a file alone, wherever it lies.
/// @error errc::not_found, errc::io_error, errc::version_newer
/// @error errc::corrupt  no segment: its header can't be read
[[nodiscard]] result<dump_result>
dump_segment(disk& from, const std::string& path,
             const std::function<bool(std::uint64_t offset, const wire::stored_entry&)>& visit);

} // namespace weft::log
