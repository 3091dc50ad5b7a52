// tests/bench/relayed_sockets.hpp: what this machine's encrypted sockets move over others that only pass it on.
#pragma once
#include "tests/bench/hosts.hpp"

namespace weft::bench {

struct socket_figures {
  double bytes_per_s = 0;
  double cpu_s_per_byte = 0; ///< of all hosts
};

/// 256 KiB messages from the first host to the last over ZeroMQ sockets with CURVE, a pair a cable and zmq_proxy
/// between them, for a second.
[[nodiscard]] socket_figures measure_relayed_sockets(chain_of_hosts& on);

} // namespace weft::bench
