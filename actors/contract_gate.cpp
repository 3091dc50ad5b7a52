#include "actors/contract_gate.hpp"

#include "mesh/contract/admission.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

result<std::vector<log::append_request::item>> admitted(const node_services& services, const node::known_topic& topic,
                                                        const wire::batch_view& batch) {
  auto parts = contract::admit(*topic.settings.contract, batch);
  if (!parts) return fail(std::move(parts).error());
  std::vector<log::append_request::item> items;
  for (auto& part : *parts) {
    const auto to = part.aside ? services.topics.find(part.batch.topic()) : std::optional(topic);
    if (!to)
      return fail(errc::not_found, fmt::format("there is no topic {} for what is not as the contract of {} says: "
                                               "`weft contracts add` makes it",
                                               part.batch.topic(), batch.topic()));
    items.push_back({to->id, std::move(part.batch)});
  }
  return items;
}

} // namespace

result<std::vector<log::append_request::item>> items_of(const node_services& services, const node::known_topic& topic,
                                                        const wire::batch_view& batch) {
  if (topic.settings.contract != nullptr) return admitted(services, topic, batch);
  std::vector<log::append_request::item> items;
  items.push_back({topic.id, batch});
  return items;
}

log::appended place_of(const std::vector<log::appended>& parts) {
  auto place = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i)
    place.count += parts[i].count;
  return place;
}

} // namespace weft::actors
