#include "mesh/routing/start_watch.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::routing {

std::vector<wire::named_start> start_watch::passed(const log_position& from, const starts& now) {
  std::vector<wire::named_start> found;
  if (now == known_ || !now) return found;
  for (const auto& [topic, start] : *now) {
    if (of_ == told::missed && start.at <= from) continue;
    if (known_) {
      const auto before = known_->find(topic);
      if (before != known_->end() && before->second.at == start.at) continue;
    }
    if (auto name = name_of_(topic)) found.push_back({std::move(*name), start.offset, start.at});
  }
  known_ = now;
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.topic < b.topic; });
  return found;
}

std::string removed_text(const wire::named_start& start) {
  return fmt::format("everything of topic {} below its offset {}, up to seq {}, was removed", start.topic,
                     start.offset.value(), start.at.seq.value());
}

std::string removed_text(const std::vector<wire::named_start>& starts) {
  WEFT_ASSERT(!starts.empty());
  if (starts.size() == 1) return removed_text(starts.front());
  return fmt::format("{}; so it is with {} more topics", removed_text(starts.front()), starts.size() - 1);
}

} // namespace weft::routing
