// mesh/log/log_begin.hpp: where a log's first segment begins. Without it, files that are missing before all others
// would look like what retention removed.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/base/position.hpp"
#include "mesh/log/segment_file.hpp"

#include <optional>
#include <string>

namespace weft::log {

/// Of the node's own log, in `<log>/begin`: "3-9f2c61aa/1042" and a line's end.
struct log_begin {
  weft::epoch epoch;
  seq first;

  friend auto operator<=>(const log_begin&, const log_begin&) = default;
};

[[nodiscard]] std::string log_begin_path(const log_paths& paths);

/// Nothing: it is not known.
/// @error errc::io_error
/// @error errc::corrupt  the file says something else
[[nodiscard]] result<std::optional<log_begin>> load_log_begin(disk& from, const log_paths& paths);

/// Durable when it returns.
/// @error errc::disk_full, errc::io_error
[[nodiscard]] result<void> keep_log_begin(disk& to, const log_paths& paths, const log_begin& begin);

/// Where the seqs end that are missing before `first`, the first segment that there is; nothing: none is.
[[nodiscard]] std::optional<seq> missing_until(const std::optional<log_begin>& begin, const log_begin& first);

} // namespace weft::log
