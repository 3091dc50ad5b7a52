#include "gui/feed/close_looks.hpp"

#include "gui/feed/limits.hpp"

#include <algorithm>

namespace weft::monitor {

void close_looks::set_in_view(const std::vector<std::string>& nodes) {
  std::vector<std::string> wanted(
      nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(std::min(nodes.size(), limits::in_view_max)));
  std::ranges::sort(wanted);
  const std::lock_guard lock(mutex_);
  wanted_ = std::move(wanted);
}

void close_looks::hear(client& through, const std::function<void(const event&)>& take) {
  const auto wanted = [this] {
    const std::lock_guard lock(mutex_);
    return wanted_;
  }();
  std::erase_if(heard_, [&](const auto& one) { return !std::ranges::binary_search(wanted, one.first); });
  for (const auto& node : wanted)
    if (!heard_.contains(node))
      if (auto begun = through.subscribe(telemetry::view_topic_of(node), {.synced = true, .on_gap = [](const gap&) {}}))
        heard_.emplace(node, *std::move(begun));
  for (auto at = heard_.begin(); at != heard_.end();) {
    const auto came = at->second.poll_batch(events_at_once, microseconds{0});
    if (came) std::ranges::for_each(*came, take);
    at = came ? std::next(at) : heard_.erase(at);
  }
}

} // namespace weft::monitor
