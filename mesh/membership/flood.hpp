// mesh/membership/flood.hpp: hands news on to all neighbours but those that have it. Pure.
#pragma once
#include "mesh/membership/gossip_effects.hpp"

#include <set>

namespace weft::membership {

/// News gather for limits::gossip_delay, so that what comes together goes on together.
class flood {
public:
  /// @param from  who sent it; this node itself for its own
  void add(const wire::item& news, const node_id& from, mono_time now);
  /// The peer sent it too: it needs not get it.
  void seen(const wire::item& item, const node_id& from);
  /// Sends when the time has come or a message is full.
  void tick(const std::set<node_id>& neighbors, mono_time now, gossip_effects& fx);

  /// Nothing when nothing waits.
  [[nodiscard]] std::optional<mono_time> next_tick() const noexcept { return due_; }

private:
  struct waiting {
    wire::item item;
    std::set<node_id> known_by;
  };

  std::vector<waiting> news_;
  std::optional<mono_time> due_;
};

} // namespace weft::membership
