// mesh/log/spare_files.hpp: pre-written files that wait to become segments: overwriting written blocks needs no
// journal.
#pragma once
#include "mesh/base/disk.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weft::log {

/// A file of a segment's size, synced, open, its first bytes zero.
struct spare_file {
  std::string path;
  std::unique_ptr<file> opened;
  bool recycled = false; ///< has an old segment's bytes behind its header
};

/// The last one is kept back for the mesh's own topics when the disk is full.
/// @thread take: any; the others one at a time
class spare_files {
public:
  /// @param folder  of the current epoch, so that taking one is a rename in one directory
  spare_files(disk& on, std::string folder, std::uint64_t bytes, std::size_t keep)
      : disk_(on), folder_(std::move(folder)), bytes_(bytes), keep_(keep) {}
  ~spare_files() { give_up(); }
  spare_files(const spare_files&) = delete;
  spare_files& operator=(const spare_files&) = delete;

  /// Another epoch has begun: all that is ready moves to its folder.
  [[nodiscard]] result<void> move_to(std::string folder);
  /// Takes over files that an earlier epoch left; what does not fit is removed. Both directories are synced.
  [[nodiscard]] result<void> adopt(const std::vector<std::string>& paths);
  /// @param last_too  also the one that is kept back
  [[nodiscard]] std::optional<spare_file> take(bool last_too);
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] bool wanted() const { return count() < keep_; }

  /// Writes the next piece of a new one, and syncs it: small, so that commits go on beside it.
  /// @returns whether the spare is finished   @error errc::disk_full, errc::io_error  given up, the next call begins
  /// anew
  [[nodiscard]] result<bool> make_piece();
  /// Removes what there is of one that is not finished.
  void give_up();
  /// Removes one that is ready, the last one too: its space is worth more to something that will free more than that.
  /// @returns whether there was one
  [[nodiscard]] bool release_one();
  /// Makes a spare of a segment's file that nobody refers to, or removes it when there are enough:
  /// limits::recycled_spares_most times as many as are made. Durably out of its place when it returns.
  [[nodiscard]] result<void> recycle(const std::string& segment_path);

private:
  [[nodiscard]] std::string fresh_name(bool recycled);
  void add(spare_file spare);
  [[nodiscard]] result<void> begin_one();

  disk& disk_;
  std::string folder_;
  const std::uint64_t bytes_;
  const std::size_t keep_;
  std::uint64_t number_ = 0;
  spare_file making_; // its path is the one that it gets at the end; not open: none
  std::uint64_t made_bytes_ = 0;
  mutable std::mutex mutex_;
  std::vector<spare_file> ready_;
};

} // namespace weft::log
