#include "mesh/base/reached.hpp"

#ifdef WEFT_PLANTED_BUGS
#include <map>
#include <mutex>

namespace weft {
namespace {
std::mutex mutex;
std::map<std::string_view, std::uint64_t> counts;
} // namespace

void reached(std::string_view name) {
  const std::lock_guard lock(mutex);
  ++counts[name];
}

std::vector<std::pair<std::string_view, std::uint64_t>> take_reached() {
  const std::lock_guard lock(mutex);
  std::vector<std::pair<std::string_view, std::uint64_t>> taken(counts.begin(), counts.end());
  counts.clear();
  return taken;
}

} // namespace weft
#endif
