// mesh/security/handshake.hpp: how two ends of an encrypted link prove who they are. Pure.
//
//   initiator                                    responder
//       │ hello: versions, purpose, mesh, nonce, certificate │
//       │───────────────────────────────────────────────────▶│ mesh, versions, certificate, its CURVE key = the link's
//       │                    hello; proof: signed transcript │
//       │◀───────────────────────────────────────────────────│
//   the same checks; the signature → established             │
//       │ proof                                              │
//       │───────────────────────────────────────────────────▶│ the signature → established
//
// Either side may send a refusal instead, and closes. The transcript has both CURVE keys, both hellos with their
// nonces and versions, and who is who: a proof fits one link, once, in one direction.
#pragma once
#include "mesh/security/handshake_messages.hpp"
#include "mesh/security/instant.hpp"

namespace weft::security {

enum class handshake_side : std::uint8_t { initiator = 1, responder = 2 };

/// One end's view of the link, from its shell.
struct handshake_options {
  handshake_side side = handshake_side::initiator;
  link_purpose purpose = link_purpose::member; ///< the initiator's wish; a responder takes the other's
  version_range versions;
  mesh_id mesh;
  curve_key own_curve;
  curve_key peer_curve;                   ///< a responder's: what ZAP authenticated; an initiator's: what it dialled
  std::optional<node_id> expected_peer;   ///< whom the initiator means to reach, when it knows
  std::optional<certificate_chain> chain; ///< nothing only to enrol
};

/// Who is at the other end, proven.
struct established {
  link_purpose purpose = link_purpose::member;
  std::uint16_t version = 0; ///< of the protocol from here on
  identity_key identity;
  std::optional<certificate_chain> chain; ///< nothing: it came to enrol and has none yet

  /// Nothing but a renewal may pass: the certificate may be over.
  [[nodiscard]] bool renewal_only() const noexcept { return purpose == link_purpose::renew; }
  /// Nothing but an enrolment may pass.
  [[nodiscard]] bool enrolment_only() const noexcept { return purpose == link_purpose::enrol; }
};

/// What the shell has to do, in this order.
struct handshake_effects {
  std::vector<std::vector<std::byte>> send;
  std::optional<established> done; ///< the machine is through; what comes now is for somebody else
  std::optional<error> close;      ///< rejected: close the link when `send` went out
};

/// One end of one link's set-up. What it gets beyond the messages above ends it.
/// @thread one at a time
class handshake {
public:
  /// @param identity  must outlive the machine
  /// @param random    for the nonce, only during this call
  handshake(handshake_options options, const signing_key& identity, random_source& random);

  /// Call once, when the link is open.
  void start(instant now, handshake_effects& effects);
  /// A frame of the peer's, of any content.
  void on(byte_view message, instant now, handshake_effects& effects);
  /// Call at least every limits::handshake_tick. @error errc::timed_out  after limits::handshake_within
  void tick(instant now, handshake_effects& effects);

private:
  enum class state : std::uint8_t { idle, awaiting_hello, awaiting_proof, over };

  result<void> on_message(const hello& message, instant now, handshake_effects& effects);
  result<void> on_message(const proof& message, instant now, handshake_effects& effects);
  result<void> on_message(const refusal& message, instant now, handshake_effects& effects);
  [[nodiscard]] result<void> check_hello(const hello& message, instant now) const;
  [[nodiscard]] result<void> check_purpose(const hello& message) const;
  [[nodiscard]] result<void> check_chain_of_peer(const certificate_chain& chain, link_purpose purpose,
                                                 instant now) const;
  [[nodiscard]] bool is_issuer() const noexcept;
  void send_hello(handshake_effects& effects);
  void send_proof(handshake_effects& effects) const;
  [[nodiscard]] std::vector<std::byte> transcript(handshake_side signer) const;
  void close(error why, handshake_effects& effects);
  void refuse(error why, handshake_effects& effects);

  handshake_options options_;
  const signing_key* identity_;
  nonce nonce_{};
  state state_ = state::idle;
  mono_time started_;
  hash256 own_hello_{};
  hash256 peer_hello_{};
  std::optional<hello> peer_; // once its hello was accepted
  std::uint16_t version_ = 0; // chosen; 0 before
};

} // namespace weft::security
