// mesh/security/handshake_messages.hpp: the messages of a link whose peer is not proven yet, as fixed bytes.
//
// All begin with magic "weft" (4), kind (1), layout (1). Little-endian; nothing may follow.
//
// hello: kind 1, layout 1; 78 bytes and the credential. Bytes 0 to 9 stay as they are in every layout.
//     6   2  lowest protocol version        10   1  purpose: 1 member, 2 enrol, 3 renew
//     8   2  highest protocol version       11   1  zero
//    12  32  mesh id
//    44  32  nonce, random
//    76   2  length of the credential: 32, or a chain's
//    78  ..  an Ed25519 public key (from the initiator, to enrol), or a certificate chain (everybody else)
//
// proof: kind 2, layout 1; 72 bytes.
//     6   2  protocol version chosen: the highest of both ranges
//     8  64  Ed25519 signature of "weft proof 1\0" and
//              0   1  the signer's side: 1 initiator, 2 responder
//              1  32  mesh id
//             33  32  the initiator's CURVE key        65  32  the responder's CURVE key
//             97  32  BLAKE2b-256 of the initiator's hello
//            129  32  BLAKE2b-256 of the responder's hello
//            161   2  protocol version chosen
//
// refusal: kind 3, layout 1; stays as it is. 10 bytes and the text.
//     6   2  errc                            8   2  length of the text, at most 512
//    10  ..  text, printable ASCII
#pragma once
#include "mesh/security/chain.hpp"

#include <variant>

namespace weft::security {

struct version_range {
  std::uint16_t lowest = 0, highest = 0;

  /// The highest version in both. Nothing: there is none.
  [[nodiscard]] std::optional<std::uint16_t> common(version_range other) const noexcept;
  friend bool operator==(version_range, version_range) noexcept = default;
};
/// "3", or "1 to 3".
[[nodiscard]] std::string to_string(version_range range);

/// What the initiator wants of the link.
enum class link_purpose : std::uint8_t {
  member = 1, ///< events
  enrol = 2,  ///< to get its first certificate
  renew = 3,  ///< to get its next certificate; the one it has may be over
};

using nonce = std::array<std::uint8_t, 32>;

struct hello {
  version_range versions;
  link_purpose purpose = link_purpose::member;
  mesh_id mesh;
  security::nonce nonce{};
  std::variant<identity_key, certificate_chain> credential;

  /// The key that the proof must be made with.
  [[nodiscard]] const identity_key& identity() const;
  friend bool operator==(const hello&, const hello&) = default;
};
struct proof {
  std::uint16_t version = 0;
  security::signature signature{};
  friend bool operator==(const proof&, const proof&) = default;
};
/// The sender closes the link, and why.
struct refusal {
  errc code = errc::ok;
  std::string text;
  friend bool operator==(const refusal&, const refusal&) = default;
};
/// A refusal as the other side reports it; a code that this build does not know becomes errc::internal.
[[nodiscard]] error error_of(const refusal& message);

using handshake_message = std::variant<hello, proof, refusal>;

[[nodiscard]] std::vector<std::byte> encode(const hello& message);
[[nodiscard]] std::vector<std::byte> encode(const proof& message);
/// Cuts the text to its limit and replaces what is not printable.
[[nodiscard]] std::vector<std::byte> encode(const refusal& message);

/// @error errc::wrong_version  a hello whose versions are all outside `ours`: the message names both ranges
/// @error errc::unsupported, errc::bad_certificate  its certificate
/// @error errc::protocol_violation  anything else that is wrong with the bytes
[[nodiscard]] result<handshake_message> decode_handshake(byte_view bytes, version_range ours);

namespace detail {

enum class message_kind : std::uint8_t { hello = 1, proof, refusal, enrol_request, renew_request, issued };

inline constexpr std::string_view message_magic = "weft";
inline constexpr std::uint8_t message_layout = 1;
inline constexpr std::size_t message_header_bytes = 6;

/// The kind and layout of a message, or nothing when it does not begin as one.
struct message_header {
  message_kind kind;
  std::uint8_t layout;
};
[[nodiscard]] std::optional<message_header> peek_header(byte_view bytes);
[[nodiscard]] result<refusal> decode_refusal(byte_view bytes);

} // namespace detail
} // namespace weft::security
