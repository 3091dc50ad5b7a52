#include "mesh/routing/hop_demands.hpp"

#include "mesh/base/limits.hpp"

namespace weft::routing {

void hop_demands::sent(const node_id& hop, std::uint64_t subscription, const log_source& source) {
  ended(hop, subscription);
  sources_.emplace(demand{hop, subscription}, source);
  by_source_.insert({source, {hop, subscription}});
}

void hop_demands::ended(const node_id& hop, std::uint64_t subscription) {
  const auto found = sources_.find({hop, subscription});
  if (found == sources_.end()) return;
  by_source_.erase({found->second, found->first});
  sources_.erase(found);
}

void hop_demands::hop_gone(const node_id& hop) {
  std::erase_if(sources_, [&hop](const auto& item) { return item.first.hop == hop; });
  std::erase_if(by_source_, [&hop](const auto& item) { return item.second.hop == hop; });
  tell_now_.erase(hop);
}

bool hop_demands::any(const node_id& hop, const log_source& source) const {
  const auto at = by_source_.lower_bound({source, {hop, 0}});
  return at != by_source_.end() && at->first == source && at->second.hop == hop;
}

void hop_demands::shorter(const log_source& source) {
  for (auto at = by_source_.lower_bound({source, {}}); at != by_source_.end() && at->first == source; ++at)
    tell_now_.insert(at->second.hop);
}

void hop_demands::refresh(mono_time now,
                          const std::function<std::optional<wire::distance>(const log_source&)>& distance_to,
                          router_effects& fx) {
  const bool all = now - refreshed_ >= limits::demand_refresh;
  if (all) refreshed_ = now;
  for (auto at = sources_.begin(); at != sources_.end();) {
    const auto hop = at->first.hop;
    router_out::refresh message{hop, {}};
    const bool due = all || tell_now_.contains(hop);
    for (; at != sources_.end() && at->first.hop == hop; ++at) {
      if (!due || message.demands.size() == limits::flows_per_link_max) continue;
      if (const auto own = distance_to(at->second)) message.demands.push_back({at->first.subscription, *own});
    }
    if (!message.demands.empty()) fx.emplace_back(std::move(message));
  }
  tell_now_.clear();
}

} // namespace weft::routing
