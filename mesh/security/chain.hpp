// mesh/security/chain.hpp: a certificate with all that it takes to check it, knowing only the mesh id.
//
// 44 bytes and one or two certificates, little-endian:
//
//    0   8  magic "weftchan"
//    8   2  version, 1
//   10   2  number of certificates, 1 or 2
//   12  32  the root's Ed25519 public key; the mesh id is its BLAKE2b-256
//   44 304  the node's certificate
//  348 304  the certificate of the issuer that signed it; absent when the root did
#pragma once
#include "mesh/security/certificate.hpp"
#include "mesh/security/keys.hpp"

#include <optional>

namespace weft::security {

inline constexpr std::size_t chain_bytes_max = 44 + 2 * certificate_bytes;

struct certificate_chain {
  identity_key root;
  certificate node;
  std::optional<certificate> issuer;
  friend bool operator==(const certificate_chain&, const certificate_chain&) = default;
};

[[nodiscard]] std::vector<std::byte> encode(const certificate_chain& chain);
/// Checks the layout, no signature.
/// @error errc::unsupported      a version that this build does not know
/// @error errc::bad_certificate  anything else that is wrong with the bytes
[[nodiscard]] result<certificate_chain> decode_chain(byte_view bytes);

/// Checks everything but the time: the root is the mesh's; the root signed the issuer's certificate and the issuer the
/// node's, or the root the node's; an issuer's certificate has that role and only the root gives it; the node's lies
/// within the life of its issuer's.
/// @error errc::wrong_mesh       it is another mesh's
/// @error errc::bad_certificate  it is not signed as it should be
[[nodiscard]] result<void> check_chain(const certificate_chain& chain, const mesh_id& mesh);

/// Checks that a chain certifies these keys. @error errc::bad_certificate
[[nodiscard]] result<void> check_belongs(const certificate_chain& chain, const node_keys& keys);

} // namespace weft::security
