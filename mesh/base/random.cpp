#include "mesh/base/random.hpp"

#include "mesh/base/assert.hpp"

#include <cerrno>
#include <sys/random.h>

namespace weft {
namespace {

class kernel_random final : public random_source {
public:
  std::uint64_t next() override {
    std::uint64_t bits = 0;
    auto got = ::getrandom(&bits, sizeof bits, 0);
    while (got < 0 && errno == EINTR) // only before the kernel's generator is ready
      got = ::getrandom(&bits, sizeof bits, 0);
    WEFT_ASSERT(got == sizeof bits);
    return bits;
  }
};

} // namespace

std::uint64_t random_source::below(std::uint64_t bound) {
  WEFT_ASSERT(bound > 0);
  const auto unfair = (max() - bound + 1) % bound; // the first 2^64 mod bound numbers would favour small results
  auto drawn = next();
  while (drawn < unfair)
    drawn = next();
  return drawn % bound;
}

random_source& os_random() noexcept {
  static kernel_random source;
  return source;
}

std::uint64_t seeded_random::next() {
  state_ += 0x9e3779b97f4a7c15U;
  auto bits = state_;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

} // namespace weft
