// mesh/log/segment_store.hpp: which segments a log has, for its writer, its readers and its keeper; any log's, own or
// copied.
#pragma once
#include "mesh/log/index_file.hpp"
#include "mesh/log/open_files.hpp"
#include "mesh/log/recovery_report.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weft::log {

/// A segment that somebody may hold. Its file stays where it is, unchanged below what was synced, until nobody does.
struct log_segment {
  log_segment(weft::epoch opening, seq begin, std::string at, const log_id& log)
      : epoch(opening), first(begin), path(std::move(at)), seed(wire::checksum_seed(log, opening)) {}

  const weft::epoch epoch;
  const seq first;
  const std::string path;
  const std::uint32_t seed; ///< of its entries' checksums

private:
  friend class segment_store;
  mutable std::shared_ptr<const file> own_file_; // when another is or will be at the path; the store's lock guards it
};
using segment_ref = std::shared_ptr<const log_segment>;

/// A segment as a reader at one position sees it.
struct segment_view {
  segment_ref segment;
  seq from;                           ///< where reading starts in it
  seq end;                            ///< one past the last seq that may be read
  std::uint64_t used = 0;             ///< bytes that may be read
  bool sealed = false;                ///< it will not grow
  bool cleaned = false;               ///< seqs may be missing
  index_point near;                   ///< an entry at or before `from`, as near as is known without the index file
  std::optional<damage_range> damage; ///< the first that ends behind `from`
};

/// What retention and topics() look at.
struct segment_facts {
  segment_ref segment;
  segment_summary summary;           ///< of what may be read
  bool sealed = false;               ///< it will not grow, and has its index
  std::vector<damage_range> damages; ///< known ones, ascending
};

/// @thread any; the changes one at a time
class segment_store {
public:
  segment_store(disk& on, const log_id& log) : disk_(on), log_(log), files_(on) {}

  // --- the writer's and the keeper's
  /// A closed segment. @param pinned  its index when the index file can't be relied on, else nothing
  void add_sealed(const std::string& path, const segment_summary& summary, std::vector<damage_range> damages,
                  std::shared_ptr<const pinned_index> pinned);
  /// A new segment of an epoch that is being written; nothing may be read in it yet.
  segment_ref add_active(const std::string& path, weft::epoch epoch, seq first);
  /// An active segment was synced so far. @param points  all of its index so far
  void extend(const segment_ref& active, const segment_summary& synced, const std::vector<index_point>& points);
  /// An active segment does not grow any more; its index is to come.
  void close_active(const segment_ref& active);
  /// An active segment has nothing and will have nothing.
  void drop_active(const segment_ref& active);
  /// The index of a closed segment.
  void seal(const segment_ref& segment, std::shared_ptr<const pinned_index> index);
  /// Indexes that have to be written yet; `index_saved` when one is.
  [[nodiscard]] std::vector<std::pair<segment_ref, std::shared_ptr<const pinned_index>>> unsaved() const;
  void index_saved(const segment_ref& segment);
  /// Takes the segment out; nobody finds it any more. @returns it, to wait until nobody holds it
  void retire(const segment_ref& segment);
  /// The segment that was retired first, when nobody holds it any more. Files have to go in that order, each durably:
  /// after a crash nothing may be missing behind one that came back.
  [[nodiscard]] std::optional<std::string> released() const;
  void forget_released();
  /// Another file is about to be put at the segment's path: whoever holds the segment goes on with `old`, which is
  /// closed with its last holder.
  /// @param index  the segment's own, when another's may soon be in its file; null: that file is gone
  void will_replace(const segment_ref& segment, std::shared_ptr<const file> old,
                    std::shared_ptr<const pinned_index> index = nullptr);
  /// It was put there: a cleaned or repaired one. What its index calls damaged stays so.
  void replace(const segment_ref& segment, const segment_summary& summary, std::shared_ptr<const pinned_index> index);

