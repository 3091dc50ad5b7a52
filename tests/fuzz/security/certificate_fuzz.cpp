// tests/fuzz/security/certificate_fuzz.cpp: any bytes as a certificate and as a chain: what decodes has these bytes,
// and no chain passes but the two that were signed. Signed by a member of the mesh, it passes only when that one may
// sign it. With WEFT_PLANTED_BUG the length of the name is believed unchecked.
#include "tests/fuzz/security/fuzz_mesh.hpp"

namespace {

using namespace weft;
using namespace weft::security;

/// A member that means harm signs what it likes.
void check_signed_by(const credentials& signer, const certificate& what) {
  const auto& mesh = fuzz_mesh::instance();
  certificate_chain chain{mesh.hub.chain.root, what, signer.chain.node};
  sign(chain.node, signer.keys.identity());
  if (!check_chain(chain, mesh.root.mesh())) return;
  const auto& issuer = *chain.issuer;
  WEFT_ASSERT(issuer.roles.has(role::issuer) && !chain.node.roles.has(role::issuer));
  WEFT_ASSERT(chain.node.mesh == mesh.root.mesh());
  WEFT_ASSERT(chain.node.not_before >= issuer.not_before && chain.node.not_after <= issuer.not_after);
}

void check_certificate(byte_view bytes) {
#ifdef WEFT_PLANTED_BUG
  constexpr std::size_t name_length_at = 172;
  if (bytes.size() == certificate_bytes && as_text(bytes.first(8)) == "weftcert") {
    std::array<char, 64> name{};
    std::memcpy(name.data(), bytes.data() + name_length_at + 1, std::to_integer<std::size_t>(bytes[name_length_at]));
    if (name[0] == '\0') return;
  }
#endif
  const auto item = decode_certificate(bytes);
  if (!item) return;
  WEFT_ASSERT(same(encode(*item), bytes));
  (void)validity_at(*item, new_year);
  (void)renewal_due(*item, new_year);
  if (auto timely = check_time(*item, new_year); !timely) WEFT_ASSERT(!timely.error().message().empty());
  check_signed_by(fuzz_mesh::instance().hub, *item);
  check_signed_by(fuzz_mesh::instance().orders, *item);
}

void check_whole_chain(byte_view bytes) {
  const auto& mesh = fuzz_mesh::instance();
  const auto chain = decode_chain(bytes);
  if (!chain) return;
  WEFT_ASSERT(same(encode(*chain), bytes));
  const bool genuine = *chain == mesh.hub.chain || *chain == mesh.orders.chain;
  WEFT_ASSERT(check_chain(*chain, mesh.root.mesh()).has_value() == genuine);
  (void)check_belongs(*chain, mesh.orders.keys);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = view_of(data, size);
  check_certificate(bytes);
  check_whole_chain(bytes);
  return 0;
}
