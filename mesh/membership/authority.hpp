// mesh/membership/authority.hpp: who signed what: the machines' view of certificates and signatures.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <string>

namespace weft::membership {

using signature = std::array<std::uint8_t, 64>;
/// A public key, or the hash of one.
using key_bytes = std::array<std::uint8_t, 32>;

/// What a checked certificate says of a node.
struct identity {
  node_id id;
  node_number number;
  std::string name;
  std::uint32_t roles = 0;
  key_bytes key{};      ///< Ed25519: what its items are verified with
  key_bytes link_key{}; ///< CURVE: what links to it are encrypted to
  wall_time not_before, not_after;
  key_bytes issuer{}; ///< BLAKE2b-256 of the key that signed the certificate
  friend bool operator==(const identity&, const identity&) = default;
};

/// Signs the node's own items and checks everybody's. Implemented over mesh/security, and by a fake in tests. A
/// signature is over a prefix for the item's kind, then its bytes: one kind can't pass for another.
class authority {
public:
  virtual ~authority() = default;

  [[nodiscard]] virtual signature sign(wire::item_kind kind, byte_view bytes) const = 0;
  [[nodiscard]] virtual bool verify(wire::item_kind kind, byte_view bytes, const signature& by,
                                    const identity& author) const = 0;

  /// Checks a certificate chain.
  /// @error errc::bad_certificate, errc::wrong_mesh, errc::unsupported  nobody of this mesh hands it on
  /// @error errc::expired, errc::not_yet_valid  another node's clock may say otherwise
  [[nodiscard]] virtual result<identity> read_identity(byte_view chain, wall_time now) const = 0;
};

} // namespace weft::membership
