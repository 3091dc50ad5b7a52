#include "mesh/security/handshake.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/security/layout.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::size_t transcript_bytes = 163;

handshake_side other(handshake_side side) noexcept {
  return side == handshake_side::initiator ? handshake_side::responder : handshake_side::initiator;
}

bool needs_issuer(link_purpose purpose) noexcept { return purpose != link_purpose::member; }

tl::unexpected<error> no_issuer(const certificate& node) {
  return fail(errc::denied,
              fmt::format("{} is no issuer: dial one that is, for an invitation or a renewal", describe(node)));
}

} // namespace

handshake::handshake(handshake_options options, const signing_key& identity, random_source& random)
    : options_(std::move(options)), identity_(&identity) {
  const bool enrols = options_.side == handshake_side::initiator && options_.purpose == link_purpose::enrol;
  WEFT_ASSERT(options_.chain.has_value() != enrols);
  WEFT_ASSERT(!options_.chain || options_.chain->node.identity == identity.public_key());
  WEFT_ASSERT(options_.versions.lowest > 0 && options_.versions.lowest <= options_.versions.highest);
  fill_random(nonce_, random);
}

void handshake::start(instant now, handshake_effects& effects) {
  WEFT_ASSERT(state_ == state::idle);
  started_ = now.mono;
  state_ = state::awaiting_hello;
  if (options_.side == handshake_side::initiator) send_hello(effects);
}

void handshake::on(byte_view message, instant now, handshake_effects& effects) {
  WEFT_ASSERT(state_ != state::idle);
  if (state_ == state::over) {
    if (!effects.close) effects.close = error(errc::protocol_violation, "a message behind the end of the handshake");
    return;
  }
  tick(now, effects);
  if (state_ == state::over) return;
  auto decoded = decode_handshake(message, options_.versions);
  if (!decoded) return refuse(std::move(decoded.error()), effects);
  if (state_ == state::awaiting_hello && std::holds_alternative<hello>(*decoded)) peer_hello_ = blake2b_256({message});
  auto taken = std::visit([&](const auto& part) { return on_message(part, now, effects); }, *decoded);
  if (!taken) refuse(std::move(taken.error()), effects);
}

void handshake::tick(instant now, handshake_effects& effects) {
  if (state_ == state::idle || state_ == state::over) return;
  if (now.mono - started_ < microseconds(limits::handshake_within)) return;
  close(error(errc::timed_out, fmt::format("the peer did not prove who it is within {} s",
                                           std::chrono::seconds(limits::handshake_within).count())),
        effects);
}

result<void> handshake::on_message(const hello& message, instant now, handshake_effects& effects) {
  if (state_ != state::awaiting_hello) return fail(errc::protocol_violation, "the peer sent a second hello");
  if (auto checked = check_hello(message, now); !checked) return checked;
  peer_ = message;
  version_ = *options_.versions.common(message.versions); // decoding refused hellos without one
  options_.purpose = message.purpose;
  state_ = state::awaiting_proof;
  if (options_.side == handshake_side::responder) {
    send_hello(effects);
    send_proof(effects);
  }
  return {};
}

result<void> handshake::on_message(const proof& message, instant /*now*/, handshake_effects& effects) {
  if (state_ != state::awaiting_proof) return fail(errc::protocol_violation, "the peer sent a proof before its hello");
  if (message.version != version_)
    return fail(errc::wrong_version,
                fmt::format("the peer chose protocol version {} where both speak {}", message.version, version_));
  if (!verify(message.signature, signed_as::proof, transcript(other(options_.side)), peer_->identity()))
    return fail(errc::bad_proof, "the peer did not prove that it holds its key: somebody may be between, or replaying");
  if (options_.side == handshake_side::initiator) send_proof(effects);
  state_ = state::over;
  established result{options_.purpose, version_, peer_->identity(), std::nullopt};
  if (auto* chain = std::get_if<certificate_chain>(&peer_->credential)) result.chain = std::move(*chain);
  effects.done = std::move(result);
  return {};
}

result<void> handshake::on_message(const refusal& message, instant /*now*/, handshake_effects& effects) {
  close(error_of(message), effects);
  return {};
}

