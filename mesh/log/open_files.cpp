#include "mesh/log/open_files.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::log {

result<std::shared_ptr<const file>> open_files::open(const std::shared_ptr<const void>& of, const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.is_of(of); });
    if (known != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, known);
      return known->opened;
    }
  }
  auto opened = disk_.open(path, open_mode::read);
  if (!opened) return fail(std::move(opened.error()));
  std::shared_ptr<const file> shared = std::move(*opened);
  entry dropped; // closed without the lock
  const std::lock_guard lock(mutex_);
  entries_.push_front({of, shared});
  if (entries_.size() > limits::open_segments_max) {
    dropped = std::move(entries_.back());
    entries_.pop_back();
  }
  return shared;
}

void open_files::forget(const std::shared_ptr<const void>& of) {
  std::list<entry> dropped;
  const std::lock_guard lock(mutex_);
  for (auto e = entries_.begin(); e != entries_.end();) {
    const auto here = e++;
    if (here->is_of(of)) dropped.splice(dropped.begin(), entries_, here);
  }
}

} // namespace weft::log
