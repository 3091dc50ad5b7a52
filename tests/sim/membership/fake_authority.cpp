#include "tests/sim/membership/fake_authority.hpp"

#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <xxhash.h>

namespace weft::sim {
namespace {

struct layout {
  std::array<std::uint8_t, 32> id;
  std::uint32_t number;
  std::uint32_t unused;
  std::int64_t not_before;
};

constexpr microseconds lifetime = std::chrono::hours(24 * 365);

membership::signature signature_of(wire::item_kind kind, byte_view bytes, const node_id& author) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, author.bytes().data(), sizeof seed);
  const auto hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed + static_cast<std::uint64_t>(kind));
  membership::signature made{};
  std::memcpy(made.data(), &hash, sizeof hash);
  return made;
}

} // namespace

shared_bytes certificate_of(const fake_identity& who) {
  const layout made{who.id.bytes(), who.number.value(), 0, who.not_before.us};
  return shared_bytes::copy(std::as_bytes(std::span(&made, 1)));
}

membership::signature fake_authority::sign(wire::item_kind kind, byte_view bytes) const {
  return signature_of(kind, bytes, self_);
}

bool fake_authority::verify(wire::item_kind kind, byte_view bytes, const membership::signature& by,
                            const membership::identity& author) const {
  return by == signature_of(kind, bytes, author.id);
}

result<membership::identity> fake_authority::read_identity(byte_view chain, wall_time now) const {
  layout read{};
  if (chain.size() != sizeof read) return fail(errc::bad_certificate, "not a simulated certificate");
  std::memcpy(&read, chain.data(), sizeof read);
  membership::identity who;
  who.id = node_id{read.id};
  who.number = node_number{read.number};
  who.name = fmt::format("n{}", read.number);
  who.roles = fake_roles;
  who.key = read.id;
  who.not_before = wall_time{read.not_before};
  who.not_after = who.not_before + lifetime;
  if (now > who.not_after) return fail(errc::expired, "a simulated certificate is over");
  return who;
}

} // namespace weft::sim
