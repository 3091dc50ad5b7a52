// mesh/log/segment_scan.hpp: which entries of a segment count: torn tails, damage and unfinished groups told apart.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/wire/entry.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::log {

/// What indexes and tables keep of an entry.
struct entry_facts {
  wire::entry_header header;
  std::uint64_t offset = 0;    ///< in its segment
  producer_id producer;        ///< 0: its batches are not numbered
  std::uint64_t sequence = 0;  ///< of the batch's first event
  std::string_view topic_name; ///< lives as long as the batch's bytes
  std::uint32_t events = 0;    ///< of the batch: an extract has fewer than the entry covers
};
[[nodiscard]] entry_facts facts_of(const wire::entry_header& header, std::uint64_t offset,
                                   const wire::batch_view& batch);

/// The entry's batch, when it fits its header. @error errc::corrupt, and those of batch_view::verify
[[nodiscard]] result<wire::batch_view> sound_batch(const wire::stored_entry& entry);

/// Seqs that a segment should have and does not, and the bytes where they should be.
struct damage_range {
  seq from, until;
  std::uint64_t offset = 0, end_offset = 0;
  std::string what;
};

struct scan_request {
  log_id log;
  weft::epoch epoch;
  seq first;
  std::optional<seq> until;   ///< all entries below were synced: what is missing is damage
  bool torn_possible = false; ///< no later file proves that this one was synced to its end
  bool cleaned = false;       ///< seqs may be missing; `until` and the two below are set
  seq cleaned_until;          ///< what is missing from here to `until` is damage
  std::uint64_t cleaned_bytes = 0;
  bool recycled = false;
};

/// What a segment's place and header say. @param until  where the next segment begins, if there is one
[[nodiscard]] scan_request scan_request_for(const log_id& log, weft::epoch epoch, seq first, const read_header& head,
                                            std::optional<seq> until);

struct scan_outcome {
  seq end;                ///< one past the last entry that counts
  std::uint64_t used = 0; ///< bytes of the file that count
  std::uint64_t entries = 0;
  std::uint64_t torn_entries = 0, torn_bytes = 0; ///< behind `used`; of what was overwritten only what is recognised
  std::vector<damage_range> damages;
  bool next_has_the_rest = false; ///< a split wrote the next segment, and a crash left this one as it was
};

/// Takes an entry only if its epoch is the segment's and its first seq the next expected. An invalid one below `until`,
/// or below a seq that a later valid entry says was synced, is damage; above, a torn tail, cut with all that follows
/// and with the atomic group that it leaves without its end.
/// @param visit  called for each entry that counts, in order
/// @error errc::io_error, errc::version_newer
[[nodiscard]] result<scan_outcome> scan_segment(const file& segment, std::uint64_t size, const scan_request& request,
                                                const std::function<void(const entry_facts&)>& visit);

} // namespace weft::log
