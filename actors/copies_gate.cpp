#include "actors/copies_gate.hpp"

#include "actors/copies_settings.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>
#include <utility>

namespace weft::actors {

void copies_gate::load() {
  reached_ = kept_reached(services_.catalog.settings());
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
  services_.readers.run([&services = services_, reached = reached_](log::node_log&) {
    if (const auto kept = keep_reached(services.catalog.settings(), reached); !kept)
      services.to.warning(fmt::format("what has its copies is not kept: {}", kept.error().message()));
  });
}

} // namespace weft::actors
