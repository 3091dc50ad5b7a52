// mesh/log/log_reader.hpp: reads a log's entries from memory or disk, forward.
#pragma once
#include "mesh/log/log.hpp"
#include "mesh/log/segment_scanner.hpp"
#include "mesh/log/segment_store.hpp"
#include "mesh/log/tail_cache.hpp"
#include "mesh/log/topic_starts_map.hpp"

#include <array>
#include <mutex>

namespace weft::log {

/// Up to where a log may be read.
struct log_head {
  log_position at; ///< one past the last synced entry
  hlc time;        ///< no later entry has an HLC at or below it
};

/// Works on any log's segments, the own one's or a copy's; the tail cache is the own log's only.
/// @thread any
class log_reader {
public:
  /// @param tail, starts  may be null; all outlive the reader
  log_reader(segment_store& store, const tail_cache* tail, const topic_starts_map* starts)
      : store_(store), tail_(tail), starts_(starts) {}

  /// As node_log::read; with `memory_only` as node_log::read_cached.
  [[nodiscard]] result<read_result> read(const read_request& request, const log_head& head, bool memory_only);
  [[nodiscard]] result<log_position> find_time(hlc at, const log_head& head);
  [[nodiscard]] std::optional<log_position> next_readable(log_position from, const log_head& head) const;

private:
  class collector;
  /// The window in which the last read ended: the next one goes on in it.
  struct read_ahead {
    std::weak_ptr<const log_segment> segment;
    index_point next; ///< an entry's place
    std::shared_ptr<read_window> window;
  };

  [[nodiscard]] bool read_tail(collector& into, seq from, seq end, std::uint32_t seed);
  [[nodiscard]] result<void> read_segment(collector& into, const segment_view& view);
  [[nodiscard]] result<void> read_all_entries(collector& into, const segment_view& view, index_point start, seq limit,
                                              std::uint64_t limit_offset);
  [[nodiscard]] result<void> read_listed(collector& into, const segment_view& view, const index_core& core, seq limit,
                                         std::uint64_t limit_offset);
  struct found_damage {
    damage_range range;
    error why;
    /// Whether a read from there need not mind it. A failure of the disk says nothing about the bytes.
    [[nodiscard]] bool is_before(seq from) const { return range.from < range.until && range.until <= from; }
  };
  [[nodiscard]] found_damage damaged(const segment_view& view, seq at, std::uint64_t offset, const error& why);
  [[nodiscard]] std::optional<read_ahead> take_ahead(const segment_ref& segment, seq from);
  result<void> keep_ahead(const segment_view& view, const index_point& next, const segment_scanner& scanner);

  segment_store& store_;
  const tail_cache* tail_;
  const topic_starts_map* starts_;
  std::mutex mutex_;
  std::array<read_ahead, 8> ahead_; // one for each of so many readers at a time
  std::size_t ahead_next_ = 0;
};

} // namespace weft::log
