// mesh/base/utf8.hpp: whether bytes are text.
#pragma once
#include <string_view>

namespace weft {

/// Whether all of it is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

} // namespace weft
