// mesh/delivery/failing.hpp: what becomes of events that a group's members do not get processed. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/slots.hpp"

#include <string>

namespace weft::delivery {

using wire::after_failing;
using wire::failure_policy;

/// How often an event was tried in vain.
struct trials {
  std::uint32_t failures = 0; ///< a member said so
  std::uint32_t losses = 0;   ///< the member was lost that had it
  mono_time first, last;
  mono_time not_before;  ///< of the next trial
  std::string cause{};   ///< of the last failure
  bool rejected = false; ///< by who tried it last: it can never be processed

  [[nodiscard]] std::uint32_t all() const noexcept { return failures + losses; }
  /// Those that are held against it. The first losses are not: others were lost with it.
  [[nodiscard]] std::uint32_t counted() const noexcept {
    return failures + (losses > limits::group_losses_max ? losses : 0);
  }
  /// Whether the group is done with trying it. With `block` it never is: nobody may pass over an event there, and who
  /// rejects it may be replaced by a member that knows better.
  [[nodiscard]] bool end(const failure_policy& policy) const noexcept {
    return policy.then != after_failing::block && (rejected || counted() >= policy.deliveries_max);
  }
};

/// Before the trial after so many failures: twice as long each time, less up to a fifth so that what failed together
/// does not come again together. @pre failures > 0
[[nodiscard]] microseconds backoff(const failure_policy& policy, std::uint32_t failures, const log_position& of);

} // namespace weft::delivery
