// tests/mesh/base/test_seed.hpp: the seed of random tests, WEFT_SEED to replay one.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace weft {

/// WEFT_SEED when it is set, else a fresh one; a test shows it by SCOPED_TRACE(seed).
inline std::uint64_t test_seed() {
  if (const char* given = std::getenv("WEFT_SEED")) return std::stoull(given);
  return std::random_device{}();
}

} // namespace weft
