// tests/sim/network_options.hpp: how good the network of a run is, and what is counted on it.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "tests/sim/process.hpp"

#include <cstdint>
#include <functional>

namespace weft::sim {

struct network_options {
  microseconds latency_min{200};  ///< one way; each direction of each pair of hosts has its own
  microseconds latency_max{5000}; ///
  microseconds jitter{300};       ///< more, for each frame
  /// Instead of the two above when it is set; for zones and the like.
  std::function<microseconds(host_index from, host_index to)> latency_between;

  std::uint64_t bandwidth = 0;                 ///< bytes a second of a link's direction; 0: no limit
  std::uint64_t unsent_bytes_max = 16U << 20U; ///< of a link's direction; then sends are refused
  microseconds dial_timeout = limits::handshake_within;
  microseconds heartbeat_timeout = limits::heartbeat_timeout; ///< of the transport; 0: silence is never noticed
  bool cut_loses_frames = false;                              ///< a cut loses what it would hold: worse than TCP

  // Of single frames while network::set_sloppy is on; TCP does none of these.
  unsigned loss_per_mille = 0;
  unsigned duplicates_per_mille = 0;
  unsigned reorders_per_mille = 0;
  microseconds reordered_by{50'000}; ///< at most so much later than in order
};

/// Frames and the bytes in them, control and payload alike.
struct tally {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  void add(std::size_t size) noexcept {
    ++frames;
    bytes += size;
  }
  friend bool operator==(const tally&, const tally&) noexcept = default;
};

/// Of one host, or of one direction of a link. Sent = received + dropped + under way, when nothing is duplicated.
struct traffic {
  tally sent;
  tally received;
  tally dropped; ///< lost, or came to an end that was gone; counted at the receiver
};

} // namespace weft::sim
