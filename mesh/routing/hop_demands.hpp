// mesh/routing/hop_demands.hpp: which demands of this node stand at its hops, and what these are told of them. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/routing/log_source.hpp"
#include "mesh/routing/router_effects.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>

namespace weft::routing {

/// The other end of peer_demands: what is named to a hop every limits::demand_refresh lives there.
class hop_demands {
public:
  explicit hop_demands(mono_time now) noexcept : refreshed_(now) {}

  void sent(const node_id& hop, std::uint64_t subscription, const log_source& source);
  /// It was withdrawn, refused or closed.
  void ended(const node_id& hop, std::uint64_t subscription);
  void hop_gone(const node_id& hop);

  [[nodiscard]] bool any(const node_id& hop, const log_source& source) const;
  [[nodiscard]] bool empty() const noexcept { return sources_.empty(); }

  /// This node is nearer to the source than its hops were told: the next refresh() tells them. Also hops of before
  /// whose demands stand until the next one's flow is open: what they compare with is too far.
  void shorter(const log_source& source);
  /// Whether a hop is to be told before its time.
  [[nodiscard]] bool urgent() const noexcept { return !tell_now_.empty(); }
  /// @param distance_to  this node's own, as it may be told; nothing: the demand is not named
  void refresh(mono_time now, const std::function<std::optional<wire::distance>(const log_source&)>& distance_to,
               router_effects& fx);

private:
  struct demand {
    node_id hop;
    std::uint64_t subscription = 0;
    friend auto operator<=>(const demand&, const demand&) = default;
  };

  std::map<demand, log_source> sources_;
  std::set<std::pair<log_source, demand>> by_source_;
  std::set<node_id> tell_now_; // hops
  mono_time refreshed_;        // all of them
};

} // namespace weft::routing
