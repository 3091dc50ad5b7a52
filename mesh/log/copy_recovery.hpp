// mesh/log/copy_recovery.hpp: what a copy's files say after a stop or a crash.
#pragma once
#include "mesh/log/copy_state.hpp"
#include "mesh/log/recovery.hpp"

namespace weft::log {

struct recovered_copy {
  copy_state state;
  std::vector<recovered_segment> segments; ///< ascending
  std::map<topic_id, std::string> names;   ///< of topics that have entries
  recovery_report report;
};

/// Brings the files to what counts and makes it durable: what lies behind a segment's last known byte and is whole is
/// kept, the rest is cut; unfinished files go. A lost file of a copy's state costs no entry: what is there has to be
/// had again, and is passed over then.
/// @error errc::version_newer, errc::io_error, errc::disk_full
[[nodiscard]] result<recovered_copy> recover_copy(disk& on, const log_paths& paths, const log_id& log);

} // namespace weft::log
