// mesh/transport/peer_socket.hpp: what the kernel knows of a connection.
#pragma once
#include <cstdint>
#include <string>

namespace weft::transport {

/// "127.0.0.1:4711", "[::1]:4711", "pid 4711" of a local program, or "unknown".
[[nodiscard]] std::string peer_name(int fd);
/// Bytes that came over a TCP connection; 0 for others.
[[nodiscard]] std::uint64_t bytes_received(int fd) noexcept;
/// How many connections may be open: half of the descriptors that the process may have.
[[nodiscard]] std::size_t connections_allowed() noexcept;

} // namespace weft::transport
