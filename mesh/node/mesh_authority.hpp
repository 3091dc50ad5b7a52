// mesh/node/mesh_authority.hpp: certificates and signatures of the mesh, as its machines ask for them.
#pragma once
#include "mesh/membership/authority.hpp"
#include "mesh/security/chain.hpp"

namespace weft::node {

/// Signs with a node's identity key and checks others by the mesh's root.
/// @thread any
class mesh_authority final : public membership::authority {
public:
  /// @param keys  outlive it
  mesh_authority(const security::node_keys& keys, const mesh_id& mesh) noexcept : keys_(keys), mesh_(mesh) {}

  [[nodiscard]] membership::signature sign(wire::item_kind kind, byte_view bytes) const override;
  [[nodiscard]] bool verify(wire::item_kind kind, byte_view bytes, const membership::signature& by,
                            const membership::identity& author) const override;
  [[nodiscard]] result<membership::identity> read_identity(byte_view chain, wall_time now) const override;

private:
  const security::node_keys& keys_;
  mesh_id mesh_;
};

/// What a checked certificate says, in the machines' words.
[[nodiscard]] membership::identity identity_of(const security::certificate& item);

} // namespace weft::node
