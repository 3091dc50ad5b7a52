// mesh/delivery/failing.hpp: what becomes of events that a group's members do not get processed. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/slots.hpp"

#include <string>

namespace weft::delivery {

/// What is done with an event that keeps failing.
enum class after_failing : std::uint8_t {
  block,       ///< it is tried for ever; its key waits, others go on
  park,        ///< it is kept aside, and so are all later events of its key, in order
  skip,        ///< it counts as processed
  dead_letter, ///< it is kept aside; its key goes on
};

/// How a group treats failures. Keys are told apart by their 16-bit hashes: one key in 65,536 is parked with another.
struct failure_policy {
  after_failing then = after_failing::block;
  std::uint32_t deliveries_max = limits::group_deliveries_max; ///< before `then`
  microseconds backoff_first = limits::group_backoff_first;
  microseconds backoff_most = limits::group_backoff_most;
};

/// How often an event was tried in vain.
struct trials {
  std::uint32_t failures = 0; ///< a member said so
  std::uint32_t losses = 0;   ///< the member was lost that had it
  mono_time first, last;
  mono_time not_before; ///< of the next trial
  std::string cause{};  ///< of the last failure

  [[nodiscard]] std::uint32_t all() const noexcept { return failures + losses; }
  /// Those that are held against it. The first losses are not: others were lost with it.
  [[nodiscard]] std::uint32_t counted() const noexcept {
    return failures + (losses > limits::group_losses_max ? losses : 0);
  }
};

/// Before the trial after so many failures: twice as long each time, less up to a fifth so that what failed together
/// does not come again together. @pre failures > 0
[[nodiscard]] microseconds backoff(const failure_policy& policy, std::uint32_t failures, const log_position& of);

} // namespace weft::delivery
