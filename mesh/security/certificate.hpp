// mesh/security/certificate.hpp: who a node is, signed. One byte layout, so that one certificate has one encoding.
//
// 304 bytes, little-endian:
//
//     0   8  magic "weftcert"
//     8   2  version, 1
//    10   2  length of the whole, 304
//    12   4  node number, not 0
//    16   4  roles, a bit each: 1 storage, 2 relay, 4 issuer, 8 admin
//    20   8  serial, random
//    28   8  not before, microseconds since 1970 UTC
//    36   8  not after, later than not before
//    44  32  mesh id
//    76  32  who signed: BLAKE2b-256 of the signer's Ed25519 public key
//   108  32  the node's Ed25519 public key; the node id is its BLAKE2b-256
//   140  32  the node's CURVE (X25519) public key
//   172   1  length of the name, 1 to 63
//   173  63  name, then zeros
//   236   4  zeros
//   240  64  Ed25519 signature of "weft certificate 1\0" and bytes 0 to 239
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/security/crypto.hpp"
#include "mesh/security/roles.hpp"

#include <vector>

namespace weft::security {

inline constexpr std::size_t certificate_bytes = 304;

/// The last time that certificates and invitations can hold: the end of the year 9999.
inline constexpr wall_time time_max{253'402'300'799'000'000};

struct certificate {
  node_number number;
  role_set roles;
  std::uint64_t serial = 0;
  wall_time not_before, not_after;
  mesh_id mesh;
  key_id signer;
  identity_key identity;
  curve_key curve;
  std::string name;
  security::signature signature{};

  [[nodiscard]] node_id id() const { return node_id_of(identity); }
  friend bool operator==(const certificate&, const certificate&) = default;
};

/// The bytes of a certificate that holds what `decode_certificate` accepts.
[[nodiscard]] std::vector<std::byte> encode(const certificate& item);
/// Checks the layout and each field, not the signature.
/// @error errc::unsupported      a version that this build does not know
/// @error errc::bad_certificate  anything else that is wrong with the bytes
[[nodiscard]] result<certificate> decode_certificate(byte_view bytes);

/// Sets `signer` and `signature`.
void sign(certificate& item, const signing_key& by);
/// Whether `by` signed it.
[[nodiscard]] bool is_signed(const certificate& item, const identity_key& by);

enum class validity : std::uint8_t { valid, not_yet_valid, expired };

/// With limits::clock_skew_allowed at both ends.
[[nodiscard]] validity validity_at(const certificate& item, wall_time now);
/// @error errc::expired        renew it
/// @error errc::not_yet_valid  check the clocks
[[nodiscard]] result<void> check_time(const certificate& item, wall_time now);
/// Whether half of its life is over: time to renew.
[[nodiscard]] bool renewal_due(const certificate& item, wall_time now);

/// "'billing' (number 3)", for messages.
[[nodiscard]] std::string describe(const certificate& item);

} // namespace weft::security
