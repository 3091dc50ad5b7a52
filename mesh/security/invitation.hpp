// mesh/security/invitation.hpp: the file that lets one new node join: a secret, to be handed over as one.
//
// A text: what it says in words, then the same and the secret in base64 (64 characters a line).
//
//   -----BEGIN WEFT INVITATION-----
//   Name: billing
//   Roles: storage,relay
//   Mesh: 64 hexadecimal digits
//   Issuer: node id, 64 hexadecimal digits
//   Address: tcp://10.0.0.5:7411        one line each
//   Expires: 2030-01-31T12:00:00Z
//
//   d2VmdGludnQBAAA...
//   -----END WEFT INVITATION-----
//
// The bytes, little-endian:
//
//     0   8  magic "weftinvt"
//     8   2  version, 1
//    10   2  length of the whole
//    12  16  token id
//    28  16  token secret
//    44  32  mesh id: the fingerprint of the root's key
//    76  32  the issuer's node id
//   108  32  the issuer's CURVE public key
//   140   4  roles
//   144   8  expires, microseconds since 1970 UTC
//   152   1  length of the name, then the name
//    ..   1  number of addresses, 1 to 8; for each: length (1), text
//    ..   4  crc32c of all before
#pragma once
#include "mesh/security/token_store.hpp"

#include <vector>

namespace weft::security {

/// Not copyable, as its secret isn't.
struct invitation {
  token_id token;
  token_secret secret;
  mesh_id mesh;
  node_id issuer;
  curve_key issuer_curve;
  role_set roles;
  wall_time expires;
  std::string name;
  std::vector<std::string> addresses; ///< where to dial the issuer
};

/// Whether it is `tcp://HOST:PORT` with printable characters and a port from 1 to 65535.
/// @error errc::invalid_argument
[[nodiscard]] result<void> check_address(std::string_view address);

/// The text, with the secret in it: write it to where only its reader can see it.
/// @pre the name, the times and the addresses are ones that decode_invitation() accepts
[[nodiscard]] std::string encode(const invitation& item);

/// Accepts exactly what encode() writes; line ends may be CR LF and blanks may surround the whole.
/// @error errc::unsupported  a version that this build does not know
/// @error errc::corrupt      anything else; no message repeats a part of the text
[[nodiscard]] result<invitation> decode_invitation(std::string_view text);

/// @error errc::expired  ask for a new one. A clock that is limits::clock_skew_allowed ahead still tries
[[nodiscard]] result<void> check_time(const invitation& item, wall_time now);

} // namespace weft::security
