#include "mesh/delivery/failing.hpp"

#include "mesh/base/random.hpp"

#include <algorithm>

namespace weft::delivery {

microseconds backoff(const failure_policy& policy, std::uint32_t failures, const log_position& of) {
  auto time = policy.backoff_first;
  for (std::uint32_t i = 1; i < failures && time < policy.backoff_most; ++i)
    time *= 2;
  time = std::min(time, policy.backoff_most);
  const auto fifth = static_cast<std::uint64_t>(time.count()) / 5;
  if (fifth == 0) return time;
  return time - microseconds(static_cast<std::int64_t>(seeded_random(of.seq.value() ^ failures).below(fifth)));
}

} // namespace weft::delivery
