// tests/bench/socket_limit.hpp: what this machine's encrypted sockets move without Weft.
#pragma once

namespace weft::bench {

/// Bytes a second of 256 KiB messages from a ROUTER to a DEALER over loopback TCP with CURVE, two threads, half a
/// second.
[[nodiscard]] double encrypted_socket_bytes_per_s();

/// Bytes a second over one TCP connection on this machine, 256 KiB at a time.
[[nodiscard]] double tcp_bytes_per_s();

} // namespace weft::bench
