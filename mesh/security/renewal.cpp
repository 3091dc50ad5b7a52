#include "mesh/security/renewal.hpp"

#include <algorithm>

namespace weft::security {
namespace {

constexpr std::int64_t shares = 65'536;

} // namespace

renewal::renewal(random_source& random)
    : random_(&random), share_(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(shares)))) {}

microseconds renewal::until_due(const certificate& own, wall_time now) const {
  const auto life = own.not_after - own.not_before;
  const auto spread = life / limits::renewal_spread / shares * share_;
  return std::max(microseconds{0}, own.not_before + life / 2 + spread - now);
}

microseconds renewal::failed() {
  const auto half = wait_.count() / 2;
  const auto jittered = half + static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(half) + 1));
  wait_ = std::min<microseconds>(wait_ * 2, limits::renewal_retry_most);
  return microseconds{jittered};
}

void renewal::succeeded() noexcept { wait_ = limits::renewal_retry_first; }

} // namespace weft::security
