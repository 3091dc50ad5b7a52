// mesh/base/virtual_world.hpp: what is behind a virtual disk and its open files.
#pragma once
#include "mesh/base/virtual_disk.hpp"
#include "mesh/base/virtual_tree.hpp"

#include <mutex>

namespace weft {

/// Everything but `begin` wants the lock held.
struct virtual_disk::world {
  /// One call under way: holds the world until it ends.
  struct call {
    std::unique_lock<std::mutex> held;
    std::optional<error> failed; ///< by the plan or since the disk is halted
  };

  mutable std::mutex mutex;
  virtual_tree tree;
  std::uint64_t run = 0; // crashes so far: files and locks of an older run are gone
  bool halted = false;
  disk_fault_plan plan;
  disk_call_counts counts;
  std::uint64_t cache_drops = 0;
  disk_call_counts counts_of_plan;
  std::uint64_t faults_hit = 0;
  bool faults_held = false;
  std::shared_ptr<const hook> before_each_call;
  std::vector<inode_ptr> locked; // directories of the lock files

  [[nodiscard]] call begin(disk_call kind, const std::string& path);
  [[nodiscard]] std::uint64_t used() const;
  [[nodiscard]] result<void> write(const inode_ptr& file, const std::string& path, std::uint64_t offset,
                                   std::span<const byte_view> parts);
  [[nodiscard]] result<void> rename(const std::string& from, const std::string& to);
  [[nodiscard]] result<void> unlink(const std::string& path, bool directory);
  [[nodiscard]] result<void> make_directories(const std::string& path);
  [[nodiscard]] result<inode_ptr> open(const std::string& path, open_mode mode);
  void end_run();
};

namespace virtual_detail {

/// A file when there is one at the path, else null.
[[nodiscard]] inode_ptr file_at(const virtual_tree& tree, const std::string& path);
[[nodiscard]] inode_ptr make_file(byte_view durable = {});
/// "cannot rename a: no such file"
[[nodiscard]] tl::unexpected<error> cannot(disk_call kind, const std::string& path, errc code, std::string_view why);

} // namespace virtual_detail
} // namespace weft
