#include "actors/relay_table.hpp"

#include "actors/router.hpp"
#include "mesh/routing/shared_demand.hpp"

#include <fmt/format.h>

namespace weft::actors {

relay_ref relay_table::join(node_services& services, const router_ref& router, const std::string& node,
                            const wire::demand& wanted, const std::shared_ptr<relay_downstream>& flow) {
  // What is never shared gets a key that no shared demand has: theirs are FlatBuffers.
  auto key = routing::shared_key(wanted).value_or(fmt::format("flow {}", flow->id()));
  auto [at, fresh] = relays_.try_emplace(key);
  auto& [to, log, flows] = at->second;
  if (fresh) {
    to = start_relay(services, router, node, wanted);
    log = *wanted.log;
  }
  flows.insert(flow->id());
  key_of_.insert_or_assign(flow->id(), std::move(key));
  return to;
}

void relay_table::leave(std::uint64_t flow) {
  const auto key = key_of_.find(flow);
  if (key == key_of_.end()) return;
  const auto at = relays_.find(key->second);
  key_of_.erase(key);
  at->second.flows.erase(flow);
  at->second.to.leave(flow);
  if (!at->second.flows.empty()) return;
  at->second.to.stop();
  relays_.erase(at);
}

std::vector<relay_ref> relay_table::of(const log_id& log) const {
  std::vector<relay_ref> found;
  for (const auto& [key, one] : relays_)
    if (one.log == log) found.push_back(one.to);
  return found;
}

std::vector<relay_ref> relay_table::all() const {
  std::vector<relay_ref> found;
  found.reserve(relays_.size());
  for (const auto& [key, one] : relays_)
    found.push_back(one.to);
  return found;
}

} // namespace weft::actors
