// mesh/log/index.hpp: what a segment's index file holds. A cache: the segment says the same, at the cost of a scan.
#pragma once
#include "mesh/log/segment_scan.hpp"
#include "mesh/log/tables.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace weft::log {

/// One place in a segment, about every limits::index_sparse_bytes.
struct index_point {
  seq first; ///< of the entry at `offset`
  std::uint64_t offset = 0;
  hlc at;
};

/// A topic's part of a segment.
struct topic_extent {
  topic_id topic;
  std::uint32_t entries = 0;
  seq first, end; ///< of its first entry, behind its last
  topic_offset first_offset, end_offset;
  hlc first_at, last_at;
  std::uint64_t bytes = 0;   ///< stored: headers and padding too
  std::uint64_t list_at = 0; ///< of its entries' list, in the section of lists
  std::uint32_t list_bytes = 0;
  std::uint32_t list_checksum = 0;
};

/// A segment as a whole.
struct segment_summary {
  log_id log;
  weft::epoch epoch;
  seq first, end;
  std::uint64_t used = segment_header_bytes; ///< bytes of the file up to the end of the last entry
  std::uint64_t entries = 0;
  hlc first_at, last_at; ///< of its entries
  bool cleaned = false;
  bool taken_back = false; ///< as segment_header has it
};

/// What a reader keeps in memory of an index.
struct index_core {
  segment_summary summary;
  std::vector<index_point> points;   ///< ascending
  std::vector<topic_extent> topics;  ///< ascending by topic
  std::vector<damage_range> damages; ///< ascending
  [[nodiscard]] const topic_extent* find(topic_id topic) const;
  /// The last point at or before `at`; the segment's begin without one.
  [[nodiscard]] index_point point_before(seq at) const;
};

/// State of the tables behind the segment's last entry.
struct index_tables {
  std::vector<topic_record> topics;
  std::vector<producer_record> producers;
};

/// Where one entry of a topic is.
struct entry_place {
  seq first;
  std::uint64_t offset = 0;
};

/// The whole of an index: core and all lists.
struct segment_index {
  index_core core;
  std::vector<std::byte> lists;
  /// @error errc::corrupt  the topic's list does not fit its checksum
  [[nodiscard]] result<std::vector<entry_place>> places(const topic_extent& of) const;
};
/// @error errc::corrupt
[[nodiscard]] result<std::vector<entry_place>> decode_places(const topic_extent& of, seq segment_first, byte_view list);

/// An index that is not on disk yet, with the tables behind its segment.
struct pinned_index {
  segment_index index;
  index_tables tables;
};

/// Collects an index while a segment grows. @thread one at a time
class index_builder {
public:
  index_builder(const log_id& log, weft::epoch epoch, seq first);

  void add(const entry_facts& entry);
  void add(const damage_range& damage);
  /// The segment stands for seqs up to `until`, whatever entries it has.
  void set_cleaned(seq until);
  void set_taken_back() noexcept { summary_.taken_back = true; }

  [[nodiscard]] const segment_summary& summary() const noexcept { return summary_; }
  [[nodiscard]] const std::vector<index_point>& points() const noexcept { return points_; }
  [[nodiscard]] segment_index finish() const;

private:
  struct growing {
    topic_extent extent;
    entry_place last;
    std::vector<std::byte> list;
  };
  segment_summary summary_;
  std::vector<index_point> points_;
  std::vector<damage_range> damages_;
  std::vector<growing> topics_;
  std::unordered_map<topic_id, std::size_t> places_; // in topics_
};

} // namespace weft::log