result<void> handshake::check_hello(const hello& message, instant now) const {
  if (message.mesh != options_.mesh)
    return fail(errc::wrong_mesh, fmt::format("the peer belongs to mesh {}, this node to {}: dial a node of the same "
                                              "mesh, or join that one by an invitation",
                                              to_string(message.mesh), to_string(options_.mesh)));
  if (message.identity() == identity_->public_key())
    return fail(errc::invalid_argument, "the peer has this node's own key: the address leads back to this node, or its "
                                        "directory was copied");
  if (auto allowed = check_purpose(message); !allowed) return allowed;
  const auto* chain = std::get_if<certificate_chain>(&message.credential);
  return chain ? check_chain_of_peer(*chain, message.purpose, now) : result<void>{};
}

/// A responder decides by the hello's purpose; an initiator holds the responder to its own.
result<void> handshake::check_purpose(const hello& message) const {
  const bool bare = std::holds_alternative<identity_key>(message.credential);
  if (options_.side == handshake_side::responder) {
    if (bare != (message.purpose == link_purpose::enrol))
      return fail(errc::bad_certificate, "a node shows its certificate, except to enrol");
    if (needs_issuer(message.purpose) && !is_issuer()) return no_issuer(options_.chain->node);
    return {};
  }
  if (message.purpose != options_.purpose)
    return fail(errc::protocol_violation, "the peer answers for another purpose than it was asked for");
  if (bare) return fail(errc::bad_certificate, "the dialled node shows no certificate");
  const auto& node = std::get<certificate_chain>(message.credential).node;
  if (needs_issuer(options_.purpose) && !node.roles.has(role::issuer)) return no_issuer(node);
  if (options_.expected_peer && node.id() != *options_.expected_peer)
    return fail(errc::bad_certificate,
                fmt::format("the address leads to {} with id {}, not to {}: the address belongs to another node now",
                            describe(node), to_string(node.id()), to_string(*options_.expected_peer)));
  return {};
}

result<void> handshake::check_chain_of_peer(const certificate_chain& chain, link_purpose purpose, instant now) const {
  if (auto checked = check_chain(chain, options_.mesh); !checked) return checked;
  if (chain.node.curve != options_.peer_curve)
    return fail(errc::bad_certificate, fmt::format("the link's CURVE key is not the one in the certificate of {}: the "
                                                   "key was changed without a new certificate, or somebody is between",
                                                   describe(chain.node)));
  const bool may_be_over = options_.side == handshake_side::responder && purpose == link_purpose::renew;
  if (may_be_over && validity_at(chain.node, now.wall) == validity::expired) return {};
  return check_time(chain.node, now.wall);
}

bool handshake::is_issuer() const noexcept { return options_.chain && options_.chain->node.roles.has(role::issuer); }

void handshake::send_hello(handshake_effects& effects) {
  hello mine{options_.versions, options_.purpose, options_.mesh, nonce_, identity_->public_key()};
  if (options_.chain) mine.credential = *options_.chain;
  effects.send.push_back(encode(mine));
  own_hello_ = blake2b_256({effects.send.back()});
}

void handshake::send_proof(handshake_effects& effects) const {
  effects.send.push_back(encode(proof{version_, identity_->sign(signed_as::proof, transcript(options_.side))}));
}

std::vector<std::byte> handshake::transcript(handshake_side signer) const {
  const bool initiator = options_.side == handshake_side::initiator;
  layout_writer writer(transcript_bytes);
  writer.integer(static_cast<std::uint8_t>(signer))
      .array(options_.mesh.bytes())
      .array((initiator ? options_.own_curve : options_.peer_curve).bytes())
      .array((initiator ? options_.peer_curve : options_.own_curve).bytes())
      .array(initiator ? own_hello_ : peer_hello_)
      .array(initiator ? peer_hello_ : own_hello_)
      .integer(version_);
  return std::move(writer).take();
}

void handshake::close(error why, handshake_effects& effects) {
  state_ = state::over;
  effects.close = std::move(why);
}

/// Tells the peer why, too: it has the other half of the problem.
void handshake::refuse(error why, handshake_effects& effects) {
  effects.send.push_back(encode(refusal{why.code(), why.message()}));
  close(std::move(why), effects);
}

} // namespace weft::security
