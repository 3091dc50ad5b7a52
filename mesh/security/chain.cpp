#include "mesh/security/chain.hpp"

#include "mesh/security/layout.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::string_view magic = "weftchan";
constexpr std::uint16_t version = 1;

tl::unexpected<error> malformed(std::string_view why) {
  return fail(errc::bad_certificate, fmt::format("malformed certificate chain: {}", why));
}

tl::unexpected<error> bad(const certificate& item, std::string_view why) {
  return fail(errc::bad_certificate,
              fmt::format("the certificate of {} {}: the node needs a new invitation", describe(item), why));
}

result<void> check_mesh(const certificate& item, const mesh_id& mesh) {
  if (item.mesh == mesh) return {};
  return fail(errc::wrong_mesh, fmt::format("{} belongs to mesh {}, not to {}: invite it to this mesh, or dial a "
                                            "node of its own",
                                            describe(item), to_string(item.mesh), to_string(mesh)));
}

} // namespace

std::vector<std::byte> encode(const certificate_chain& chain) {
  layout_writer writer(chain_bytes_max);
  writer.text(magic).integer(version).integer(static_cast<std::uint16_t>(chain.issuer ? 2 : 1));
  writer.array(chain.root.bytes()).raw_bytes(encode(chain.node));
  if (chain.issuer) writer.raw_bytes(encode(*chain.issuer));
  return std::move(writer).take();
}

result<certificate_chain> decode_chain(byte_view bytes) {
  layout_reader reader(bytes);
  if (as_text(reader.raw_bytes(magic.size())) != magic) return malformed("it does not begin with its mark");
  if (const auto found = reader.integer<std::uint16_t>(); found != version)
    return fail(errc::unsupported, fmt::format("the certificate chain has version {}, this Weft reads {}: use the "
                                               "same release of Weft on both sides",
                                               found, version));
  const auto count = reader.integer<std::uint16_t>();
  if (count != 1 && count != 2) return malformed("it has one or two certificates");
  certificate_chain chain;
  chain.root = identity_key(reader.array<32>());
  const auto node_bytes = reader.raw_bytes(certificate_bytes);
  const auto issuer_bytes = reader.raw_bytes(count == 2 ? certificate_bytes : 0);
  if (!reader.whole()) return malformed("its length is wrong");
  auto node = decode_certificate(node_bytes);
  if (!node) return fail(std::move(node.error()));
  chain.node = std::move(*node);
  if (count == 1) return chain;
  auto issuer = decode_certificate(issuer_bytes);
  if (!issuer) return fail(std::move(issuer.error()));
  chain.issuer = std::move(*issuer);
  return chain;
}

result<void> check_chain(const certificate_chain& chain, const mesh_id& mesh) {
  if (auto ours = check_mesh(chain.node, mesh); !ours) return ours;
  if (mesh_id_of(chain.root) != mesh) return bad(chain.node, "comes with a root key that is not the mesh's");
  if (!chain.issuer) {
    if (!is_signed(chain.node, chain.root)) return bad(chain.node, "is not signed by the mesh's root");
    return {};
  }
  const auto& issuer = *chain.issuer;
  if (auto ours = check_mesh(issuer, mesh); !ours) return ours;
  if (!is_signed(issuer, chain.root)) return bad(issuer, "is not signed by the mesh's root");
  if (!issuer.roles.has(role::issuer)) return bad(chain.node, "is signed by a node that is no issuer");
  if (!is_signed(chain.node, issuer.identity)) return bad(chain.node, "is not signed by the issuer it comes with");
  if (chain.node.roles.has(role::issuer)) return bad(chain.node, "makes it an issuer, which only the root can");
  if (chain.node.not_before < issuer.not_before || chain.node.not_after > issuer.not_after)
    return bad(chain.node, "lasts longer than its issuer's");
  return {};
}

result<void> check_belongs(const certificate_chain& chain, const node_keys& keys) {
  if (chain.node.identity == keys.identity().public_key() && chain.node.curve == keys.curve()) return {};
  return bad(chain.node, "is not for the keys of this node");
}

} // namespace weft::security
