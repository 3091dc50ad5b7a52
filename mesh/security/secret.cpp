#include "mesh/security/secret.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <cstring>
#include <sodium.h>

namespace weft::security {

void wipe(std::span<std::byte> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }
void wipe(std::span<std::uint8_t> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  WEFT_ASSERT(a.size() == b.size());
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void fill_random(std::span<std::uint8_t> into, random_source& random) {
  while (!into.empty()) {
    auto bits = random.next();
    const auto count = std::min(into.size(), sizeof bits);
    std::memcpy(into.data(), &bits, count);
    into = into.subspan(count);
    sodium_memzero(&bits, sizeof bits);
  }
}

} // namespace weft::security
