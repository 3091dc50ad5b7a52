#include "actors/issuing_desk.hpp"

#include "mesh/base/random.hpp"

namespace weft::actors {

issuing_desk::issuing_desk(disk& on, const std::string& directory, const security::credentials& own,
                           catalog::catalog& in)
    : numbers_(on, directory, in.numbers()), issuer_(own, in.tokens(), numbers_, in.nodes(), os_random()) {}

result<std::string> issuing_desk::restore_numbers(bool new_catalog) {
  const std::lock_guard lock(mutex_);
  return numbers_.restore(new_catalog);
}

result<void> issuing_desk::used_up_to(node_number highest) {
  const std::lock_guard lock(mutex_);
  return issuer_.used_up_to(highest);
}

result<std::string> issuing_desk::invite(const security::invitation_request& request, wall_time now) {
  const std::lock_guard lock(mutex_);
  const auto made = issuer_.invite(request, now);
  if (!made) return fail(made.error());
  return security::encode(*made);
}

std::vector<std::byte> issuing_desk::answer(const security::established& peer, const security::curve_key& peer_curve,
                                            byte_view request, security::instant now) {
  const std::lock_guard lock(mutex_);
  return issuer_.answer(request, peer, peer_curve, now);
}

void issuing_desk::renewed(security::certificate_chain own) {
  const std::lock_guard lock(mutex_);
  issuer_.renewed(std::move(own));
}

} // namespace weft::actors
