// mesh/base/crc32c.hpp: the checksum of everything on disk and wire.
#pragma once
#include "mesh/base/bytes.hpp"

#include <cstdint>

namespace weft {

/// CRC-32C (Castagnoli) of `bytes`, going on from `seed`: 0, or the checksum of what comes before, so that
/// crc32c(crc32c(0, a), b) is the checksum of a and b together. Its check value of "123456789" is e3069283.
/// @thread any
/// @source RFC 3720 appendix B.4; computed by ISA-L in the way that is best on this processor (ADR 5)
[[nodiscard]] std::uint32_t crc32c(std::uint32_t seed, byte_view bytes) noexcept;

} // namespace weft
