// mesh/base/assert.hpp: assertions that stay on in release. A failed one is a bug of ours, never bad input.
#pragma once

namespace weft::detail {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
} // namespace weft::detail

/// Ends the process with a diagnostic when `condition` does not hold.
#define WEFT_ASSERT(condition)                                                                                         \
  ((condition) ? void(0) : ::weft::detail::assertion_failed(#condition, __FILE__, __LINE__))
