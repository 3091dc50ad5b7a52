// mesh/log/recovery.hpp: what a log's files say after a stop or a crash, and what has to be done before they are
// served.
#pragma once
#include "mesh/log/index.hpp"
#include "mesh/log/recovery_report.hpp"
#include "mesh/log/topic_starts_map.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::log {

/// A segment that counts.
struct recovered_segment {
  std::string path;
  segment_summary summary;
  std::vector<damage_range> damages;
  std::shared_ptr<const pinned_index> rebuilt; ///< its index file is missing or wrong: this is the right one
};

/// Made by looking only; carrying it out twice, or again after a crash in between, gives the same.
struct recovery_plan {
  std::vector<recovered_segment> segments; ///< ascending; in the same epoch each begins where the one before ends
  index_tables tables;                     ///< behind the last segment
  seq end;                                 ///< where the next epoch begins
  hlc last;                                ///< of the last append
  std::uint32_t count_max = 0;             ///< highest count of an epoch that left a trace
  weft::epoch newest;                      ///< the last epoch that left one
  bool begin_known = false;                ///< what is missing at the log's front would have been noticed
  recovery_report report;

  // what to do
  std::vector<std::string> aside;     ///< segments that are not what their place says: renamed, never deleted
  std::vector<std::string> leftover;  ///< unfinished files, and indexes of segments that retention removed
  std::vector<std::string> empty;     ///< segments in which nothing was synced
  std::vector<std::string> spares;    ///< pre-written files that can be used again
  std::optional<std::size_t> rewrite; ///< this segment was not closed: its used bytes go to a new file
  std::vector<std::string> epochs;    ///< folders, ascending
};

/// @param starts  what the catalog knows: what lies below was removed by retention
/// @error errc::version_newer  a file of a later format: nothing was touched
/// @error errc::io_error
[[nodiscard]] result<recovery_plan> plan_recovery(disk& from, const log_paths& paths, const log_id& log,
                                                  const topic_starts_map::starts& starts);

/// Cuts, sets aside and syncs as planned. When it returns, all that the plan counts is durable. Fills in the report's
/// `set_aside`; a segment whose index file is right again has no `rebuilt` any more.
/// @error errc::disk_full, errc::io_error
[[nodiscard]] result<void> carry_out(disk& on, recovery_plan& plan);

/// Copies the first `bytes` of a file into a new one, syncs that and puts it in the file's place: what a failed sync
/// left in the page cache only, becomes durable.
[[nodiscard]] result<void> rewrite_file(disk& on, const std::string& path, std::uint64_t bytes);

} // namespace weft::log
