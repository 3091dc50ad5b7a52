// mesh/log/copy_writer.hpp: puts entries at the end of one epoch of a copy, unchanged.
#pragma once
#include "mesh/log/copy_state.hpp"
#include "mesh/log/segment_store.hpp"

#include <map>
#include <memory>

namespace weft::log {

/// Writes one segment at a time; another epoch's next entry closes it. Files are written fresh, so a file is as long as
/// what it holds.
/// @thread one at a time
class copy_writer {
public:
  copy_writer(disk& on, log_paths paths, segment_store& store, std::uint64_t segment_bytes)
      : disk_(on), paths_(std::move(paths)), store_(store), segment_bytes_(segment_bytes) {}

  /// Writes entries behind all others of their epoch; not durable, not readable.
  /// @error errc::not_synced, errc::io_error, errc::disk_full  nothing more may be written
  [[nodiscard]] result<void> append(const std::vector<wire::stored_entry>& entries);
  /// Makes what was written durable. @returns each segment that grew, as it is now
  [[nodiscard]] result<std::vector<copy_segment>> sync();
  /// Lets readers find what was synced. @pre sync() and nothing appended since
  void show();
  /// Ends the active segment, so that its file may be written anew. @pre as show()
  [[nodiscard]] result<void> close();

  [[nodiscard]] bool dirty() const noexcept { return written_ != synced_; }

private:
  [[nodiscard]] result<void> begin_segment(const wire::entry_header& first);
  [[nodiscard]] result<void> sync_file();
  /// @param end  the segment stands for all below: where the next one begins
  [[nodiscard]] result<void> close(seq end);
  [[nodiscard]] copy_segment facts() const;

  disk& disk_;
  const log_paths paths_;
  segment_store& store_;
  const std::uint64_t segment_bytes_;

  std::unique_ptr<file> file_; // null: no segment is active
  segment_ref segment_;
  std::unique_ptr<index_builder> builder_;
  topic_table topics_;
  std::uint64_t written_ = 0, synced_ = 0; // bytes of the file
  std::vector<copy_segment> closed_;       // since the last sync()
};

} // namespace weft::log
