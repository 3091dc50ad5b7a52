#include "actors/peer_admission.hpp"

#include "mesh/base/random.hpp"

namespace weft::actors {
namespace {

security::handshake_options options_for(const security::node_keys& keys, const security::certificate_chain& own,
                                        const transport::link_info& link) {
  security::handshake_options options;
  options.side = link.kind == transport::link_kind::dialled ? security::handshake_side::initiator
                                                            : security::handshake_side::responder;
  options.versions = {limits::protocol_version_min, limits::protocol_version_max};
  options.mesh = own.node.mesh;
  options.own_curve = keys.curve();
  options.peer_curve = security::curve_key{link.peer_key};
  options.chain = own;
  return options;
}

} // namespace

peer_admission::peer_admission(node_services& services, const security::node_keys& keys,
                               const security::certificate_chain& own, issuing_desk* desk,
                               const transport::link_info& link)
    : services_(services),
      desk_(desk),
      peer_curve_(link.peer_key),
      address_(link.address),
      handshake_(options_for(keys, own, link), keys.identity(), os_random()),
      dialled_(link.kind == transport::link_kind::dialled),
      attempt_(link.attempt) {}

result<std::optional<admission::admitted>> peer_admission::begin(link_output& output) {
  security::handshake_effects effects;
  handshake_.start(now(), effects);
  return carry_out(std::move(effects), output);
}

result<std::optional<admission::admitted>> peer_admission::on_bytes(const shared_bytes& bytes, link_output& output) {
  if (for_certificate_) {
    output.send_bytes(shared_bytes::take(desk_->answer(*for_certificate_, peer_curve_, bytes.view(), now())));
    return std::nullopt;
  }
  if (in_) {
    const auto said = wire::decode_control(bytes);
    if (!said || !std::holds_alternative<wire::ping>(*said))
      return fail(errc::bad_proof, "the peer did not take the proof of who this node is");
    return std::move(in_);
  }
  security::handshake_effects effects;
  handshake_.on(bytes.view(), now(), effects);
  return carry_out(std::move(effects), output);
}

result<void> peer_admission::tick() {
  security::handshake_effects effects;
  handshake_.tick(now(), effects);
  if (effects.close) return fail(std::move(*effects.close));
  if (in_ && services_.clock.mono() - in_since_ > microseconds(limits::handshake_within))
    return fail(errc::timed_out, "the peer did not say whether it takes the proof of who this node is");
  return {};
}

result<std::optional<admission::admitted>> peer_admission::carry_out(security::handshake_effects&& effects,
                                                                     link_output& output) {
  if (effects.done) output.mark_proven();
  for (auto& message : effects.send)
    output.send_bytes(shared_bytes::take(std::move(message)));
  if (effects.close) return fail(std::move(*effects.close));
  if (!effects.done) return std::nullopt;
  if (!effects.done->enrolment_only() && !effects.done->renewal_only()) {
    if (!dialled_) {
      output.send(wire::ping{});
      return member(*effects.done);
    }
    in_ = member(*effects.done);
    in_since_ = services_.clock.mono();
    return std::nullopt;
  }
  if (desk_ == nullptr)
    return fail(errc::denied, "this node is no issuer: ask one that has the issuer's role for the certificate");
  for_certificate_ = std::move(*effects.done);
  return std::nullopt;
}

admission::admitted peer_admission::member(const security::established& peer) const {
  const auto& certificate = peer.chain->node;
  linked_peer facts{certificate.id(),
                    certificate.number,
                    certificate.name,
                    address_,
                    dialled_,
                    certificate.roles.has(security::role::relay),
                    certificate.roles.has(security::role::storage),
                    certificate.roles.has(security::role::observer)};
  return {true, certificate.name, std::move(facts), attempt_, certificate.not_after + limits::clock_skew_allowed};
}

security::instant peer_admission::now() const { return {services_.clock.mono(), services_.clock.wall()}; }

} // namespace weft::actors
