// mesh/transport/peer_socket.cpp: getpeername, SO_PEERCRED, TCP_INFO.
#include "mesh/transport/peer_socket.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace weft::transport {

namespace {

template <class Address>
Address as(const sockaddr_storage& from) {
  Address to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

} // namespace

std::string peer_name(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "unknown";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    const auto in = as<sockaddr_in>(peer);
    ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(in.sin_port));
  }
  if (peer.ss_family == AF_INET6) {
    const auto in = as<sockaddr_in6>(peer);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) { // an IPv4 peer at a socket for both
      ::inet_ntop(AF_INET, &in.sin6_addr.s6_addr[12], text.data(), text.size());
      return fmt::format("{}:{}", text.data(), ntohs(in.sin6_port));
    }
    ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), ntohs(in.sin6_port));
  }
  ucred credentials{};
  size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return "unknown";
  return fmt::format("pid {}", credentials.pid);
}

std::uint64_t bytes_received(int fd) noexcept {
  tcp_info facts{};
  socklen_t size = sizeof facts;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &facts, &size) == 0 ? facts.tcpi_bytes_received : 0;
}

std::size_t connections_allowed() noexcept {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return limits::connections_min;
  return std::max<std::size_t>(descriptors.rlim_cur / 2, limits::connections_min);
}

} // namespace weft::transport
