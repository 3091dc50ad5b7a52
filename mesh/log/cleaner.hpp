// mesh/log/cleaner.hpp: writes a segment anew without what is not kept.
#pragma once
#include "mesh/log/log.hpp"
#include "mesh/log/segment_store.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace weft::log {

/// What the cleaner does with an entry.
struct entry_fate {
  enum what : std::uint8_t { whole, nothing, some } is = whole;
  std::vector<std::uint16_t> events; ///< of `some`: indexes of the events that stay, ascending

  [[nodiscard]] static entry_fate keep() { return {whole, {}}; }
  [[nodiscard]] static entry_fate drop() { return {nothing, {}}; }
  [[nodiscard]] static entry_fate keep_some(std::vector<std::uint16_t> chosen) { return {some, std::move(chosen)}; }
};

/// Puts a file with what is kept in the segment's place: seqs, offsets and times stay; an entry of which only some
/// events are kept becomes an extract. Readers of the old file go on with it. An index with the right tables stands
/// beside the segment at all times.
/// @pre the segment is sealed, has its index, and no damage
/// @returns whether it is smaller now; when it would not be, nothing was changed
/// @error errc::corrupt  damage was found: nothing was changed   @error errc::disk_full, errc::io_error
[[nodiscard]] result<bool> clean_segment(disk& on, segment_store& store, const segment_ref& segment,
                                         const std::function<entry_fate(const wire::stored_entry&)>& decide);

/// Takes out segments in which everything lies below the topics' starts, and writes those anew of which more than half
/// does. Damage is kept, it may be repaired.
/// @param candidates     sealed ones, ascending
/// @param only_at_front  the log is one piece: a segment goes only with all before it
/// @param needed_from    of topics with compaction: where a segment ends behind it that has nothing left, somebody may
///                       go on inside, and would take its place for one that retention removed
/// @error errc::disk_full, errc::io_error  the rest later
[[nodiscard]] result<void> drop_dead(disk& on, segment_store& store, const known_starts& starts,
                                     const std::vector<segment_facts>& candidates, bool only_at_front,
                                     const std::optional<log_position>& needed_from = std::nullopt);

/// How many segments at the front drop_dead() would take out.
[[nodiscard]] std::size_t dead_at_front(segment_store& store, const known_starts& starts,
                                        const std::vector<segment_facts>& candidates,
                                        const std::optional<log_position>& needed_from);

} // namespace weft::log
