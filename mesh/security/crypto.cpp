#include "mesh/security/crypto.hpp"

#include "mesh/base/assert.hpp"

#include <sodium.h>
#include <vector>

namespace weft::security {
namespace {

static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_BYTES == 64);
static_assert(crypto_scalarmult_BYTES == 32 && crypto_scalarmult_SCALARBYTES == 32);

/// Lets libsodium choose its implementations once; calls before it would be slow and not safe between threads.
void start_sodium() {
  static const bool started = sodium_init() >= 0;
  WEFT_ASSERT(started);
}

const unsigned char* data_of(byte_view bytes) noexcept { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// The text signed before the message; its zero byte ends it, so that none is the beginning of another.
std::string_view domain_of(signed_as purpose) noexcept {
  using namespace std::string_view_literals;
  switch (purpose) {
  case signed_as::certificate: return "weft certificate 1\0"sv;
  case signed_as::proof: return "weft proof 1\0"sv;
  case signed_as::node_record: return "weft node record 1\0"sv;
  case signed_as::accusation: return "weft accusation 1\0"sv;
  case signed_as::topic_record: return "weft topic record 1\0"sv;
  case signed_as::cut_record: return "weft cut record 1\0"sv;
  case signed_as::question: return "weft question 1\0"sv;
  }
  return {};
}

std::vector<std::byte> with_domain(signed_as purpose, byte_view message) {
  const auto domain = as_bytes(domain_of(purpose));
  WEFT_ASSERT(!domain.empty());
  std::vector<std::byte> whole(domain.begin(), domain.end());
  whole.insert(whole.end(), message.begin(), message.end());
  return whole;
}

/// libsodium's form of an Ed25519 secret key: the seed, then the public key.
struct expanded_key {
  std::array<std::uint8_t, 64> secret{};
  std::array<std::uint8_t, 32> open{};

  explicit expanded_key(const security::secret<32>& seed) {
    start_sodium();
    WEFT_ASSERT(crypto_sign_seed_keypair(open.data(), secret.data(), seed.reveal().data()) == 0);
  }
  expanded_key(const expanded_key&) = delete;
  expanded_key& operator=(const expanded_key&) = delete;
  ~expanded_key() { wipe(std::span(secret)); }
};

} // namespace

hash256 blake2b_256(std::initializer_list<byte_view> parts) {
  start_sodium();
  hash256 hash{};
  crypto_generichash_state state{};
  WEFT_ASSERT(crypto_generichash_init(&state, nullptr, 0, hash.size()) == 0);
  for (const auto part : parts)
    WEFT_ASSERT(crypto_generichash_update(&state, data_of(part), part.size()) == 0);
  WEFT_ASSERT(crypto_generichash_final(&state, hash.data(), hash.size()) == 0);
  sodium_memzero(&state, sizeof state); // the parts may be secret
  return hash;
}

node_id node_id_of(const identity_key& key) { return node_id(blake2b_256({bytes_of(key)})); }
mesh_id mesh_id_of(const identity_key& root) { return mesh_id(blake2b_256({bytes_of(root)})); }
key_id key_id_of(const identity_key& key) { return key_id(blake2b_256({bytes_of(key)})); }

signing_key::signing_key(secret<32> seed) : seed_(std::move(seed)), public_(expanded_key(seed_).open) {}

signature signing_key::sign(signed_as purpose, byte_view message) const {
  const expanded_key key(seed_);
  const auto whole = with_domain(purpose, message);
  signature made{};
  WEFT_ASSERT(crypto_sign_detached(made.data(), nullptr, data_of(whole), whole.size(), key.secret.data()) == 0);
  return made;
}

bool verify(const signature& of, signed_as purpose, byte_view message, const identity_key& by) {
  start_sodium();
  const auto whole = with_domain(purpose, message);
  return crypto_sign_verify_detached(of.data(), data_of(whole), whole.size(), by.bytes().data()) == 0;
}

curve_key curve_public_of(const secret<32>& key) {
  start_sodium();
  std::array<std::uint8_t, 32> open{};
  WEFT_ASSERT(crypto_scalarmult_base(open.data(), key.reveal().data()) == 0);
  return curve_key(open);
}

} // namespace weft::security
