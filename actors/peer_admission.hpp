// actors/peer_admission.hpp: lets other nodes in: the handshake on a network link.
#pragma once
#include "actors/issuing_desk.hpp"
#include "actors/link.hpp"
#include "mesh/base/random.hpp"
#include "mesh/security/handshake.hpp"
#include "mesh/transport/transport.hpp"

namespace weft::actors {

/// Drives a handshake. A member of the mesh is admitted; who comes for a certificate gets it and is never admitted.
/// The side that dialled has proven itself when the other says something: its `ping`. Until then it says nothing, since
/// the other closes a link with many or large frames from somebody who is not proven yet.
class peer_admission final : public admission {
public:
  /// @param keys  outlive the admission   @param own  the certificate to show
  /// @param desk  of an issuer, else nothing; outlives it too
  peer_admission(node_services& services, const security::node_keys& keys, const security::certificate_chain& own,
                 issuing_desk* desk, const transport::link_info& link);

  result<std::optional<admitted>> begin(link_output& output) override;
  result<std::optional<admitted>> on_bytes(const shared_bytes& bytes, link_output& output) override;
  result<void> tick() override;

private:
  result<std::optional<admitted>> carry_out(security::handshake_effects&& effects, link_output& output);
  [[nodiscard]] admitted member(const security::established& peer) const;
  [[nodiscard]] security::instant now() const;

  node_services& services_;
  issuing_desk* desk_;
  security::curve_key peer_curve_;
  std::string address_;
  security::handshake handshake_;
  bool dialled_;
  transport::dial_attempt attempt_;
  std::optional<security::established> for_certificate_; // came to enrol or renew
  std::optional<admitted> in_;                           // once the peer has said that it took the proof
  mono_time in_since_;
};

} // namespace weft::actors