  // --- readers'
  /// The segment that has `from`, or the one where reading goes on from there.
  /// @param head  the end of the log: (current epoch, synced end)
  /// @error errc::end_of_log, errc::log_start, errc::out_of_range
  /// @error errc::epoch_ended  the epoch has grown since the next one began: see go_on_at()
  [[nodiscard]] result<segment_view> view_at(log_position from, log_position head) const;
  /// Where a reader that has had everything below `from` goes on: behind the end of a closed epoch with the next one,
  /// which may begin below.
  [[nodiscard]] log_position go_on_at(log_position from, log_position head) const;
  /// Where the first segment behind the position begins; the head when there is none.
  [[nodiscard]] log_position next_begin(log_position from, log_position head) const;
  /// What a log's time may be for a reader at this position: no later entry has an HLC at or below it. What came back
  /// from a copy may be younger than what was appended meanwhile.
  [[nodiscard]] hlc time_at(log_position at, hlc time, hlc head_time) const;
  [[nodiscard]] log_position begin(log_position head) const;
  [[nodiscard]] std::vector<segment_facts> all() const;
  /// Nothing when the segment is no longer the log's.
  [[nodiscard]] std::optional<segment_facts> facts_of(const segment_ref& segment) const;
  [[nodiscard]] std::uint64_t bytes() const;

  /// @error errc::corrupt, errc::not_found, errc::io_error  of the index file; or the segment is no longer the log's
  [[nodiscard]] result<std::shared_ptr<const index_core>> core_of(const segment_ref& segment) const;
  /// All of a sealed segment's index. @error as core_of
  [[nodiscard]] result<std::shared_ptr<const pinned_index>> index_of(const segment_ref& segment) const;
  /// Of a sealed segment. @error as core_of
  [[nodiscard]] result<index_tables> tables_of(const segment_ref& segment) const;
  [[nodiscard]] result<std::vector<entry_place>> places_of(const segment_ref& segment, const topic_extent& of) const;
  [[nodiscard]] result<std::shared_ptr<const file>> open(const segment_ref& segment) const;

  /// An entry that is older than `at`, as near to it as the index knows.
  [[nodiscard]] index_point before_time(const segment_ref& segment, hlc at) const;
  /// A reader found damage.
  void note_damage(const segment_ref& segment, const damage_range& damage);
  /// What is known to be damaged, ascending.
  [[nodiscard]] std::vector<damage> damaged() const;
  [[nodiscard]] const log_id& log() const noexcept { return log_; }

private:
  struct item {
    segment_ref segment;
    segment_summary summary;
    std::vector<damage_range> damages; // ascending
    std::vector<index_point> points;   // of the active one
    std::shared_ptr<const pinned_index> pinned;
    enum : std::uint8_t { active, closed, sealed } state = sealed;
  };
  using items = std::vector<item>;
  items::iterator insert(item added);
  [[nodiscard]] item& active_item(const segment_ref& segment);
  [[nodiscard]] items::iterator find(const segment_ref& segment);
  [[nodiscard]] items::const_iterator find(const segment_ref& segment) const;
  [[nodiscard]] items::const_iterator holder_of(log_position at) const;
  /// The next that has something.
  [[nodiscard]] items::const_iterator filled_from(items::const_iterator place) const;
  [[nodiscard]] segment_view view_of(const item& of, seq from) const;
  [[nodiscard]] tl::unexpected<error> nowhere(log_position from, log_position head) const;
  [[nodiscard]] log_position begin_locked(log_position head) const;
  [[nodiscard]] std::shared_ptr<const file> own_file_of(const segment_ref& segment) const;
  [[nodiscard]] std::shared_ptr<const pinned_index> pinned_of(const segment_ref& segment) const;

  disk& disk_;
  const log_id log_;
  mutable std::mutex mutex_;
  items items_;                     // ascending
  std::deque<segment_ref> retired_; // oldest first
  mutable open_files files_;

  struct loaded {
    segment_ref segment;
    std::shared_ptr<const index_core> core;
    std::size_t bytes = 0;
  };
  mutable std::vector<loaded> cores_; // read from index files; the last used is last
  mutable std::size_t core_bytes_ = 0;
};

} // namespace weft::log
