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

  [[nodiscard]] result<std::shared_ptr<const file>> open(const std::string& path);
  /// The next open of that path opens anew.
  void forget(const std::string& path);

private:
  struct entry {
    std::string path;
    std::shared_ptr<const file> opened;
  };
  disk& disk_;
  std::mutex mutex_;
  std::list<entry> entries_; // the last used first
};

} // namespace weft::log
