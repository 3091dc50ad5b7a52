#include "actors/own_facts.hpp"

#include "actors/node_services.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <algorithm>

namespace weft::actors {

membership::own_facts own_facts_of(const node_services& services, const membership_parts& parts) {
  membership::own_facts are;
  const auto state = services.log.state();
  are.epoch = state.epoch;
  if (state.health.frozen) {
    are.frozen_since = state.health.since;
    are.frozen_why = state.health.why.substr(0, limits::refusal_text_bytes_max);
  }
  are.addresses = services.addresses;
  are.addresses.resize(std::min(are.addresses.size(), limits::announced_addresses_max));
  are.zone = parts.zone;
  are.roles = parts.chain.node.roles.bits;
  routing::topic_summary_builder topics;
  for (const auto& name : services.topics.names())
    topics.add(name);
  are.topics = topics.summary();
  are.versions_min = limits::protocol_version_min;
  are.versions_max = limits::protocol_version_max;
  return are;
}

} // namespace weft::actors
