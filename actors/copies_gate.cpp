#include "actors/copies_gate.hpp"

#include "actors/copies_settings.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>
#include <utility>

namespace weft::actors {

copies_gate::copies_gate(node_services& services, levels reached) : services_(services), reached_(std::move(reached)) {
  for (const auto& [topic, until] : reached_)
    services_.gate.reached(topic, until);
}

void copies_gate::open(const replication::confirm_tracker& counted) {
  bool news = false;
  for (const auto& topic : topics_) {
    const auto until = counted.replicated_until(topic.name, topic.copies);
    if (!services_.gate.reached(topic.id, until)) continue;
    reached_[topic.id] = until;
    news = true;
  }
  if (!news) return;
  services_.synced.wake();
  moved_ = true;
}

void copies_gate::keep() {
  if (!std::exchange(moved_, false)) return;
  {
    const std::lock_guard lock(keep_->mutex);
    keep_->reached = reached_;
  }
  services_.readers.run([&services = services_, keep = keep_](log::node_log&) {
    const std::lock_guard one_at_a_time(keep->writing);
    const auto reached = [&] {
      const std::lock_guard lock(keep->mutex);
      return keep->reached;
    }();
    if (const auto kept = keep_reached(services.catalog.settings(), reached); !kept)
      services.to.warning(fmt::format("what has its copies is not kept: {}", kept.error().message()));
  });
}

} // namespace weft::actors
