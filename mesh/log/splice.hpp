// mesh/log/splice.hpp: writes a segment anew with entries that it lacks: damage took them, or a copy did not hold them.
#pragma once
#include "mesh/log/segment_store.hpp"

#include <vector>

namespace weft::log {

/// Entries for one segment, from another holder of the log.
struct splice_request {
  seq from, until;
  std::vector<wire::stored_entry> entries; ///< ascending, within [from, until); checksums and batches were checked
  /// The entries are all that a segment with holes should have in the range: so what is damaged there is whole then. In
  /// a segment without holes only the entries themselves say it.
  bool whole = false;
  std::uint64_t bytes_max = 0; ///< a segment with holes that grows beyond is split; 0: never
  /// What an undamaged place lacks was cleaned away, unless the segment came back from a copy: it stays away.
  bool cleaned_away = false;
};

struct splice_outcome {
  std::vector<wire::entry_header> put; ///< entries that were put in
};

/// Puts files with both in the segment's place; positions stay. What was there and is valid is never replaced, what is
/// still damaged keeps its bytes. Readers of the old file go on with it.
/// @pre the segment is sealed
/// @error errc::diverged  a valid entry there differs from one given: nothing was changed; the message names both
/// @error errc::corrupt   an entry lies outside the segment or across another
/// @error errc::disk_full, errc::io_error
[[nodiscard]] result<splice_outcome> splice_segment(disk& on, segment_store& store, const segment_ref& segment,
                                                    const splice_request& request);

/// The same for all sealed segments of an epoch that the range touches. @pre as splice_request
/// @error errc::out_of_range  an entry belongs to no segment   @error errc::busy  to one that is written to
/// and as splice_segment
[[nodiscard]] result<splice_outcome> splice_range(disk& on, segment_store& store, weft::epoch epoch,
                                                  const splice_request& request);

/// Which log's segments they are: an own one's have no seqs between them, and say when they came back from a copy.
enum class log_kind : std::uint8_t { own, copied };

/// Makes segments with holes of the entries that lie in no segment of their epoch, durably, and takes them out of the
/// request. @pre entries ascending, of that epoch; its segments are sealed   @returns headers of what was put
/// @param from  an own log's epoch that has nothing begins there
/// @error errc::corrupt  an entry lies across the begin of a segment   @error errc::disk_full, errc::io_error
[[nodiscard]] result<std::vector<wire::entry_header>> add_between(disk& on, const log_paths& paths, log_kind kind,
                                                                  segment_store& store, weft::epoch epoch, seq from,
                                                                  std::vector<wire::stored_entry>& entries);

/// Checks bytes from outside: whole entries of this log and epoch with sound batches, ascending, within [from, until).
/// @error errc::corrupt, errc::version_newer
[[nodiscard]] result<std::vector<wire::stored_entry>> checked_entries(const log_id& log, weft::epoch epoch, seq from,
                                                                      seq until, const shared_bytes& bytes);

/// Whether two valid entries for one place may both be right: what an extract holds is never
/// compared.
[[nodiscard]] bool agree(const wire::entry_header& a, const wire::entry_header& b);
/// @returns what to say of two that do not agree
[[nodiscard]] error divergence(const log_id& log, const wire::entry_header& here, const wire::entry_header& there);

} // namespace weft::log
