#include "actors/lease_document.hpp"

#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

std::string_view text_of(delivery::lease_state state) {
  switch (state) {
  case delivery::lease_state::none: return "none";
  case delivery::lease_state::ready: return "ready";
  case delivery::lease_state::holds: return "holds";
  case delivery::lease_state::ran_out: return "ran-out";
  }
  return "none";
}

std::string_view text_of(delivery::lease_end why) {
  switch (why) {
  case delivery::lease_end::unused: return "unused";
  case delivery::lease_end::bytes: return "bytes";
  case delivery::lease_end::over: return "over";
  }
  return "unused";
}

json time_text(const std::optional<wall_time>& at) { return at ? json(at->us) : json(); }

} // namespace

json lease_document(const node_services& services, const delivery::lease_holder& holder, topic_id topic) {
  const auto facts = services.leases.of(holder, topic);
  return {{"lease", text_of(facts.state)},
          {"held_bytes", facts.held_bytes},
          {"held_since_us", time_text(facts.held_since)},
          {"ran_out_us", time_text(facts.ran_out_at)},
          {"ran_out_why", facts.ran_out_at ? json(text_of(facts.why)) : json()}};
}

json leases_document(const node_services& services, const delivery::lease_holder& holder) {
  auto rows = json::array();
  const auto pattern = topic_pattern::parse(holder.pattern);
  for (const auto& topic : services.log.topics()) {
    const auto name = services.topics.living_name_of(topic.topic);
    if (!pattern || !name || !pattern->matches(*name)) continue;
    rows.push_back(lease_document(services, holder, topic.topic));
    rows.back()["topic"] = *name;
  }
  return rows;
}

} // namespace weft::actors
