#include "mesh/node/mesh_authority.hpp"

#include "mesh/base/assert.hpp"

namespace weft::node {
namespace {

security::signed_as purpose_of(wire::item_kind kind) {
  switch (kind) {
  case wire::item_kind::node_record: return security::signed_as::node_record;
  case wire::item_kind::accusation: return security::signed_as::accusation;
  case wire::item_kind::topic_record: return security::signed_as::topic_record;
  case wire::item_kind::cut_record: return security::signed_as::cut_record;
  case wire::item_kind::identity: break;
  }
  WEFT_ASSERT(false && "a certificate chain is signed by its issuer");
  return security::signed_as::certificate;
}

} // namespace

membership::identity identity_of(const security::certificate& item) {
  membership::identity who;
  who.id = item.id();
  who.number = item.number;
  who.name = item.name;
  who.roles = item.roles.bits;
  who.key = item.identity.bytes();
  who.link_key = item.curve.bytes();
  who.not_before = item.not_before;
  who.not_after = item.not_after;
  who.issuer = item.signer.bytes();
  return who;
}

membership::signature mesh_authority::sign(wire::item_kind kind, byte_view bytes) const {
  return keys_.identity().sign(purpose_of(kind), bytes);
}

bool mesh_authority::verify(wire::item_kind kind, byte_view bytes, const membership::signature& by,
                            const membership::identity& author) const {
  const bool decides = kind == wire::item_kind::topic_record || kind == wire::item_kind::cut_record;
  if (decides && security::role_set{author.roles}.has(security::role::observer)) return false;
  return security::verify(by, purpose_of(kind), bytes, security::identity_key(author.key));
}

result<membership::identity> mesh_authority::read_identity(byte_view chain, wall_time now) const {
  const auto read = security::decode_chain(chain);
  if (!read) return fail(read.error());
  if (const auto checked = security::check_chain(*read, mesh_); !checked) return fail(checked.error());
  if (const auto in_time = security::check_time(read->node, now); !in_time) return fail(in_time.error());
  return identity_of(read->node);
}

} // namespace weft::node
