// mesh/log/open_files.hpp: files that readers keep open, a bounded number of them.
#pragma once
#include "mesh/base/disk.hpp"

#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace weft::log {

/// Closes what was not used for longest; a file in use stays open until its last user is done.
/// @thread any
class open_files {
public:
  explicit open_files(disk& on) : disk_(on) {}

  /// @param of  whose file it is: another object's file may come to the same path
  [[nodiscard]] result<std::shared_ptr<const file>> open(const std::shared_ptr<const void>& of,
                                                         const std::string& path);
  /// The next open for that object opens anew.
  void forget(const std::shared_ptr<const void>& of);

private:
  struct entry {
    std::weak_ptr<const void> of;
    std::shared_ptr<const file> opened;
    [[nodiscard]] bool is_of(const std::shared_ptr<const void>& object) const noexcept {
      return !of.owner_before(object) && !object.owner_before(of);
    }
  };
  disk& disk_;
  std::mutex mutex_;
  std::list<entry> entries_; // the last used first
};

} // namespace weft::log
