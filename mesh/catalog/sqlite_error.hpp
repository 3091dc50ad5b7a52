// mesh/catalog/sqlite_error.hpp: SQLite's result codes as errors of ours.
#pragma once
#include "mesh/base/result.hpp"

#include <string_view>

namespace weft::catalog {

/// Which of our codes an extended result code of SQLite is. `os_error`: errno of the call that failed, or 0.
[[nodiscard]] errc code_of(int sqlite_code, int os_error) noexcept;
/// What an operator can do about it; empty when there is nothing to say.
[[nodiscard]] std::string_view remedy_for(errc code) noexcept;

} // namespace weft::catalog
