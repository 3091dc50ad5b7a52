// mesh/log/segment_writer.hpp: puts entries at the end of the log: lays them into memory, writes, syncs, rolls.
#pragma once
#include "mesh/log/index.hpp"
#include "mesh/log/segment_store.hpp"
#include "mesh/log/spare_files.hpp"
#include "mesh/log/tail_cache.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace weft::log {

/// A segment that will not grow any more; its index is to be made.
struct closed_segment {
  segment_ref segment;
  index_builder builder;
  index_tables tables; ///< behind its last entry
};

/// What the log assigned to a batch, and the batch.
struct new_entry {
  wire::entry_header header; ///< all but epoch and unsynced
  byte_view batch;
  producer_id producer;
  std::uint64_t sequence = 0;
  std::string_view topic_name;
};

/// The one writer of a log, of one epoch at a time. A commit is: make_room, add for each entry, write; then sync when
/// somebody waits for it.
/// @thread whoever leads the commit, one at a time
class segment_writer {
public:
  struct setup {
    disk& on;
    const log_paths& paths;
    log_id log;
    weft::epoch epoch;
    seq first;
    std::uint64_t segment_bytes;
    segment_store& store;
    tail_cache& tail;
    spare_files& spares;
    /// Gives the tables as they are when a segment closes, and takes the segment.
    std::function<index_tables()> tables;
    std::function<void(closed_segment)> closed;
  };
  explicit segment_writer(setup with);

  [[nodiscard]] seq written_end() const noexcept { return written_end_; }
  [[nodiscard]] seq synced_end() const noexcept { return synced_end_; }
  [[nodiscard]] bool dirty() const noexcept { return written_end_ != synced_end_; }
  [[nodiscard]] std::uint32_t seed() const noexcept { return seed_; }

  /// Sees to it that so many bytes fit into one segment; begins a new one if not. What was written is synced then.
  /// @param last_spare  may take the file that is kept for the mesh's own topics
  /// @error errc::not_synced  the sync failed: nothing more may be written   @error others: no new segment, try again
  [[nodiscard]] result<void> make_room(std::uint64_t bytes, bool last_spare);
  /// Lays the next entry of this commit into memory; sets its epoch and `unsynced`. This memcpy is the one copy of
  /// writing (mesh/doc/adr/0001-commit-buffers.md). @pre make_room for all entries of the commit
  void add(const new_entry& entry);
  /// Writes what was added in one call.
  /// After an error nothing of it counts, and the next make_room begins a new segment.
  [[nodiscard]] result<void> write();
  /// Makes all that was written durable and readable. @error errc::not_synced  never try again
  [[nodiscard]] result<void> sync();

  /// Ends the active segment, if there is one: its file is cut to what it holds. @pre !dirty()
  void finish();
  /// Later entries are of this epoch, in segments of its own. @pre !dirty()
  void begin_epoch(weft::epoch opened);

  /// Of the buffers that entries are written from and live readers read, in bytes. @thread any
  [[nodiscard]] std::size_t buffer_memory() const { return pool_->memory(); }

private:
  struct piece_mark {
    std::shared_ptr<tail_piece> piece;
    std::size_t entries = 0, used = 0;
  };
  [[nodiscard]] result<void> begin_segment(std::uint64_t bytes, bool last_spare);
  [[nodiscard]] result<std::unique_ptr<file>> take_spare(spare_file spare, const std::string& path);
  [[nodiscard]] result<std::unique_ptr<file>> create_file(const std::string& path);
  [[nodiscard]] std::vector<byte_view> parts_to_write() const;
  void forget_staged();
  void show();
  void close();

  setup with_;
  std::uint32_t seed_;
  std::shared_ptr<piece_pool> pool_ = std::make_shared<piece_pool>();

  // the active segment
  std::unique_ptr<file> file_;
  segment_ref segment_;
  std::unique_ptr<index_builder> builder_;
  std::uint64_t offset_ = 0;   // where the next commit goes
  std::uint64_t capacity_ = 0; // it does not grow beyond
  std::uint64_t prepared_ = 0; // bytes of the file that were written before, as zeros at least
  bool spoiled_ = false;       // it takes no more: a write failed, or the next segment's name may be on disk

  // this commit
  std::vector<entry_facts> staged_;
  std::uint64_t staged_bytes_ = 0;
  piece_mark before_;                              // the newest piece as it was
  std::vector<std::shared_ptr<tail_piece>> fresh_; // pieces begun in this commit

  std::shared_ptr<tail_piece> piece_;   // the newest one
  std::vector<piece_mark> unpublished_; // written, not synced
  seq next_;                            // behind what was added
  seq written_end_, synced_end_;
};

} // namespace weft::log
