#include "actors/mesh_topics.hpp"

#include "actors/node_services.hpp"

#include <fmt/format.h>

namespace weft::actors {

using membership::topic_event;

mesh_topics::mesh_topics(node_services& services, const topic_author& author)
    : services_(services),
      author_(author),
      authority_(author_.keys, services.facts.mesh),
      records_(authority_, services.facts.id) {}

std::vector<std::string> mesh_topics::load() {
  const auto kept = services_.catalog.items().list();
  if (!kept) {
    services_.to.warning(fmt::format("what the mesh decided on topics can't be read: {}", kept.error().message()));
    return {};
  }
  std::vector<wire::item> items;
  for (const auto& item : *kept)
    if (records_.keeps(item.content.kind)) items.push_back(item.content);
  return take(items);
}

std::vector<std::string> mesh_topics::learn(const std::vector<wire::item>& items) {
  auto topics = take(items); // the membership has looked at their dates
  std::vector<catalog::item_table::kept_item> newer;
  newer.reserve(topics.size());
  for (const auto& topic : topics)
    newer.push_back({membership::key_of_topic(topic), find(topic)->item});
  if (newer.empty()) return topics;
  // Others have them: what a power failure takes comes again.
  if (const auto done = services_.catalog.items().keep(newer, catalog::durability::relaxed); !done)
    services_.to.warning(fmt::format("what the mesh decided on topics is not kept: {}", done.error().message()));
  return topics;
}

result<void> mesh_topics::decide(const membership::topic_decision& wanted) {
  const auto certificate = shared_bytes::take(security::encode(*author_.chain.get()));
  const auto item = records_.decide(wanted, certificate, wall());
  if (!item) return fail(item.error());
  const auto key = membership::key_of_topic(wanted.topic);
  if (auto kept = services_.catalog.items().keep({{key, *item}}, catalog::durability::synced); !kept) return kept;
  static_cast<void>(take({*item}));
  services_.membership.publish(*item);
  return {};
}

wall_time mesh_topics::wall() const { return services_.clock.wall(); }

std::vector<std::string> mesh_topics::take(const std::vector<wire::item>& items) {
  std::vector<std::string> topics;
  for (const auto& item : items)
    static_cast<void>(records_.take(item, services_.facts.id, {services_.clock.mono(), wall()}));
  for (const auto& event : records_.take_events()) {
    const auto* const changed = std::get_if<topic_event::changed>(&event);
    if (changed == nullptr) continue; // what is refused here is refused by the membership, which says so
    topics.push_back(changed->topic);
    if (services_.topic_changed) services_.topic_changed(find(changed->topic)->record);
  }
  return topics;
}

} // namespace weft::actors
