// mesh/transport/socket_options.cpp: ZeroMQ's defaults are not safe: no message limit, no heartbeat, long handshakes.
#include "mesh/transport/socket_options.hpp"

#include "mesh/base/random.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace weft::transport {

namespace {

constexpr std::int64_t curve_overhead_bytes = 64; // a command's name, nonce and authentication of one part
constexpr std::size_t claim_bytes = 40;           // a key and 8 random bytes

int milliseconds(microseconds time) { return static_cast<int>(std::max<std::int64_t>(time.count() / 1000, 1)); }

} // namespace

void set_common_options(zmq_socket& socket, const transport_options& options, link_kind kind,
                        const std::string& address) {
  socket.set(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(options.frame_bytes_max) + curve_overhead_bytes);
  socket.set(ZMQ_SNDHWM, static_cast<int>(limits::link_queue_messages));
  socket.set(ZMQ_RCVHWM, static_cast<int>(limits::link_queue_messages));
  socket.set(ZMQ_HANDSHAKE_IVL, milliseconds(options.handshake_within));
  if (address.find('[') != std::string::npos) socket.set(ZMQ_IPV6, 1); // else off: libzmq would write IPv4 as IPv6
  if (kind == link_kind::local) return; // the kernel tells when a local process ends; a stopped one may go on later
  socket.set(ZMQ_HEARTBEAT_IVL, milliseconds(options.heartbeat_interval));
  socket.set(ZMQ_HEARTBEAT_TIMEOUT, milliseconds(options.heartbeat_timeout));
  socket.set(ZMQ_HEARTBEAT_TTL, milliseconds(options.heartbeat_timeout));
}

std::string zap_domain(link_kind kind) { return kind == link_kind::local ? "local" : "network"; }

std::string describe_failure(const monitor_event& event) {
  if (event.what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return "the handshake was refused";
  if (event.what == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    return fmt::format("the handshake did not finish: {}", std::strerror(static_cast<int>(event.value)));
  switch (event.value) {
  case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: return "the handshake failed: a wrong key";
  case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: return "the handshake failed: one side does not encrypt";
  default: return fmt::format("the handshake failed: not this protocol (ZMTP error {:#x})", event.value);
  }
}

error connection_lost(const std::string& address, const transport_options& options) {
  return error(errc::not_connected,
               fmt::format("{}: the connection ended: closed there, silent for {} s, or a frame over {} bytes", address,
                           options.heartbeat_timeout.count() / 1'000'000, options.frame_bytes_max));
}

std::string routing_id_with(const curve_public_key& key) {
  std::string id(reinterpret_cast<const char*>(key.data()), key.size());
  const auto random = os_random().next(); // an id that comes again would be shut out while the old one lingers
  id.append(reinterpret_cast<const char*>(&random), sizeof random);
  return id;
}

curve_public_key claimed_key(byte_view routing_id) noexcept {
  curve_public_key key{};
  if (routing_id.size() == claim_bytes) std::memcpy(key.data(), routing_id.data(), key.size());
  return key;
}

} // namespace weft::transport
