// mesh/transport/name_families.hpp: whether a host's name is looked up as IPv4 or IPv6 next.
#pragma once
#include <set>
#include <string>

namespace weft::transport {

/// libzmq looks a name up in one family a socket. So a name is tried as IPv4 first, and after a try that failed in the
/// other one: a name may have addresses of either, or of both with only one that leads there.
/// @thread the transport thread
class name_families {
public:
  /// @param address  tcp://HOST:PORT; numbers are IPv6 when they are in brackets
  [[nodiscard]] bool ipv6(const std::string& address) const;
  /// The last try led nowhere.
  void failed(const std::string& address);

private:
  std::set<std::string> ipv6_next_; // at most limits::names_by_ipv6_max
};

} // namespace weft::transport
