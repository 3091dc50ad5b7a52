#include "mesh/transport/name_families.hpp"

#include "mesh/base/limits.hpp"

namespace weft::transport {
namespace {

bool has_name(const std::string& address) {
  constexpr std::string_view scheme = "tcp://";
  if (!address.starts_with(scheme) || address.find('[') != std::string::npos) return false;
  const auto host = address.substr(scheme.size(), address.rfind(':') - scheme.size());
  return host.find_first_not_of("0123456789.") != std::string::npos;
}

} // namespace

bool name_families::ipv6(const std::string& address) const {
  return address.find('[') != std::string::npos || ipv6_next_.contains(address);
}

void name_families::failed(const std::string& address) {
  if (!has_name(address) || ipv6_next_.erase(address) > 0) return;
  if (ipv6_next_.size() == limits::names_by_ipv6_max) ipv6_next_.clear(); // those begin with IPv4 again
  ipv6_next_.insert(address);
}

} // namespace weft::transport
