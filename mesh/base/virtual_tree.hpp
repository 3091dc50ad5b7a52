// mesh/base/virtual_tree.hpp: the directories of a virtual disk, with what a power failure would do to them.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/base/virtual_content.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

struct virtual_inode;
using inode_ptr = std::shared_ptr<virtual_inode>;

/// A file or a directory. It lives as long as a name, a pending operation or an open file refers to it.
struct virtual_inode {
  using names = std::map<std::string, inode_ptr, std::less<>>;

  bool is_directory = false;
  names entries;                            // of a directory: what calls see
  names durable;                            // of a directory: what a power failure leaves at least
  std::shared_ptr<virtual_content> content; // of a file; shared with clones until one of them writes

  /// The content as this world's own.
  [[nodiscard]] virtual_content& writable();
};

/// A tree whose creations, renames and removals are durable only when their directory is synced.
/// Paths are taken apart at '/'; "." and empty parts mean nothing, so that "/a", "a" and "./a" are one.
/// @thread one at a time
class virtual_tree {
public:
  virtual_tree();

  /// A name in a directory that exists.
  struct place {
    inode_ptr directory; ///< null: there is no such directory
    std::string name;    ///< empty: the root itself
  };

  /// Null when there is nothing.
  [[nodiscard]] inode_ptr find(std::string_view path) const;
  [[nodiscard]] place place_of(std::string_view path) const;

  void link(const place& at, const inode_ptr& inode);
  void unlink(const place& at);
  /// Replaces what is at `to`. Kept or lost as one. Durable with the directory of `to`.
  void move(const place& from, const place& to);
  void sync(const inode_ptr& directory);

  /// A power failure: each operation that was not synced is kept or dropped; one that was dropped takes those with it
  /// that came later for the same file.
  void crash(random_source& random);
  void crash_losing_everything_unsynced();

  /// In the order of their paths.
  void each_file(const std::function<void(const std::string& path, virtual_inode& file)>& visit) const;
  [[nodiscard]] virtual_tree clone() const;

private:
  /// One operation that is not durable: `inode` leaves `from` and appears at `to`, where they have a directory.
  struct change {
    inode_ptr inode;
    place from, to;
  };
  static void make_durable(const change& done);
  void settle(const std::function<bool()>& keep);

  inode_ptr root_;
  std::vector<change> pending_; // in order
};

} // namespace weft
