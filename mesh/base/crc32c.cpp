#include "mesh/base/crc32c.hpp"

#include <algorithm>
#include <isa-l/crc.h>
#include <limits>

namespace weft {

std::uint32_t crc32c(std::uint32_t seed, byte_view bytes) noexcept {
  constexpr std::size_t call_bytes_max = std::numeric_limits<int>::max();
  auto crc = ~seed;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), call_bytes_max));
    // The library takes a pointer to non-const and only reads.
    auto* const begin = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(part.data()));
    crc = ::crc32_iscsi(begin, static_cast<int>(part.size()), crc);
    bytes = bytes.subspan(part.size());
  }
  return ~crc;
}

} // namespace weft
