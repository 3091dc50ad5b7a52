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

json time_text(const std::optional<wall_time>& at) { return at ? json(at->us) : json(); }

} // namespace

json lease_document(const node_services& services, const delivery::lease_holder& holder, topic_id topic) {
  const auto facts = services.leases.of(holder, topic);
  const auto* const why = facts.why == delivery::lease_end::unused ? "unused" : "bytes";
  return {{"lease", text_of(facts.state)},
          {"held_bytes", facts.held_bytes},
          {"held_since_us", time_text(facts.held_since)},
          {"ran_out_us", time_text(facts.ran_out_at)},
          {"ran_out_why", facts.ran_out_at ? json(why) : json()}};
}

} // namespace weft::actors
