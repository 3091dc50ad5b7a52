// mesh/routing/silence_watch.hpp: which flows a peer keeps silent about though its link is up. Pure.
#pragma once
#include "mesh/base/limits.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace weft::routing {

/// The legs that a node asked of one peer. A source owes each a run every limits::run_heartbeat, an empty one when
/// there is nothing else, and hops pass it on; so a hop that is stuck, or loses what it should forward, is noticed
/// here.
///
/// The farther the source, the longer the patience: whoever is next to the silence gets to ask elsewhere first. While
/// the link carries much, what waits its turn there is not silent, until limits::leg_silent_bytes have overtaken it.
class silence_watch {
public:
  void asked(std::uint64_t leg) { legs_.insert_or_assign(leg, state{0, 0, 0, bytes_}); }
  /// @param nodes  that it comes over, the source and the peer among them
  void opened(std::uint64_t leg, std::size_t nodes);
  /// A run came, whatever was in it. @param bytes  of its events
  void heard(std::uint64_t leg, std::size_t bytes);
  void forget(std::uint64_t leg) { legs_.erase(leg); }

  /// limits::run_heartbeat has passed; a node that was paused loses time, and forgives it. @returns the legs that are
  /// silent for too long; they are forgotten
  [[nodiscard]] std::vector<std::uint64_t> tick();
  [[nodiscard]] bool empty() const noexcept { return legs_.empty(); }

private:
  struct state {
    std::size_t nodes = 0;      // 0: not open
    std::size_t ticks = 0;      // since it was heard
    std::size_t quiet = 0;      // those of them in which the link carried little
    std::uint64_t heard_at = 0; // of `bytes_`
  };

  std::map<std::uint64_t, state> legs_;
  std::uint64_t bytes_ = 0;     // of all, ever
  std::uint64_t ticked_at_ = 0; // of those
};

} // namespace weft::routing
