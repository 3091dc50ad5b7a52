// actors/certificate_client.hpp: gets a certificate from an issuer, on a link of its own.
#pragma once
#include "actors/identity.hpp"
#include "mesh/security/enrolment.hpp"

#include <stop_token>

namespace weft::actors {

/// Who asks for a certificate, and how.
struct certificate_request {
  const security::node_keys& keys;
  mesh_id mesh;
  std::string name;
  security::link_purpose purpose = security::link_purpose::enrol;
  std::optional<security::certificate_chain> chain; ///< the present one, to renew
  std::vector<std::byte> message;                   ///< an enrol or a renew request
  std::stop_token stop = {};                        ///< ends the waiting
};

/// Asks the issuers, one after the other, until one gives a certificate. The addresses of one are dialled in turn until
/// it answers at one of them.
/// @error errc::not_connected, errc::timed_out  none answered in time; errc::cancelled; else what the last one said
/// @thread one that may block, up to limits::certificate_within an issuer
[[nodiscard]] result<security::certificate_chain> obtain_certificate(const certificate_request& request,
                                                                     const std::vector<dial_target>& issuers,
                                                                     random_source& random, const clock& time);

} // namespace weft::actors
