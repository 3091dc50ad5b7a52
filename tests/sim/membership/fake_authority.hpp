// tests/sim/membership/fake_authority.hpp: certificates and signatures that cost nothing, for a thousand nodes at once.
#pragma once
#include "mesh/membership/authority.hpp"

namespace weft::sim {

/// Of every simulated node: storage and relay.
inline constexpr std::uint32_t fake_roles = 3;

/// What a simulated node has as its certificate.
struct fake_identity {
  node_id id;
  node_number number;
  wall_time not_before;
};
[[nodiscard]] shared_bytes certificate_of(const fake_identity& who);

/// Whoever signs is trusted to sign as himself: a signature is a hash of kind, bytes and author. Damage is noticed.
class fake_authority final : public membership::authority {
public:
  explicit fake_authority(const node_id& self) noexcept : self_(self) {}

  [[nodiscard]] membership::signature sign(wire::item_kind kind, byte_view bytes) const override;
  [[nodiscard]] bool verify(wire::item_kind kind, byte_view bytes, const membership::signature& by,
                            const membership::identity& author) const override;
  [[nodiscard]] result<membership::identity> read_identity(byte_view chain, wall_time now) const override;

private:
  node_id self_;
};

} // namespace weft::sim
