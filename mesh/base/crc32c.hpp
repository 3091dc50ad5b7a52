// mesh/base/crc32c.hpp: the checksum of everything on disk and wire.
#pragma once
#include "mesh/base/bytes.hpp"

#include <cstdint>

namespace weft {

/// CRC-32C (Castagnoli) of `bytes`, going on from `seed`: 0, or the checksum of what comes before, so that
/// crc32c(crc32c(0, a), b) is the checksum of a and b together. Its check value of "123456789" is e3069283.
/// @thread any
/// @source RFC 3720 appendix B.4
[[nodiscard]] std::uint32_t crc32c(std::uint32_t seed, byte_view bytes) noexcept;

namespace detail {

/// Whether this machine computes it by instruction (SSE4.2); else the table does.
[[nodiscard]] bool crc32c_by_instruction_works() noexcept;
/// @pre crc32c_by_instruction_works()
[[nodiscard]] std::uint32_t crc32c_by_instruction(std::uint32_t seed, byte_view bytes) noexcept;
[[nodiscard]] std::uint32_t crc32c_by_table(std::uint32_t seed, byte_view bytes) noexcept;

} // namespace detail
} // namespace weft
