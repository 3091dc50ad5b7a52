// weft/report.hpp: tells a person what went wrong.
#pragma once
#include "mesh/base/result.hpp"
#include "weft/api.hpp"

namespace weft {

/// Prints `weft: <message>` on stderr. @returns 1, for `return weft::report(error)` in main()
WEFT_API int report(const error& why);

} // namespace weft
