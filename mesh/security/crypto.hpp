// mesh/security/crypto.hpp: hashing, signing and the ids made from keys; libsodium stays behind it.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/security/secret.hpp"

#include <initializer_list>

namespace weft::security {

using hash256 = std::array<std::uint8_t, 32>;
using signature = std::array<std::uint8_t, 64>;

/// An Ed25519 public key: who somebody is.
using identity_key = id256<struct identity_key_tag>;
/// An X25519 public key: what CURVE encrypts a link to.
using curve_key = id256<struct curve_key_tag>;
/// Who signed something: BLAKE2b-256 of the Ed25519 public key. A root's has the bytes of the mesh id, an issuer's
/// those of its node id.
using key_id = id256<struct key_id_tag>;

/// BLAKE2b-256 of the parts one after another.
[[nodiscard]] hash256 blake2b_256(std::initializer_list<byte_view> parts);

[[nodiscard]] node_id node_id_of(const identity_key& key);
[[nodiscard]] mesh_id mesh_id_of(const identity_key& root);
[[nodiscard]] key_id key_id_of(const identity_key& key);

/// What a signature is for; signed before the message, so that one kind can't pass for another.
enum class signed_as : std::uint8_t { certificate, proof, node_record, accusation, topic_record, cut_record, question };

/// An Ed25519 key pair.
class signing_key {
public:
  /// The seed of RFC 8032 determines the pair.
  explicit signing_key(secret<32> seed);

  [[nodiscard]] const identity_key& public_key() const noexcept { return public_; }
  /// For the key's file only.
  [[nodiscard]] const secret<32>& seed() const noexcept { return seed_; }
  [[nodiscard]] signature sign(signed_as purpose, byte_view message) const;

private:
  secret<32> seed_;
  identity_key public_;
};

[[nodiscard]] bool verify(const signature& of, signed_as purpose, byte_view message, const identity_key& by);

/// The X25519 public key that belongs to a secret one.
[[nodiscard]] curve_key curve_public_of(const secret<32>& key);

template <std::size_t N>
[[nodiscard]] byte_view bytes_of(const std::array<std::uint8_t, N>& array) noexcept {
  return std::as_bytes(std::span(array));
}
template <class Tag>
[[nodiscard]] byte_view bytes_of(const id256<Tag>& id) noexcept {
  return bytes_of(id.bytes());
}

} // namespace weft::security
