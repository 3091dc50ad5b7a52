// tests/sim/delivery.hpp: what comes to a host from the network, and who takes it.
#pragma once
#include "tests/sim/process.hpp"

#include <cstdint>

namespace weft::sim {

/// What comes to a host; the network alone knows what is in it.
struct delivery {
  enum class kind : std::uint8_t { frame, dial, answer };
  kind what = kind::frame;
  std::uint64_t which = 0;
};

/// Who takes what comes to hosts: at once, later when the host is paused or busy, or not at all.
class receiver {
public:
  /// Ends in network::take or network::drop, within the call or later. @returns whether it waits
  virtual bool deliver(host_index host, delivery what) = 0;

protected:
  ~receiver() = default;
};

} // namespace weft::sim
