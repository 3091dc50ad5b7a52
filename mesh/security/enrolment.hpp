// mesh/security/enrolment.hpp: what a proven link carries to get a certificate, as fixed bytes.
//
// The joiner asks over a link of purpose enrol or renew; the issuer answers once, and the link closes. Who asks, and
// for which keys, is what the handshake proved: it is not in the messages. All begin with magic "weft" (4), kind (1),
// layout 1 (1), and stay below limits::handshake_bytes_max; a refusal is the handshake's.
//
// enrol request: kind 4.   6 16 token id   22 16 token secret   38 1 length of the name, then the name
// renew request: kind 5.   nothing more
// issued: kind 6.          6 .. a certificate chain
#pragma once
#include "mesh/security/handshake.hpp"
#include "mesh/security/invitation.hpp"

namespace weft::security {

struct enrol_request {
  token_id token;
  token_secret secret;
  std::string name;
};
struct renew_request {};
struct issued {
  certificate_chain chain;
};

[[nodiscard]] std::vector<std::byte> encode(const enrol_request& message);
[[nodiscard]] std::vector<std::byte> encode(const renew_request& message);
[[nodiscard]] std::vector<std::byte> encode(const issued& message);

/// @error errc::protocol_violation
[[nodiscard]] result<std::variant<enrol_request, renew_request>> decode_enrolment_request(byte_view bytes);
/// @error errc::protocol_violation, errc::unsupported, errc::bad_certificate
[[nodiscard]] result<std::variant<issued, refusal>> decode_enrolment_reply(byte_view bytes);

/// The joiner's side of the answer: a chain for these keys, of this mesh, with this name, valid now; or the issuer's
/// reason, or what is wrong with the answer.
[[nodiscard]] result<certificate_chain> accept_reply(byte_view reply, const node_keys& keys, const mesh_id& mesh,
                                                     const std::string& name, wall_time now);

} // namespace weft::security
