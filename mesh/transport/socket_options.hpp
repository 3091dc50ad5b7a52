// mesh/transport/socket_options.hpp: what all sockets to other processes have in common.
#pragma once
#include "mesh/transport/zmq_socket.hpp"

namespace weft::transport {

inline constexpr int zap_enforce_domain = 93; // ZMQ_ZAP_ENFORCE_DOMAIN, in the draft part of zmq.h

/// Sizes, queues, handshake time and, on network links, heartbeats.
/// @param address  of the socket or its peer; IPv6 in brackets
void set_common_options(zmq_socket& socket, const transport_options& options, link_kind kind,
                        const std::string& address);

[[nodiscard]] std::string zap_domain(link_kind kind);
/// A failed handshake in words.
[[nodiscard]] std::string describe_failure(const monitor_event& event);
/// Why an open link ended, as far as ZeroMQ lets know.
[[nodiscard]] error connection_lost(const std::string& address, const transport_options& options);

/// Without encryption nobody proves a key; the dialling side says one in its routing id, so that tests have one.
[[nodiscard]] std::string routing_id_with(const curve_public_key& key);
[[nodiscard]] curve_public_key claimed_key(byte_view routing_id) noexcept;

} // namespace weft::transport
