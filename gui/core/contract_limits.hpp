// gui/core/contract_limits.hpp: how much of a contract is read, with the reason.
#pragma once
#include <cstddef>

namespace weft::monitor::limits {

inline constexpr std::size_t contract_file_max = 12U << 10U; // bytes: nodes take no more of schema and rules together
inline constexpr std::size_t contract_pairs_max = 4096;      // of types compared: a schema of 12 KiB has some hundred
inline constexpr std::size_t contract_fields_max = 4096;     // shown of one: the same

} // namespace weft::monitor::limits
