#include "weft/report.hpp"

#include <cstdio>

namespace weft {

int report(const error& why) {
  std::fprintf(stderr, "weft: %s\n", why.message().c_str());
  return 1;
}

} // namespace weft
